import ArgumentParser
import DeviceModel
import ShippedModels

/// What the shell offers for paths of parameters: one level at a time, from the models that come with this program.
package enum PathCompletion {
  package static let paths = CompletionKind.custom { _, _, prefix in candidates(for: prefix) }

  /// For `PATH=VALUE`: parameters that can be written, with the equals sign.
  package static let assignments = CompletionKind.custom { _, _, prefix in
    candidates(for: prefix, isAssignment: true)
  }

  private static let roots = ["Device.", "InternetGatewayDevice."]

  package static func candidates(for prefix: String, isAssignment: Bool = false) -> [String] {
    guard let root = roots.first(where: prefix.hasPrefix) else {
      return roots.filter { $0.hasPrefix(prefix) }
    }
    let name = ModelChoice(root).shipped
    guard let model = ShippedModels.model(named: name)?.model else { return [] }
    if isAssignment, let equals = prefix.firstIndex(of: "=") {
      return values(of: String(prefix[..<equals]), in: model).filter { $0.hasPrefix(prefix) }
    }
    var found = children(of: prefix, in: model, isAssignment: isAssignment)
    // The shell takes the only candidate for the end of the word; an object isn't.
    if found.count == 1, let only = found.first, only.hasSuffix(".") {
      let inside = children(of: only, in: model, isAssignment: isAssignment)
      if !inside.isEmpty { found = inside }
    }
    if isAssignment, found.count == 1, let only = found.first, only.hasSuffix("=") {
      let values = values(of: String(only.dropLast()), in: model)
      if !values.isEmpty { found = values }
    }
    return found
  }

  /// Assignments of the values that a parameter takes, where they can be told one by one and need no quotes.
  private static func values(of path: String, in model: DataModel) -> [String] {
    guard let syntax = model[path]?.syntax, syntax.list == nil else { return [] }
    let values =
      syntax.primitive == .boolean
      ? ["false", "true"] : syntax.enumerations.filter(\.isWritable).map(\.value)
    return values.filter { $0.wholeMatch(of: /[A-Za-z0-9_.+-]+/) != nil }.map { "\(path)=\($0)" }
  }

  /// What a path may go on with: names below the last dot, or the number of an instance.
  private static func children(of prefix: String, in model: DataModel, isAssignment: Bool)
    -> [String]
  {
    guard let dot = prefix.lastIndex(of: ".") else { return [] }
    let object = String(prefix[...dot])
    let start = prefix[prefix.index(after: dot)...]
    guard let place = model.place(of: object) else {
      // A table: its rows have numbers.
      guard model.place(of: object + "{i}.") != nil else { return [] }
      return start.isEmpty ? [object + "1."] : start.allSatisfy(\.isNumber) ? [prefix + "."] : []
    }
    var names: Set<String> = []
    for child in model.children(of: place) {
      let item = model.items[child]
      guard item.effectiveStatus < .obsoleted, item.kind == .object || item.kind == .parameter
      else {
        continue
      }
      var rest = item.path.dropFirst(model.items[place].path.count)
      guard rest.hasPrefix(start) else { continue }
      if item.kind == .object {
        if rest.hasSuffix("{i}.") { rest = rest.dropLast(4) }
        names.insert(object + rest)
      } else if !isAssignment {
        names.insert(object + rest)
      } else if item.access == .readWrite {
        names.insert(object + rest + "=")
      }
    }
    return names.sorted()
  }
}
