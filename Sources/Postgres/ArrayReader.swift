/// Reads the elements of an array in binary format.
///
/// The bytes must outlive it.
struct ArrayReader {
  let elementType: PostgresType
  let count: Int
  private var rest: UnsafeRawBufferPointer

  enum Element<Value> {
    case value(Value)
    case null
  }

  private static let arrayTypes: Set<PostgresType> = [
    .jsonArray, .boolArray, .byteaArray, .nameArray, .int2Array, .int4Array, .textArray,
    .varcharArray, .int8Array, .float8Array, .timestamptzArray, .jsonbArray,
  ]

  static func isArray(_ type: PostgresType) -> Bool { arrayTypes.contains(type) }

  /// Nil unless the bytes are an array of at most one dimension.
  init?(_ bytes: UnsafeRawBufferPointer) {
    rest = bytes
    guard let dimensions = Self.integer(from: &rest), (0...1).contains(dimensions),
      Self.integer(from: &rest) != nil, let type = Self.integer(from: &rest)
    else { return nil }
    elementType = PostgresType(rawValue: UInt32(bitPattern: type))
    guard dimensions == 1 else {
      count = 0
      return
    }
    guard let length = Self.integer(from: &rest), length >= 0, Self.integer(from: &rest) != nil,
      // Every element has at least its length, so a false count can't make us reserve memory.
      Int(length) <= rest.count / 4
    else { return nil }
    count = Int(length)
  }

  /// Nil if the bytes make no sense.
  mutating func next<Format: ValueFormat>(_ format: Format.Type) -> Element<Format.Value>? {
    guard let length = Self.integer(from: &rest) else { return nil }
    if length == -1 { return .null }
    guard length >= 0, Int(length) <= rest.count else { return nil }
    let bytes = UnsafeRawBufferPointer(rebasing: rest[..<Int(length)])
    rest = UnsafeRawBufferPointer(rebasing: rest[Int(length)...])
    return Format.read(bytes, of: elementType).map { .value($0) }
  }

  private static func integer(from bytes: inout UnsafeRawBufferPointer) -> Int32? {
    guard bytes.count >= 4 else { return nil }
    defer { bytes = UnsafeRawBufferPointer(rebasing: bytes[4...]) }
    return Int32(bigEndian: bytes.loadUnaligned(as: Int32.self))
  }
}
