/// The syntax of the paths of a device's tree (TR-106, parameter naming).
package enum ParameterPath {
  /// What the last part of a path ends with where the value is a credential, in lower case.
  private static let secretEndings = [
    "password", "passwd", "passphrase", "pass", "pwd", "presharedkey", "wepkey", "key", "secret",
    "pin", "psk", "token", "community",
  ]
  /// Last parts that end so, and whose values are no secrets.
  private static let openNames: Set<String> = ["parameterkey", "commandkey", "publickey"]

  /// Whether a parameter holds a credential, by its name.
  package static func isSecret(_ path: some StringProtocol) -> Bool {
    let last = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
    return !openNames.contains(last) && secretEndings.contains { last.hasSuffix($0) }
  }

  /// What is wrong with a path, and what to write instead.
  struct Flaw: Equatable {
    var message: String
    var hint: String?
  }

  /// Nil where every part of the path is a name, an instance number or an alias in brackets; a path that ends with
  /// a dot names an object.
  ///
  /// - Parameter allowsWildcards: whether `*` may stand for all instances, but not as the last part (TR-069 A.2.2.3).
  static func flaw(of path: String, maxCharacters: Int, allowsWildcards: Bool = false) -> Flaw? {
    guard !path.isEmpty else {
      return Flaw(
        message: "The path is empty.", hint: "write at least the root, for example “Device.”")
    }
    // A character may have any number of scalars; the bytes are bounded first so that counting is cheap.
    guard path.utf8.count <= 4 * maxCharacters, path.count <= maxCharacters else {
      return Flaw(message: "The path is longer than \(maxCharacters) characters.", hint: nil)
    }
    var parts = path.split(separator: ".", omittingEmptySubsequences: false)
    if parts.last?.isEmpty == true { parts.removeLast() }
    for (index, part) in parts.enumerated() {
      if part == "*", allowsWildcards, index > 0 {
        if index < parts.count - 1 { continue }
        return Flaw(
          message: "“\(path)” ends with a wildcard.",
          hint: "leave the * out: the object's path stands for all below it")
      }
      if let flaw = flaw(ofPart: part, isFirst: index == 0, in: path) { return flaw }
    }
    return nil
  }

  /// The instance number, alias or name between two dots.
  private static func flaw(ofPart part: Substring, isFirst: Bool, in path: String) -> Flaw? {
    guard let first = part.unicodeScalars.first else {
      return Flaw(
        message: "“\(path)” has nothing before a dot.",
        hint: isFirst ? "write the path without the dot in front" : "write one dot, not two")
    }
    if part == "{i}" {
      return Flaw(
        message: "“\(path)” has a placeholder.", hint: "write the instance's number for {i}")
    }
    if first.isDigit {
      guard !isFirst, part.unicodeScalars.allSatisfy(\.isDigit), part.unicodeScalars.count <= 10
      else {
        return Flaw(
          message: "“\(part)” in “\(path)” is neither a name nor an instance number.", hint: nil)
      }
      return nil
    }
    if first == "[" {
      let alias = part.dropFirst().dropLast()
      guard !isFirst, part.last == "]", isName(alias), alias.count <= 64 else {
        return Flaw(
          message: "“\(part)” in “\(path)” is not an alias.", hint: "write it as in [cpe-1]")
      }
      return nil
    }
    if part == "*" {
      return Flaw(
        message: "“\(path)” has a wildcard.", hint: "write the instance's number for *")
    }
    guard isName(part) else {
      return Flaw(
        message: "“\(part)” in “\(path)” is not a name.",
        hint: "names have letters, digits, hyphens and underscores and start with a letter")
    }
    return nil
  }

  private static func isName(_ text: Substring) -> Bool {
    guard let first = text.unicodeScalars.first, first == "_" || first.properties.isAlphabetic
    else {
      return false
    }
    return text.unicodeScalars.allSatisfy { scalar in
      scalar == "_" || scalar == "-" || scalar.isDigit || scalar.properties.isAlphabetic
    }
  }
}

extension Unicode.Scalar {
  fileprivate var isDigit: Bool { self >= "0" && self <= "9" }
}
