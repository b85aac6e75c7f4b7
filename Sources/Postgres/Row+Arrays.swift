import CLibPQ

/// Arrays have three readers each: of an array without NULLs, of one that may itself be NULL
/// (`optional…Array`), and of one whose elements may be NULL (`…ArrayWithNulls`).
extension Row {
  package func boolArray(_ column: Column) throws(PostgresError) -> [Bool] {
    try presentArray(BoolFormat.self, column)
  }

  package func optionalBoolArray(_ column: Column) throws(PostgresError) -> [Bool]? {
    try optionalArray(BoolFormat.self, column)
  }

  package func boolArrayWithNulls(_ column: Column) throws(PostgresError) -> [Bool?] {
    try nullableArray(BoolFormat.self, column)
  }

  package func int16Array(_ column: Column) throws(PostgresError) -> [Int16] {
    try presentArray(Int2Format.self, column)
  }

  package func optionalInt16Array(_ column: Column) throws(PostgresError) -> [Int16]? {
    try optionalArray(Int2Format.self, column)
  }

  package func int16ArrayWithNulls(_ column: Column) throws(PostgresError) -> [Int16?] {
    try nullableArray(Int2Format.self, column)
  }

  package func int32Array(_ column: Column) throws(PostgresError) -> [Int32] {
    try presentArray(Int4Format.self, column)
  }

  package func optionalInt32Array(_ column: Column) throws(PostgresError) -> [Int32]? {
    try optionalArray(Int4Format.self, column)
  }

  package func int32ArrayWithNulls(_ column: Column) throws(PostgresError) -> [Int32?] {
    try nullableArray(Int4Format.self, column)
  }

  package func int64Array(_ column: Column) throws(PostgresError) -> [Int64] {
    try presentArray(Int8Format.self, column)
  }

  package func optionalInt64Array(_ column: Column) throws(PostgresError) -> [Int64]? {
    try optionalArray(Int8Format.self, column)
  }

  package func int64ArrayWithNulls(_ column: Column) throws(PostgresError) -> [Int64?] {
    try nullableArray(Int8Format.self, column)
  }

  package func doubleArray(_ column: Column) throws(PostgresError) -> [Double] {
    try presentArray(Float8Format.self, column)
  }

  package func optionalDoubleArray(_ column: Column) throws(PostgresError) -> [Double]? {
    try optionalArray(Float8Format.self, column)
  }

  package func doubleArrayWithNulls(_ column: Column) throws(PostgresError) -> [Double?] {
    try nullableArray(Float8Format.self, column)
  }

  package func textArray(_ column: Column) throws(PostgresError) -> [String] {
    try presentArray(TextFormat.self, column)
  }

  package func optionalTextArray(_ column: Column) throws(PostgresError) -> [String]? {
    try optionalArray(TextFormat.self, column)
  }

  package func textArrayWithNulls(_ column: Column) throws(PostgresError) -> [String?] {
    try nullableArray(TextFormat.self, column)
  }

  package func bytesArray(_ column: Column) throws(PostgresError) -> [[UInt8]] {
    try presentArray(ByteaFormat.self, column)
  }

  package func optionalBytesArray(_ column: Column) throws(PostgresError) -> [[UInt8]]? {
    try optionalArray(ByteaFormat.self, column)
  }

  package func bytesArrayWithNulls(_ column: Column) throws(PostgresError) -> [[UInt8]?] {
    try nullableArray(ByteaFormat.self, column)
  }

  /// Seconds since 1970.
  package func timestampArray(_ column: Column) throws(PostgresError) -> [Double] {
    try presentArray(TimestampFormat.self, column)
  }

  package func optionalTimestampArray(_ column: Column) throws(PostgresError) -> [Double]? {
    try optionalArray(TimestampFormat.self, column)
  }

  package func timestampArrayWithNulls(_ column: Column) throws(PostgresError) -> [Double?] {
    try nullableArray(TimestampFormat.self, column)
  }

  package func jsonArray(_ column: Column) throws(PostgresError) -> [[UInt8]] {
    try presentArray(JSONFormat.self, column)
  }

  package func optionalJSONArray(_ column: Column) throws(PostgresError) -> [[UInt8]]? {
    try optionalArray(JSONFormat.self, column)
  }

  package func jsonArrayWithNulls(_ column: Column) throws(PostgresError) -> [[UInt8]?] {
    try nullableArray(JSONFormat.self, column)
  }
}

// MARK: -

extension Row {
  private func presentArray<Format: ValueFormat>(_ format: Format.Type, _ column: Column)
    throws(PostgresError) -> [Format.Value]
  {
    guard let values = try optionalArray(format, column) else { throw unexpectedNull(column) }
    return values
  }

  private func optionalArray<Format: ValueFormat>(_ format: Format.Type, _ column: Column)
    throws(PostgresError) -> [Format.Value]?
  {
    guard var reader = try arrayReader(format, column) else { return nil }
    var values: [Format.Value] = []
    values.reserveCapacity(reader.count)
    for _ in 0..<reader.count {
      switch reader.next(Format.self) {
      case .value(let value): values.append(value)
      case .null:
        throw PostgresError(.decoding, "an element of \(column) is NULL where a value is expected")
      case nil: throw malformed(Format.arrayType, column)
      }
    }
    return values
  }

  private func nullableArray<Format: ValueFormat>(_ format: Format.Type, _ column: Column)
    throws(PostgresError) -> [Format.Value?]
  {
    guard var reader = try arrayReader(format, column) else { throw unexpectedNull(column) }
    var values: [Format.Value?] = []
    values.reserveCapacity(reader.count)
    for _ in 0..<reader.count {
      switch reader.next(Format.self) {
      case .value(let value): values.append(value)
      case .null: values.append(nil)
      case nil: throw malformed(Format.arrayType, column)
      }
    }
    return values
  }

  private func arrayReader<Format: ValueFormat>(_ format: Format.Type, _ column: Column)
    throws(PostgresError) -> ArrayReader?
  {
    let place = try place(of: column)
    let type = PostgresType(rawValue: PQftype(rows.handle, place))
    guard ArrayReader.isArray(type) else { throw mismatch(type, Format.arrayType, column) }
    guard let field = field(place) else { return nil }
    guard let reader = ArrayReader(field) else { throw malformed(type, column) }
    guard
      reader.elementType == Format.type || Format.alsoReadable.contains(reader.elementType)
    else { throw mismatch(type, Format.arrayType, column) }
    return reader
  }
}
