import DeviceModel

/// Values that refer to something else (TR-106 3.2.4).
extension ModelCheck {
  /// Whether a value that refers to the values of another parameter is one of those that the device has there, and whether one that
  /// is a path leads to where the model says. What it leads to need not be there.
  ///
  /// - Parameter path: of the parameter, in full; `{i}` is a row that is about to be added.
  mutating func checkReferences(
    of value: String, _ syntax: Syntax, at path: String, field: String
  ) {
    guard let model = knowledge.model, let place = model.place(of: path) else { return }
    let shown = knowledge.parameter(path)?.value
    // What the device has itself is right for it.
    guard value != shown else { return }
    let items = syntax.items(of: value)
    for reference in syntax.references {
      let targets = model.targets(of: reference, at: place)
      switch reference.kind {
      case .enumeration:
        checkEnumeration(items, reference, targets, at: path, field: field)
      case .path:
        // A value that the model names besides stands for something else.
        let named = syntax.enumerations.map(\.value)
        let own = shown.map { syntax.items(of: $0) } ?? []
        let flaws = items.compactMap { item -> PathFlaw? in
          guard !item.isEmpty, !named.contains(item), !item.contains("X_") else { return nil }
          return Self.flaw(of: item, reference, targets, likeAny: own, root: model.root)
        }
        for flaw in flaws.prefix(Self.maxReferenceProblems) {
          problem("\(path): \(flaw.message)", hint: flaw.hint, field: "\(field).value")
        }
      case .instance: break
      }
    }
  }

  /// Of a list that may be long.
  private static let maxReferenceProblems = 3
  /// More are not read by anybody in a message.
  private static let maxNamed = 24

  // MARK: Values of another parameter

  private mutating func checkEnumeration(
    _ items: [String], _ reference: Reference, _ targets: [String], at path: String, field: String
  ) {
    guard let target = targets.first.flatMap({ Self.placed($0, along: path) }),
      let list = written[target] ?? knowledge.parameter(target)?.value
    else { return }
    let allowed = ListItems(list).texts
    // A device that lists nothing has not said anything.
    guard !allowed.isEmpty else { return }
    let wrong = items.filter { !allowed.contains($0) && $0 != reference.nullValue }
    for item in wrong.prefix(Self.maxReferenceProblems) {
      let rest = allowed.count - Self.maxNamed
      let words =
        allowed.prefix(Self.maxNamed).map { "“\($0.clipped(to: 64))”" }.joined(separator: ", ")
        + (rest > 0 ? " and \(rest) more" : "")
      let none = reference.nullValue.map { ", and “\($0)” for none" } ?? ""
      problem(
        "\(path): “\(item.clipped(to: 64))” is not among the values that the device has in \(target).",
        hint: "it has \(words)\(none)", field: "\(field).value")
    }
  }

  /// The path of a target with the instances of the objects in which it is together with another.
  ///
  /// - Returns: nil where it is in rows that the other path does not tell.
  private static func placed(_ target: String, along path: String) -> String? {
    var parts = target.split(separator: ".", omittingEmptySubsequences: false)
    for (index, own) in zip(parts.indices, path.split(separator: ".")) {
      if parts[index] == "{i}" {
        parts[index] = own
      } else if parts[index] != own {
        break
      }
    }
    return parts.contains("{i}") ? nil : parts.joined(separator: ".")
  }

  // MARK: Paths

  private struct PathFlaw {
    var message: String
    var hint: String
  }

  /// - Parameter own: the paths that the device has there itself; it may stray from its model.
  private static func flaw(
    of item: String, _ reference: Reference, _ targets: [String], likeAny own: [String],
    root: String
  ) -> PathFlaw? {
    let shown = "“\(item.clipped(to: 128))”"
    guard let path = try? InstancePath(item, taking: .cwmp),
      path.parts.first?.description == String(root.dropLast())
    else {
      return PathFlaw(
        message: "\(shown) is no path.",
        hint: "write it in full, from \(root)" + words(targets, " on: it is in "))
    }
    if path.ending == .object, !own.contains(where: { $0.hasSuffix(".") }) {
      return PathFlaw(
        message: "\(shown) ends in a dot, and references do not.",
        hint: "leave out the dot at the end")
    }
    let object = above(item)
    guard !targets.isEmpty, !own.contains(where: { above($0) == object }) else { return nil }
    let wantsRow = reference.targetType == "row"
    guard targets.contains(object), !wantsRow || PathTemplate.endsInInstance(item) else {
      return PathFlaw(
        message: "\(shown) is not where this may lead.",
        hint: "it is \(wantsRow ? "a row of" : "in") "
          + targets.prefix(maxNamed).joined(separator: ", "))
    }
    return nil
  }

  private static func words(_ targets: [String], _ start: String) -> String {
    targets.isEmpty ? "" : start + targets.prefix(maxNamed).joined(separator: ", ")
  }

  /// The object that something is directly in, with `{i}` for instances.
  private static func above(_ path: String) -> String {
    let own = path.hasSuffix(".") ? path.dropLast() : path[...]
    return own.lastIndex(of: ".").map { PathTemplate.text(of: String(own[...$0])) } ?? ""
  }
}

extension Syntax {
  /// What is to be looked at one by one: the items of a list, else the value.
  fileprivate func items(of value: String) -> [String] {
    list == nil ? [value] : ListItems(value).texts
  }
}
