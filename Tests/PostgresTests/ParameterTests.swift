import Postgres
import Testing

/// Each type of parameter goes to the server and comes back the same.
@Suite struct ParameterTests {
  let connection: Connection

  init() throws {
    connection = try connectToSharedDatabase()
  }

  @Test func scalarsComeBack() throws {
    let rows = try connection.query(
      "SELECT $1 AS a, $2 AS b, $3 AS c, $4 AS d, $5 AS e, $6 AS f, $7 AS g, $8 AS h, $9 AS i, $10 AS j",
      .bool(true), .int2(.min), .int4(.max), .int8(.min), .float8(-0.1), .text("Größe 🛰 'x'"),
      .bytea([0, 255, 39, 0]), .timestamptz(1_764_000_000.123456), .jsonb(#"{"a": [1, null]}"#),
      .jsonb(Array(#"[true]"#.utf8)))
    let row = try #require(rows.first)
    #expect(try row.bool("a"))
    #expect(try row.int16("b") == .min)
    #expect(try row.int32("c") == .max)
    #expect(try row.int64("d") == .min)
    #expect(try row.double("e") == -0.1)
    #expect(try row.string("f") == "Größe 🛰 'x'")
    #expect(try row.bytes("g") == [0, 255, 39, 0])
    #expect(abs(try row.timestamp("h") - 1_764_000_000.123456) < 0.000001)
    #expect(try row.jsonText("i") == #"{"a": [1, null]}"#)
    #expect(try row.json("j") == Array("[true]".utf8))
  }

  @Test func theServerSeesTheSameTypes() throws {
    let rows = try connection.query(
      """
      SELECT pg_typeof($1)::text, pg_typeof($2)::text, pg_typeof($3)::text, pg_typeof($4)::text,
        pg_typeof($5)::text, pg_typeof($6)::text, pg_typeof($7)::text, pg_typeof($8)::text,
        $9::timestamptz = '2001-02-03 04:05:06.000007Z', $10::int8 + 1
      """,
      .boolArray([true]), .int2Array([1]), .int4Array([1]), .int8Array([1]), .textArray(["x"]),
      .byteaArray([[1]]), .timestamptzArray([0.0]), .jsonbArray(["1"]),
      .timestamptz(981_173_106.000007), .int8(41))
    let row = try #require(rows.first)
    let types = try (0..<8).map { try row.string(Column($0)) }
    #expect(
      types == [
        "boolean[]", "smallint[]", "integer[]", "bigint[]", "text[]", "bytea[]",
        "timestamp with time zone[]", "jsonb[]",
      ])
    #expect(try row.bool(8))
    #expect(try row.int64(9) == 42)
  }

  @Test func absentScalarsAreNULL() throws {
    let rows = try connection.query(
      "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10::date",
      .bool(nil), .int2(nil), .int4(nil), .int8(nil), .float8(nil), .text(nil), .bytea(nil),
      .timestamptz(nil), .jsonb(nil as String?), .null)
    let row = try #require(rows.first)
    for place in 0..<10 { #expect(try row.isNull(Column(place))) }
    #expect(try row.optionalBool(0) == nil)
    #expect(try row.optionalInt16(1) == nil)
    #expect(try row.optionalInt32(2) == nil)
    #expect(try row.optionalInt64(3) == nil)
    #expect(try row.optionalInt(3) == nil)
    #expect(try row.optionalDouble(4) == nil)
    #expect(try row.optionalString(5) == nil)
    #expect(try row.optionalBytes(6) == nil)
    #expect(try row.optionalTimestamp(7) == nil)
    #expect(try row.optionalJSON(8) == nil)
  }

  @Test func emptyValuesAreNotNULL() throws {
    let row = try #require(
      try connection.query(
        "SELECT $1, $2, $3, $4", .text(""), .bytea([]), .textArray([""]),
        .byteaArray([[]])
      ).first)
    #expect(try row.string(0) == "")
    #expect(try row.bytes(1) == [])
    #expect(try row.textArray(2) == [""])
    #expect(try row.bytesArray(3) == [[]])
  }

  @Test func arraysComeBack() throws {
    let rows = try connection.query(
      "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9",
      .boolArray([true, false]), .int2Array([-1, 2]), .int4Array([.min, .max]),
      .int8Array([.min, 0, .max]), .float8Array([0.5, -.infinity]),
      .textArray(["", "a,b", "\"{}"]),
      .byteaArray([[], [0, 1]]), .timestamptzArray([0, 1.5]), .jsonbArray(["{}", "[1]"]))
    let row = try #require(rows.first)
    #expect(try row.boolArray(0) == [true, false])
    #expect(try row.int16Array(1) == [-1, 2])
    #expect(try row.int32Array(2) == [.min, .max])
    #expect(try row.int64Array(3) == [.min, 0, .max])
    #expect(try row.doubleArray(4) == [0.5, -.infinity])
    #expect(try row.textArray(5) == ["", "a,b", "\"{}"])
    #expect(try row.bytesArray(6) == [[], [0, 1]])
    #expect(try row.timestampArray(7) == [0, 1.5])
    #expect(try row.jsonArray(8).map { String(decoding: $0, as: UTF8.self) } == ["{}", "[1]"])
  }

  @Test func elementsMayBeNULL() throws {
    let rows = try connection.query(
      "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9",
      .boolArray([nil, false]), .int2Array([-1, nil]), .int4Array([nil, nil]),
      .int8Array([.min, nil, .max]), .float8Array([nil, 2]), .textArray([nil, "", "NULL"]),
      .byteaArray([nil, [0]]), .timestamptzArray([nil, 1.5]),
      .jsonbArray([nil, Array("null".utf8)]))
    let row = try #require(rows.first)
    #expect(try row.boolArrayWithNulls(0) == [nil, false])
    #expect(try row.int16ArrayWithNulls(1) == [-1, nil])
    #expect(try row.int32ArrayWithNulls(2) == [nil, nil])
    #expect(try row.int64ArrayWithNulls(3) == [.min, nil, .max])
    #expect(try row.doubleArrayWithNulls(4) == [nil, 2])
    #expect(try row.textArrayWithNulls(5) == [nil, "", "NULL"])
    #expect(try row.bytesArrayWithNulls(6) == [nil, [0]])
    #expect(try row.timestampArrayWithNulls(7) == [nil, 1.5])
    #expect(try row.jsonArrayWithNulls(8) == [nil, Array("null".utf8)])
  }

  @Test func emptyArraysAreEmpty() throws {
    let row = try #require(
      try connection.query(
        "SELECT $1, cardinality($1), $2, NULL::text[]", .int8Array([] as [Int64]),
        .textArray([] as [String?])
      ).first)
    #expect(try row.int64Array(0) == [])
    #expect(try row.int32(1) == 0)
    #expect(try row.textArrayWithNulls(2) == [])
    #expect(try row.optionalTextArray(3) == nil)
  }

  @Test func aBatchOfColumnsBecomesRows() throws {
    let deviceCount = 128
    try connection.query(
      "CREATE TEMPORARY TABLE device (id bigint PRIMARY KEY, name text, chunk bytea)")
    let ids = (0..<deviceCount).map { Int64($0) }
    let rows = try connection.query(
      "INSERT INTO device SELECT * FROM unnest($1, $2, $3)",
      .int8Array(ids),
      .textArray(ids.map { $0 % 2 == 0 ? "device \($0)" : nil }),
      .byteaArray(ids.map { [UInt8](repeating: UInt8($0), count: Int($0)) }))
    #expect(rows.affectedRows == deviceCount)
    let back = try connection.query(
      "SELECT id, name, chunk FROM device WHERE length(chunk) = id ORDER BY id")
    #expect(back.count == deviceCount)
    #expect(try back[4].optionalString("name") == "device 4")
    #expect(try back[5].optionalString("name") == nil)
    #expect(try back[100].bytes("chunk") == [UInt8](repeating: 100, count: 100))
  }

  @Test(arguments: [Double.nan, 1e300, -1e300])
  func impossibleTimesAreRefusedBeforeTheyAreSent(_ time: Double) throws {
    let error = #expect(throws: PostgresError.self) {
      try connection.query("SELECT $1", .timestamptz(time))
    }
    #expect(error?.code == .parameter)
    #expect(try connection.query("SELECT 1").count == 1)
  }

  @Test func infiniteTimesAreInfinite() throws {
    let row = try #require(
      try connection.query(
        "SELECT $1, $2, $1::text", .timestamptz(.infinity), .timestamptz(-.infinity)
      ).first)
    #expect(try row.timestamp(0) == .infinity)
    #expect(try row.timestamp(1) == -.infinity)
    #expect(try row.string(2) == "infinity")
  }

  @Test func aParameterShowsItsTypeAlone() {
    #expect("\(Parameter.text("secret"))" == "a parameter of type text")
  }
}
