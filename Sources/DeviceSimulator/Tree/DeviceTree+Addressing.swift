import CWMP

/// Paths as requests write them: with instance numbers, aliases in brackets and wildcards (TR-069 Amendment 6, 3.6.1 and A.2.2.1).
extension DeviceTree {
  /// An entry that a request's path denotes, and how the answer spells it.
  struct Match {
    var position: Int
    /// Instances are named as the request named them; a wildcard is replaced.
    var spelling: String
  }

  /// Whether the device takes aliases in paths.
  var isAliasBased: Bool { setting("AliasBasedAddressing") == "true" }

  private var takesWildcards: Bool { setting("InstanceWildcardsSupported") == "true" }

  private var createsInstances: Bool { setting("AutoCreateInstances") == "true" }

  private var answersWithAliases: Bool {
    isAliasBased && setting("InstanceMode") == "InstanceAlias"
  }

  /// A setting of the management server that no time and no chance has a part in.
  private func setting(_ name: String) -> String? {
    storedValue(model.path("ManagementServer." + name), at: Self.noTime)
  }

  private static let noTime = ReadingTime(uptime: 0, clock: 0)

  /// What a path denotes; an empty one is the whole tree. Throws fault 9005 where it denotes nothing.
  func matches(_ path: String, wildcards: Bool) throws(FaultDetail) -> [Match] {
    if path.isEmpty { return [Match(position: 0, spelling: layout.entries[0].path)] }
    if let position = layout.position(path) { return [Match(position: position, spelling: path)] }
    guard path.utf8.contains(where: { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "*") }),
      let segments = Self.segments(of: path), let last = segments.last
    else { throw .cpeInvalidParameterName }
    guard last != "*." else { throw .cpeInvalidParameterName }
    var matches = [Match(position: -1, spelling: "")]
    for segment in segments {
      var next: [Match] = []
      for match in matches {
        if segment == "*." {
          guard wildcards, takesWildcards else { throw .cpeInvalidParameterName }
          next += try instances(of: match)
        } else if let found = child(segment, of: match) {
          next.append(found)
        }
      }
      // A wildcard may meet no instance; anything else must be there.
      guard !next.isEmpty || segment == "*." || matches.isEmpty else {
        throw .cpeInvalidParameterName
      }
      matches = next
    }
    return matches
  }

  private func instances(of match: Match) throws(FaultDetail) -> [Match] {
    guard match.position >= 0, case .table = layout.entries[match.position].kind else {
      throw .cpeInvalidParameterName
    }
    return layout.children(of: match.position).map { position in
      Match(position: position, spelling: match.spelling + instanceName(position) + ".")
    }
  }

  private func child(_ segment: String, of match: Match) -> Match? {
    let prefix = match.position < 0 ? "" : layout.entries[match.position].path
    if let position = layout.position(prefix + segment) {
      return Match(position: position, spelling: match.spelling + segment)
    }
    guard let alias = Self.alias(in: segment), isAliasBased, match.position >= 0,
      case .table = layout.entries[match.position].kind,
      let position = layout.children(of: match.position).first(where: {
        self.alias(of: $0) == alias
      })
    else { return nil }
    return Match(position: position, spelling: match.spelling + segment)
  }

  /// `a.[x.y].b` is `a.`, `[x.y].`, `b`; nil where a bracket is not closed.
  private static func segments(of path: String) -> [String]? {
    var segments: [String] = []
    var segment = ""
    var isInBrackets = false
    for character in path {
      segment.append(character)
      switch character {
      case "[": isInBrackets = true
      case "]": isInBrackets = false
      case "." where !isInBrackets:
        segments.append(segment)
        segment = ""
      default: break
      }
    }
    if !segment.isEmpty { segments.append(segment) }
    return isInBrackets ? nil : segments
  }

  /// The alias of `[alias].`, nil for anything else.
  static func alias(in segment: some StringProtocol) -> String? {
    guard segment.hasPrefix("["), segment.hasSuffix("]."), segment.count > 3 else { return nil }
    return String(segment.dropFirst().dropLast(2))
  }

  private func alias(of position: Int) -> String? {
    storedValue(layout.entries[position].path + "Alias", at: Self.noTime)
  }

  /// The number of an instance, or its alias in brackets where the ACS has asked for that.
  private func instanceName(_ position: Int) -> String {
    if answersWithAliases, let alias = alias(of: position), !alias.isEmpty { return "[\(alias)]" }
    return String(layout.entries[position].instances.last ?? 0)
  }

  /// How an answer spells an entry: as the request did as far as that went, then by InstanceMode.
  func spelling(of position: Int, below match: Match) -> String {
    let path = layout.entries[position].path
    let start = layout.entries[match.position].path
    let rest = path.dropFirst(start.count)
    guard answersWithAliases, !rest.isEmpty else {
      return match.spelling == start ? path : match.spelling + rest
    }
    var real = start
    var text = match.spelling
    for segment in rest.split(separator: ".", omittingEmptySubsequences: false)
    where !segment.isEmpty {
      real += segment + "."
      if let position = layout.position(real), case .instance = layout.entries[position].kind {
        text += instanceName(position) + "."
      } else {
        text += segment + "."
      }
    }
    return path.hasSuffix(".") ? text : String(text.dropLast())
  }

  /// The path with instance numbers that SetParameterValues is to write to; missing instances are made where that is allowed.
  mutating func writablePath(_ name: String) throws(FaultDetail) -> String {
    if layout.position(name) != nil { return name }
    guard isAliasBased, let segments = Self.segments(of: name) else {
      throw .cpeInvalidParameterName
    }
    var path = ""
    for segment in segments {
      if let alias = Self.alias(in: segment) {
        if let match = try? matches(path + segment, wildcards: false).first {
          path = layout.entries[match.position].path
        } else {
          guard createsInstances else { throw .cpeInvalidParameterName }
          path += String(try addObject(path + "[\(alias)].")) + "."
        }
      } else {
        path += segment
      }
    }
    return path
  }

  /// The one entry that a path without wildcards denotes.
  func match(_ path: String) throws(FaultDetail) -> Match {
    guard !path.isEmpty, let match = try matches(path, wildcards: false).first else {
      throw .cpeInvalidParameterName
    }
    return match
  }
}
