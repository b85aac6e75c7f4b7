import Fleet

/// The stored form of a sorted run of parameters.
///
/// Columns compress better than rows: first the paths, front-coded (the length shared with the path before, then
/// the rest), then the attributes, the times as differences, the lengths of the values, and the values. zstd packs the whole.
struct TreeCodec {
  /// The number of the format, as `device_chunk.codec` holds it.
  enum Codec: Int16 {
    /// zstd without a dictionary.
    case plain = 1
    /// zstd with the dictionary of standard names, first edition.
    case standardNames = 2
  }

  static let current = Codec.standardNames
  /// More parameters than this are in no chunk; a stored count above it is damage.
  static let maxParameters = 1 << 20

  private let compressor = Compressor()
  private var buffer: [UInt8] = []
  private var values: [UInt8] = []

  mutating func encode(_ parameters: ArraySlice<StoredParameter>) throws(TreeCodecError) -> [UInt8]
  {
    buffer.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    appendPaths(parameters)
    for parameter in parameters { buffer.append(Self.attributes(of: parameter)) }
    for parameter in parameters {
      if let notification = parameter.notification { buffer.append(notification) }
    }
    var previous: Int64 = 0
    for parameter in parameters {
      buffer.append(signed: parameter.changedAt - previous)
      previous = parameter.changedAt
    }
    for parameter in parameters {
      guard let value = parameter.value else { continue }
      buffer.append(unsigned: UInt64(value.utf8.count))
      values.append(contentsOf: value.utf8)
    }
    buffer.append(contentsOf: values)
    return try compressor.compress(buffer, dictionary: Self.dictionary(for: Self.current))
  }

  private mutating func appendPaths(_ parameters: ArraySlice<StoredParameter>) {
    buffer.append(unsigned: UInt64(parameters.count))
    var shared: [Int] = []
    shared.reserveCapacity(parameters.count)
    var previous = ""
    for parameter in parameters {
      shared.append(sharedPrefixLength(previous, parameter.path))
      previous = parameter.path
    }
    for length in shared { buffer.append(unsigned: UInt64(length)) }
    for (parameter, length) in zip(parameters, shared) {
      buffer.append(contentsOf: parameter.path.utf8.dropFirst(length))
      // A byte that no path has ends each: zstd matches "name + end" with the dictionary as one piece.
      buffer.append(0)
    }
  }

  private static func attributes(of parameter: StoredParameter) -> UInt8 {
    var byte = UInt8(ParameterType.allCases.firstIndex(of: parameter.type) ?? 0)
    if parameter.value != nil { byte |= 0x10 }
    if parameter.notification != nil { byte |= 0x20 }
    if let writable = parameter.writable { byte |= writable ? 0xc0 : 0x40 }
    return byte
  }

  func decode(_ data: [UInt8], codec: Int16) throws(TreeCodecError) -> [StoredParameter] {
    guard let codec = Codec(rawValue: codec) else { throw .unknownCodec(codec) }
    let expanded = try compressor.expand(data, dictionary: Self.dictionary(for: codec))
    var reader = ByteReader(expanded)
    let count = try reader.count(atMost: Self.maxParameters)
    guard count <= expanded.count else { throw .malformed }

    let paths = try Self.paths(count: count, from: &reader)
    var attributes: [UInt8] = []
    attributes.reserveCapacity(count)
    for _ in 0..<count { attributes.append(try reader.byte()) }
    var result: [StoredParameter] = []
    result.reserveCapacity(count)
    for index in 0..<count {
      let bits = attributes[index]
      guard Int(bits & 0x0f) < ParameterType.allCases.count else { throw .malformed }
      result.append(
        StoredParameter(
          path: paths[index], type: ParameterType.allCases[Int(bits & 0x0f)],
          writable: bits & 0x40 == 0 ? nil : bits & 0x80 != 0,
          notification: bits & 0x20 == 0 ? nil : try reader.byte(), changedAt: 0))
    }
    var time: Int64 = 0
    for index in 0..<count {
      time &+= try reader.signed()
      result[index].changedAt = time
    }
    var lengths: [Int] = []
    lengths.reserveCapacity(count)
    for index in 0..<count {
      lengths.append(
        attributes[index] & 0x10 == 0 ? -1 : try reader.count(atMost: expanded.count))
    }
    for index in 0..<count where lengths[index] >= 0 {
      result[index].value = try reader.string(lengths[index])
    }
    return result
  }

  private static func paths(count: Int, from reader: inout ByteReader) throws(TreeCodecError)
    -> [String]
  {
    var shared: [Int] = []
    shared.reserveCapacity(count)
    for _ in 0..<count { shared.append(try reader.count(atMost: 1 << 16)) }
    var paths: [String] = []
    paths.reserveCapacity(count)
    var path: [UInt8] = []
    for length in shared {
      guard length <= path.count else { throw .malformed }
      path.removeSubrange(length...)
      while true {
        let byte = try reader.byte()
        if byte == 0 { break }
        path.append(byte)
      }
      paths.append(String(decoding: path, as: UTF8.self))
    }
    return paths
  }

  private static func dictionary(for codec: Codec) -> ChunkDictionary? {
    switch codec {
    case .plain: nil
    case .standardNames: ChunkDictionary.standardNames
    }
  }
}

/// How many bytes two paths have in common at their start.
func sharedPrefixLength(_ one: String, _ other: String) -> Int {
  var one = one
  var other = other
  return one.withUTF8 { first in
    other.withUTF8 { second in
      let limit = min(first.count, second.count)
      var index = 0
      while index < limit, first[index] == second[index] { index += 1 }
      return index
    }
  }
}
