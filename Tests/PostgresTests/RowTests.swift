import Postgres
import Testing

/// What a result refuses to be read as.
@Suite struct RowTests {
  let connection: Connection

  init() throws {
    connection = try connectToSharedDatabase()
  }

  private func expectDecodingError(_ words: String, _ body: () throws -> Void) {
    let error = #expect(throws: PostgresError.self, performing: body)
    #expect(error?.code == .decoding)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test func aWrongTypeIsNamed() throws {
    let row = try #require(try connection.query("SELECT 1.5 AS price, 'x'::text AS t").first)
    expectDecodingError("column price is of type numeric, which can't be read as int8") {
      _ = try row.int64("price")
    }
    expectDecodingError("column 1 is of type text, which can't be read as bytea") {
      _ = try row.bytes(1)
    }
    expectDecodingError("which can't be read as int8[]") { _ = try row.int64Array("t") }
  }

  @Test func anUnexpectedNULLIsNamed() throws {
    let row = try #require(
      try connection.query("SELECT NULL::int AS a, ARRAY[1, NULL] AS b, NULL::int[] AS c").first)
    expectDecodingError("column a is NULL") { _ = try row.int32("a") }
    expectDecodingError("an element of column b is NULL") { _ = try row.int32Array("b") }
    expectDecodingError("column c is NULL") { _ = try row.int32Array("c") }
    expectDecodingError("column c is NULL") { _ = try row.int32ArrayWithNulls("c") }
  }

  @Test func anUnknownColumnIsNamed() throws {
    let row = try #require(try connection.query("SELECT 1 AS a, 2 AS b").first)
    expectDecodingError("no column missing, only a, b") { _ = try row.int32("missing") }
    expectDecodingError("no column 2") { _ = try row.int32(2) }
    expectDecodingError("no column -1") { _ = try row.int32(-1) }
  }

  @Test func narrowIntegersAreReadAsWideOnes() throws {
    let row = try #require(
      try connection.query("SELECT 1::int2, 2::int4, 3::oid, 1.5::float4, ARRAY[1, 2]::int2[]")
        .first)
    #expect(try row.int64(0) == 1)
    #expect(try row.int32(0) == 1)
    #expect(try row.int(1) == 2)
    #expect(try row.int64(2) == 3)
    #expect(try row.double(3) == 1.5)
    #expect(try row.int64Array(4) == [1, 2])
    expectDecodingError("can't be read as int2") { _ = try row.int16(1) }
  }

  @Test func arraysOfSeveralDimensionsAreRefused() throws {
    let row = try #require(try connection.query("SELECT ARRAY[[1, 2], [3, 4]]").first)
    expectDecodingError("no valid value") { _ = try row.int32Array(0) }
  }

  @Test func bytesAreShownInPlace() throws {
    let row = try #require(try connection.query("SELECT '\\x010203'::bytea").first)
    let sum = try row.withBytes(0) { span in
      (0..<span.byteCount).reduce(0) {
        $0 + Int(span.unsafeLoad(fromByteOffset: $1, as: UInt8.self))
      }
    }
    #expect(sum == 6)
  }

  @Test func rowsAreACollection() throws {
    let rows = try connection.query("SELECT generate_series(1, 5) AS n")
    #expect(rows.count == 5)
    #expect(try rows.map { try $0.int("n") } == [1, 2, 3, 4, 5])
    #expect(rows.columnNames == ["n"])
    #expect(rows.commandTag == "SELECT 5")
  }

  @Test func rowsOutliveTheirConnection() throws {
    let rows = try connection.query("SELECT 'still here'::text")
    connection.close()
    #expect(try rows[0].string(0) == "still here")
  }
}
