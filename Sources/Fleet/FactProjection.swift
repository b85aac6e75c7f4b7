/// Tells which parameters of a tree are facts; made for being asked about every parameter of whole trees.
package struct FactProjection: Sendable {
  /// The names of the facts, without the root, each once.
  package let names: [String]

  /// A name starts at offset 0 so that the look-up by a part of a path needs no copy.
  private let indices: [Substring: Int]
  /// Whether some name has so many UTF-8 bytes: most paths are dismissed by their length alone.
  private let hasLength: [Bool]

  /// - Parameter names: Paths of parameters, with or without the root.
  package init(names: [String] = Facts.standard) {
    var indices: [Substring: Int] = [:]
    var canonical: [String] = []
    for name in names.map(canonicalFactName) where indices[name[...]] == nil {
      indices[name[...]] = canonical.count
      for other in CommonParameters.namesInTR098(name) { indices[other[...]] = canonical.count }
      canonical.append(name)
    }
    self.names = canonical
    self.indices = indices
    let lengths = indices.keys.map(\.utf8.count)
    var hasLength = Array(repeating: false, count: (lengths.max() ?? 0) + 1)
    for length in lengths { hasLength[length] = true }
    self.hasLength = hasLength
  }

  /// The position in ``names`` of the fact that a parameter is; nil where it is none.
  ///
  /// - Parameter path: The full path, with the root.
  package func index(of path: String) -> Int? {
    let bytes = path.utf8
    let rootLength: Int
    switch bytes.first {
    case UInt8(ascii: "D"): rootLength = 7
    case UInt8(ascii: "I"): rootLength = 22
    default: return nil
    }
    let length = bytes.count - rootLength
    guard length > 0, length < hasLength.count, hasLength[length],
      bytes.starts(with: rootLength == 7 ? "Device.".utf8 : "InternetGatewayDevice.".utf8)
    else { return nil }
    return indices[path[bytes.index(bytes.startIndex, offsetBy: rootLength)...]]
  }

  /// The name of the fact that a parameter is; nil where it is none.
  package func factName(of path: String) -> String? {
    index(of: path).map { names[$0] }
  }
}
