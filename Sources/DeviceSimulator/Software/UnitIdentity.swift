import Cryptography

/// What the URL of a deployment unit tells of it: the last component is `NAME-VERSION.EXTENSION`.
struct UnitIdentity: Sendable, Equatable {
  var name: String
  var version: String

  init(url: String) {
    var file = url.prefix { $0 != "?" && $0 != "#" }
    if let slash = file.lastIndex(of: "/") { file = file[file.index(after: slash)...] }
    for suffix in [".tar.gz", ".tgz", ".tar", ".ipk", ".jar", ".zip", ".bin"]
    where file.hasSuffix(suffix) {
      file = file.dropLast(suffix.count)
      break
    }
    guard let dash = file.lastIndex(of: "-"), dash > file.startIndex,
      file[file.index(after: dash)...].first?.isNumber ?? false
    else {
      name = file.isEmpty ? "unit" : String(file.prefix(64))
      version = "1.0.0"
      return
    }
    name = String(file[..<dash].prefix(64))
    version = String(file[file.index(after: dash)...].prefix(32))
  }

  /// A UUID for a name (RFC 4122, version 5 by its marks), the same on every device.
  var uuid: String {
    var bytes = Array(SHA256.digest(of: Array(("fairlead-unit:" + name).utf8)).prefix(16))
    bytes[6] = bytes[6] & 0x0F | 0x50
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = Array(Hex.encode(bytes))
    return [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20..<32]]
      .map { String($0) }.joined(separator: "-")
  }

  /// Whether a text has the form `8-4-4-4-12` of hexadecimal digits.
  static func isUUID(_ text: String) -> Bool {
    let groups = text.split(separator: "-", omittingEmptySubsequences: false)
    return groups.map(\.count) == [8, 4, 4, 4, 12]
      && groups.allSatisfy { $0.allSatisfy { $0.isASCII && $0.isHexDigit } }
  }

  /// Whether one version is below another, number by number.
  static func isVersion(_ version: String, below other: String) -> Bool {
    func numbers(_ text: String) -> [Int] {
      text.split { !$0.isNumber }.map { Int($0) ?? .max }
    }
    return numbers(version).lexicographicallyPrecedes(numbers(other))
  }
}
