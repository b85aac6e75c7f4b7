import Fleet

/// The stored form of what a firmware supports: sorted paths, front-coded, each with its kind, access and type, packed by zstd.
struct SupportedModelCodec {
  /// As `supported_model.codec` holds it. A number that has been released keeps its meaning for ever.
  static let current: Int16 = 1

  /// As many items as are kept, with the longest paths.
  static let maxExpandedSize = 16 << 20

  private let compressor = Compressor()

  func encode(_ items: [SupportedItem]) throws(TreeCodecError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(unsigned: UInt64(items.count))
    var previous = ""
    for item in items {
      let shared = sharedPrefixLength(previous, item.path)
      bytes.append(unsigned: UInt64(shared))
      bytes.append(unsigned: UInt64(item.path.utf8.count - shared))
      bytes.append(contentsOf: item.path.utf8.dropFirst(shared))
      bytes.append(Self.number(of: item.kind))
      bytes.append(Self.number(of: item.access))
      bytes.append(Self.number(of: item.type))
      previous = item.path
    }
    guard bytes.count <= Self.maxExpandedSize else { throw .tooLarge }
    return try compressor.compress(bytes, dictionary: nil)
  }

  func decode(_ data: [UInt8], codec: Int16) throws(TreeCodecError) -> [SupportedItem] {
    guard codec == Self.current else { throw .unknownCodec(codec) }
    var reader = ByteReader(
      try compressor.expand(data, dictionary: nil, limit: Self.maxExpandedSize))
    let count = try reader.count(atMost: SupportedModel.maxItems)
    var items: [SupportedItem] = []
    items.reserveCapacity(count)
    var path: [UInt8] = []
    for _ in 0..<count {
      path.removeSubrange(try reader.count(atMost: path.count)...)
      try reader.append(try reader.count(atMost: reader.count), to: &path)
      guard
        let kind: SupportedItem.Kind = try Self.value(try reader.byte())
      else { throw .malformed }
      items.append(
        SupportedItem(
          path: String(decoding: path, as: UTF8.self), kind: kind,
          access: try Self.value(try reader.byte()), type: try Self.value(try reader.byte())))
    }
    return items
  }

  /// 0 for none; the order of the cases is part of the format.
  private static func number<Value: CaseIterable & Equatable>(of value: Value?) -> UInt8 {
    guard let value, let place = Array(Value.allCases).firstIndex(of: value) else { return 0 }
    return UInt8(place + 1)
  }

  private static func value<Value: CaseIterable>(_ number: UInt8) throws(TreeCodecError) -> Value? {
    guard number > 0 else { return nil }
    let all = Array(Value.allCases)
    guard number <= all.count else { throw .malformed }
    return all[Int(number) - 1]
  }
}
