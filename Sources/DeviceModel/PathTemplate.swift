/// Paths without the numbers of their instances.
package enum PathTemplate {
  /// The path with `{i}` for each instance number and alias.
  package static func text(of path: String) -> String {
    var parts = path.split(separator: ".", omittingEmptySubsequences: false)
    for index in parts.indices where isInstance(parts[index]) { parts[index] = "{i}" }
    return parts.joined(separator: ".")
  }

  /// Whether a path is that of an instance rather than of what is in one, or of its table.
  package static func endsInInstance(_ path: String) -> Bool {
    path.split(separator: ".").last.map(isInstance) ?? false
  }

  /// Whether a part of a path is the number or alias of an instance.
  static func isInstance(_ part: Substring) -> Bool {
    guard let first = part.utf8.first else { return false }
    if first == UInt8(ascii: "[") { return part.utf8.last == UInt8(ascii: "]") }
    return part.utf8.allSatisfy { $0 &- UInt8(ascii: "0") <= 9 }
  }

  /// What tells the vendor in the first part of a path that is one's own, for example `X_AVM-DE` (TR-106 3.3).
  static func vendorPrefix(in path: String) -> String? {
    for part in path.split(separator: ".") where part.utf8.starts(with: "X_".utf8) {
      return "X_" + part.dropFirst(2).prefix { $0 != "_" }
    }
    return nil
  }
}
