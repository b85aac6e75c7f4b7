import DeviceModel

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
    var last = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
    // Vendors number them: WEPKey1, Password_2.
    while let end = last.last, end.isNumber || end == "_" || end == "-" { last.removeLast() }
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
    flaw(of: path, maxCharacters) { path throws(InstancePath.Flaw) in
      let parsed = try InstancePath(path, taking: allowsWildcards ? [.aliases, .wildcards] : .cwmp)
      guard parsed.parts.last == .wildcard else { return nil }
      return Flaw(.init(kind: .trailingWildcard, part: "*", isFirst: false), in: path)
    }
  }

  /// Nil where the path names what can be read: a parameter, an object, or all that wildcards, aliases, searches and followed
  /// references stand for (TR-369 2.5).
  static func flaw(ofQuery path: String, maxCharacters: Int) -> Flaw? {
    flaw(of: path, maxCharacters) { path throws(InstancePath.Flaw) in
      _ =
        try path.hasOperators
        ? InstancePath(path, taking: [.wildcards, .searches, .references])
        : InstancePath(path, taking: [.aliases, .wildcards])
      return nil
    }
  }

  /// Whether rows are looked for by their values, or references followed, which USP alone can.
  package static func isSearch(_ path: String) -> Bool {
    path.hasOperators
      && (try? InstancePath(path, taking: [.wildcards, .searches, .references])) != nil
  }

  private static func flaw(
    of path: String, _ maxCharacters: Int,
    _ check: (String) throws(InstancePath.Flaw) -> Flaw?
  ) -> Flaw? {
    // A character may have any number of scalars; the bytes are bounded first so that counting is cheap.
    guard path.utf8.count <= 4 * maxCharacters, path.count <= maxCharacters else {
      return Flaw(message: "The path is longer than \(maxCharacters) characters.", hint: nil)
    }
    do throws(InstancePath.Flaw) {
      return try check(path)
    } catch {
      return Flaw(error, in: path)
    }
  }

  /// Nil where the path names a command of one object, or of all that wildcards, aliases or searches stand for.
  static func flaw(ofCommand path: String, maxCharacters: Int) -> Flaw? {
    flaw(of: path, maxCharacters) { path throws(InstancePath.Flaw) in
      let parsed = try commandPath(path)
      guard parsed.ending != .command else { return nil }
      return Flaw(
        message: "“\(path)” names no command.",
        hint: "write it as in “Device.Reboot()”")
    }
  }

  /// In brackets there are either aliases or searches.
  private static func commandPath(_ text: String) throws(InstancePath.Flaw) -> InstancePath {
    do throws(InstancePath.Flaw) {
      return try InstancePath(text, taking: [.aliases, .wildcards, .commandsAndEvents])
    } catch {
      return try InstancePath(text, taking: .usp)
    }
  }
}

extension ParameterPath.Flaw {
  fileprivate init(_ flaw: InstancePath.Flaw, in path: String) {
    let part = flaw.part
    switch flaw.kind {
    case .empty:
      self.init(
        message: "The path is empty.", hint: "write at least the root, for example “Device.”")
    case .nothingBetweenDots:
      self.init(
        message: "“\(path)” has nothing before a dot.",
        hint: flaw.isFirst ? "write the path without the dot in front" : "write one dot, not two")
    case .placeholder:
      self.init(
        message: "“\(path)” has a placeholder.", hint: "write the instance's number for {i}")
    case .trailingWildcard:
      self.init(
        message: "“\(path)” ends with a wildcard.",
        hint: "leave the * out: the object's path stands for all below it")
    case .wildcard:
      self.init(
        message: "“\(path)” has a wildcard.", hint: "write the instance's number for *")
    case .number:
      self.init(
        message: "“\(part)” in “\(path)” is neither a name nor an instance number.", hint: nil)
    case .alias:
      self.init(
        message: "“\(part)” in “\(path)” is not an alias.", hint: "write it as in [cpe-1]")
    case .search:
      self.init(
        message: "“\(part)” in “\(path)” is not a search.",
        hint: #"write it as in [Alias=="cpe-1"] or [Enable==true&&Name!="a"]"#)
    case .reference:
      self.init(
        message: "“\(part)” in “\(path)” follows no reference.",
        hint: "write it as in Device.IP.Interface.1.LowerLayers#1+.Name")
    case .name, .ending:
      self.init(
        message: "“\(part)” in “\(path)” is not a name.",
        hint: "names have letters, digits, hyphens and underscores and start with a letter")
    }
  }
}

extension String {
  /// Whether it has a character that stands in searches and followed references alone.
  fileprivate var hasOperators: Bool {
    utf8.contains { "=<>!~+".utf8.contains($0) }
  }
}
