import CLibPQ
import Glibc

/// One row of a result.
///
/// Every reader throws `.decoding` if there's no such column, if its type is another, and, unless the
/// name begins with `optional`, if it is NULL.
package struct Row: Sendable {
  let rows: Rows
  let index: Int32

  package func isNull(_ column: Column) throws(PostgresError) -> Bool {
    PQgetisnull(rows.handle, index, try place(of: column)) == 1
  }

  package func bool(_ column: Column) throws(PostgresError) -> Bool {
    try present(BoolFormat.self, column)
  }

  package func optionalBool(_ column: Column) throws(PostgresError) -> Bool? {
    try value(BoolFormat.self, column)
  }

  package func int16(_ column: Column) throws(PostgresError) -> Int16 {
    try present(Int2Format.self, column)
  }

  package func optionalInt16(_ column: Column) throws(PostgresError) -> Int16? {
    try value(Int2Format.self, column)
  }

  /// Reads int2 too.
  package func int32(_ column: Column) throws(PostgresError) -> Int32 {
    try present(Int4Format.self, column)
  }

  package func optionalInt32(_ column: Column) throws(PostgresError) -> Int32? {
    try value(Int4Format.self, column)
  }

  /// Reads int4, int2 and oid too.
  package func int64(_ column: Column) throws(PostgresError) -> Int64 {
    try present(Int8Format.self, column)
  }

  package func optionalInt64(_ column: Column) throws(PostgresError) -> Int64? {
    try value(Int8Format.self, column)
  }

  /// `int64` as an Int.
  package func int(_ column: Column) throws(PostgresError) -> Int {
    Int(try present(Int8Format.self, column))
  }

  package func optionalInt(_ column: Column) throws(PostgresError) -> Int? {
    try value(Int8Format.self, column).map { Int($0) }
  }

  /// Reads float4 too.
  package func double(_ column: Column) throws(PostgresError) -> Double {
    try present(Float8Format.self, column)
  }

  package func optionalDouble(_ column: Column) throws(PostgresError) -> Double? {
    try value(Float8Format.self, column)
  }

  package func string(_ column: Column) throws(PostgresError) -> String {
    try present(TextFormat.self, column)
  }

  package func optionalString(_ column: Column) throws(PostgresError) -> String? {
    try value(TextFormat.self, column)
  }

  package func bytes(_ column: Column) throws(PostgresError) -> [UInt8] {
    try present(ByteaFormat.self, column)
  }

  package func optionalBytes(_ column: Column) throws(PostgresError) -> [UInt8]? {
    try value(ByteaFormat.self, column)
  }

  /// Seconds since 1970 of a timestamptz.
  package func timestamp(_ column: Column) throws(PostgresError) -> Double {
    try present(TimestampFormat.self, column)
  }

  package func optionalTimestamp(_ column: Column) throws(PostgresError) -> Double? {
    try value(TimestampFormat.self, column)
  }

  /// The UTF-8 text of a jsonb or json.
  package func json(_ column: Column) throws(PostgresError) -> [UInt8] {
    try present(JSONFormat.self, column)
  }

  package func optionalJSON(_ column: Column) throws(PostgresError) -> [UInt8]? {
    try value(JSONFormat.self, column)
  }

  /// The text of a jsonb or json.
  package func jsonText(_ column: Column) throws(PostgresError) -> String {
    try present(JSONTextFormat.self, column)
  }

  package func optionalJSONText(_ column: Column) throws(PostgresError) -> String? {
    try value(JSONTextFormat.self, column)
  }

  /// Shows the bytes of a bytea where they lie, without a copy.
  package func withBytes<Result>(_ column: Column, _ body: (RawSpan) throws -> Result) throws
    -> Result
  {
    let place = try place(of: column)
    try check(ByteaFormat.self, place, column)
    guard let field = field(place) else { throw unexpectedNull(column) }
    return try body(field.bytes)
  }
}

// MARK: -

extension Row {
  func present<Format: ValueFormat>(_ format: Format.Type, _ column: Column)
    throws(PostgresError) -> Format.Value
  {
    guard let value = try value(format, column) else { throw unexpectedNull(column) }
    return value
  }

  func value<Format: ValueFormat>(_ format: Format.Type, _ column: Column)
    throws(PostgresError) -> Format.Value?
  {
    let place = try place(of: column)
    let type = try check(format, place, column)
    guard let field = field(place) else { return nil }
    guard let value = Format.read(field, of: type) else { throw malformed(type, column) }
    return value
  }

  /// The bytes of a value, nil for NULL. They live as long as the result.
  func field(_ place: Int32) -> UnsafeRawBufferPointer? {
    if PQgetisnull(rows.handle, index, place) == 1 { return nil }
    return UnsafeRawBufferPointer(
      start: PQgetvalue(rows.handle, index, place),
      count: Int(PQgetlength(rows.handle, index, place)))
  }

  func place(of column: Column) throws(PostgresError) -> Int32 {
    let count = PQnfields(rows.handle)
    switch column.reference {
    case .place(let place):
      if place >= 0, place < Int(count) { return Int32(place) }
    case .name(let name):
      for place in 0..<count {
        guard let candidate = PQfname(rows.handle, place) else { continue }
        if strcmp(candidate, UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self))
          == 0
        {
          return place
        }
      }
    }
    throw PostgresError(
      .decoding,
      "the result has no \(column), only \(rows.columnNames.joined(separator: ", "))")
  }

  @discardableResult
  private func check<Format: ValueFormat>(
    _ format: Format.Type, _ place: Int32, _ column: Column
  ) throws(PostgresError) -> PostgresType {
    let type = PostgresType(rawValue: PQftype(rows.handle, place))
    guard type == Format.type || Format.alsoReadable.contains(type) else {
      throw mismatch(type, Format.type, column)
    }
    return type
  }

  func mismatch(_ type: PostgresType, _ wanted: PostgresType, _ column: Column) -> PostgresError {
    PostgresError(.decoding, "\(column) is of type \(type), which can't be read as \(wanted)")
  }

  func malformed(_ type: PostgresType, _ column: Column) -> PostgresError {
    PostgresError(.decoding, "\(column) holds no valid value of type \(type)")
  }

  func unexpectedNull(_ column: Column) -> PostgresError {
    PostgresError(.decoding, "\(column) is NULL where a value is expected")
  }
}
