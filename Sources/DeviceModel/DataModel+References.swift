extension DataModel {
  /// The paths that a reference names, in full (TR-106 3.2.4): those of objects end in a dot, `{i}` is any instance.
  ///
  /// A path that goes up beyond the root is left out.
  ///
  /// - Parameters:
  ///   - reference: one of the item's.
  ///   - item: the place of the item in ``items``.
  package func targets(of reference: Reference, at item: Int) -> [String] {
    reference.targets.compactMap { target in
      guard let path = absolute(target, reference.scope ?? .normal, at: item) else { return nil }
      return reference.kind == .enumeration || path.hasSuffix(".") ? path : path + "."
    }
  }

  private func absolute(_ target: String, _ scope: Reference.Scope, at item: Int) -> String? {
    switch scope {
    case .normal where Self.roots.contains(where: target.hasPrefix): return target
    case .normal where target.hasPrefix("."): return root(of: item) + target.dropFirst()
    case .model: return root(of: item) + (target.hasPrefix(".") ? target.dropFirst() : target[...])
    case .normal, .object: break
    }
    var base = Substring(object(of: item))
    var rest = target[...]
    while rest.first == "#" {
      guard let outer = Self.outer(base) else { return nil }
      base = outer
      rest = rest.dropFirst()
    }
    if rest.first == "." { rest = rest.dropFirst() }
    return String(base) + rest
  }

  private static let roots = ["Device.", "InternetGatewayDevice."]

  /// What the paths of the item's model begin with: `Device.`, or the row of a service.
  private func root(of item: Int) -> String {
    let path = items[item].path
    let first = path.prefix { $0 != "." }
    let second = path.dropFirst(first.count + 1).prefix { $0 != "." }
    return second == "{i}" ? "\(first).{i}." : "\(first)."
  }

  /// The object to which the item's relative paths are relative; for arguments it is what they are directly in.
  private func object(of item: Int) -> String {
    let path = items[item].path
    guard !items[item].kind.isObject, let dot = path.lastIndex(of: ".") else { return path }
    return String(path[...dot])
  }

  /// The object that has another in it. A row's is that of its table, so that the table and its rows are one level; so are a
  /// command and its arguments.
  private static func outer(_ path: Substring) -> Substring? {
    var path = path.dropLast()
    for ending in [".{i}", ".Input", ".Output"] where path.hasSuffix(ending) {
      let rest = path.dropLast(ending.count)
      if ending == ".{i}" || rest.hasSuffix("()") { path = rest }
    }
    guard let dot = path.lastIndex(of: ".") else { return nil }
    return path[...dot]
  }
}
