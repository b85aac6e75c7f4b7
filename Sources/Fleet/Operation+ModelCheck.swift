import DeviceModel

/// What is known of a device before anything is asked of it: its data model, and the tree that it has shown.
package struct DeviceKnowledge: Sendable {
  /// Nil where none fits.
  package var model: DataModel?
  /// What the tree has at a path, which has no aliases or wildcards; nil for all of them where no tree is known.
  package var parameter: @Sendable (_ path: String) -> StoredParameter?

  package init(
    model: DataModel?,
    parameter: @escaping @Sendable (_ path: String) -> StoredParameter? = { _ in nil }
  ) {
    self.model = model
    self.parameter = parameter
  }
}

extension Operation {
  /// What a device's data model and its tree have against the operation, which is otherwise in order.
  ///
  /// A device may stray from its model, so that none of it is certain; what the device has shown counts more than the model.
  package func problems(by knowledge: DeviceKnowledge) -> [Diagnostic] {
    var check = ModelCheck(knowledge: knowledge)
    switch self {
    case .set(let values): check.checkSetting(values)
    case .add(let object, let values): check.checkAdding(object, values)
    case .delete(let object): check.checkDeleting(object)
    case .setAttributes(let changes): check.check(changes)
    default: break
    }
    return check.problems
  }

  /// Whether trees and data models have a say in it.
  package var isJudgedByModels: Bool {
    switch self {
    case .set, .add, .delete, .setAttributes: true
    default: false
    }
  }

  /// The full paths that it names.
  package var paths: [String] {
    switch self {
    case .get(let paths), .getAttributes(let paths): paths
    case .set(let values): values.map(\.path)
    case .add(let object, _), .delete(let object): [object]
    case .setAttributes(let changes): changes.map(\.path)
    case .refresh(let path): [path]
    default: []
    }
  }

  /// The operation with values that are written as they are, whatever devices or models have against them.
  package var forced: Operation {
    func forced(_ values: [Assignment]) -> [Assignment] {
      values.map {
        var value = $0
        // A type that nobody named is nobody's will.
        value.isForced = value.type != nil
        return value
      }
    }
    return switch self {
    case .set(let values): .set(forced(values))
    case .add(let object, let values): .add(object: object, values: forced(values))
    default: self
    }
  }

  /// The operation with the types that the model has for what is written, where its author tells none.
  package func typed(by model: DataModel) -> Operation {
    func typed(_ values: [Assignment], below object: String = "") -> [Assignment] {
      values.map { value in
        var value = value
        if value.type == nil {
          value.type = model[object + value.path]?.syntax?.writtenType
        }
        return value
      }
    }
    return switch self {
    case .set(let values): .set(typed(values))
    case .add(let object, let values):
      .add(object: object, values: typed(values, below: object + "{i}."))
    default: self
    }
  }
}

extension Assignment {
  /// The type with which it is written: the device's own comes first, unless the author insists on his.
  ///
  /// - Parameter shown: the type that the device's tree tells.
  package func writtenType(onDevice shown: ParameterType?) -> ParameterType? {
    isForced ? type ?? shown : shown ?? type
  }
}

extension Syntax {
  /// The type that a value of it has in a message: a list is a text.
  fileprivate var writtenType: ParameterType { list == nil ? ParameterType(primitive) : .string }
}

struct ModelCheck {
  let knowledge: DeviceKnowledge
  var problems: [Diagnostic] = []
  /// What the operation sets, by path: a list may come with what is chosen from it.
  var written: [String: String] = [:]

  init(knowledge: DeviceKnowledge) { self.knowledge = knowledge }

  mutating func problem(_ message: String, hint: String? = nil, field: String) {
    problems.append(Diagnostic(message, hint: hint, field: field))
  }

  // MARK: Operations

  mutating func checkSetting(_ values: [Assignment]) {
    for value in values { written[value.path] = value.value }
    for (index, assignment) in values.enumerated() {
      let field = "values[\(index)]"
      let known = knowledge.parameter(assignment.path)
      guard let item = item(at: assignment.path, isShown: known != nil, field: field) else {
        continue
      }
      if !(known?.writable ?? (item.access != .readOnly)) {
        problem(
          "“\(assignment.path)” can only be read\(known?.writable == nil ? "" : " on this device").",
          field: "\(field).path")
      } else if item.access == .writeOnceReadOnly, known?.writable == nil {
        problem(
          "“\(assignment.path)” can be set only while its row is added.", field: "\(field).path")
      }
      check(assignment, item, at: assignment.path, field: field)
    }
  }

  mutating func checkAdding(_ object: String, _ values: [Assignment]) {
    let table = object + "{i}."
    if let model = knowledge.model, model[table] == nil, model[object] != nil {
      problem("“\(object)” has no rows.", hint: nil, field: "object")
      return
    }
    guard let item = item(at: table, isShown: knowledge.parameter(object) != nil, field: "object")
    else { return }
    if item.access == .readOnly, knowledge.parameter(object)?.writable != true {
      problem("Rows of “\(object)” are the device's own to add.", field: "object")
    }
    for (index, assignment) in values.enumerated() {
      let field = "values[\(index)]"
      guard let item = self.item(at: table + assignment.path, isShown: false, field: field) else {
        continue
      }
      if item.access == .readOnly {
        problem("“\(assignment.path)” can only be read.", field: "\(field).path")
      }
      check(assignment, item, at: table + assignment.path, field: field)
    }
  }

  mutating func checkDeleting(_ object: String) {
    let known = knowledge.parameter(object)
    guard let item = item(at: object, isShown: known != nil, field: "object") else { return }
    if !(known?.writable ?? (item.access != .readOnly)) {
      problem("Rows like “\(object)” are the device's own to remove.", field: "object")
    }
  }

  mutating func check(_ changes: [AttributeChange]) {
    for (index, change) in changes.enumerated() {
      let isShown = knowledge.parameter(change.path) != nil
      _ = item(at: change.path, isShown: isShown, field: "attributes[\(index)]", name: "path")
    }
  }

  // MARK: Parts

  /// - Parameter path: the assignment's, in full; `{i}` is a row that is about to be added.
  private mutating func check(
    _ assignment: Assignment, _ item: ModelItem, at path: String, field: String
  ) {
    guard let syntax = item.syntax else { return }
    if let type = assignment.type, type.primitive != syntax.primitive, syntax.list == nil,
      knowledge.parameter(assignment.path)?.type != type
    {
      problem(
        "“\(assignment.path)” is of the type \(syntax.primitive.rawValue), not \(type.rawValue).",
        hint: "leave the type out", field: "\(field).type")
    }
    for found in syntax.problems(of: assignment.value).prefix(3) {
      problem(
        "\(assignment.path): \(found.message)", hint: "allowed is \(syntax.words)",
        field: "\(field).value")
    }
    checkReferences(of: assignment.value, syntax, at: path, field: field)
    // Devices of older issues of the model have it still.
    if item.effectiveStatus == .deleted, knowledge.parameter(assignment.path) == nil {
      problem(
        "“\(assignment.path)” was deleted from the data model.", field: "\(field).path")
    }
  }

  /// The item at a path; nil where there is nothing to check by, which is a problem where the path seems to be mistaken.
  private mutating func item(
    at path: String, isShown: Bool, field: String, name: String = ""
  ) -> ModelItem? {
    guard let model = knowledge.model else { return nil }
    if let item = model[path] { return item }
    // A table itself.
    if path.hasSuffix("."), model[path + "{i}."] != nil { return nil }
    // What the device has shown, or a vendor has added, is not the model's to judge.
    guard !isShown, !path.contains("X_"), let root = model.items.first?.path else { return nil }
    guard path.hasPrefix(root) else { return nil }
    var parent = path
    repeat {
      parent = parent.dropLast().lastIndex(of: ".").map { String(path[...$0]) } ?? root
    } while parent != root && model[parent] == nil
    let rest = path.dropFirst(parent.count)
    let missing = String(rest.prefix { $0 != "." })
    let near = model.names(below: parent).nearest(to: missing)
    let member = name.isEmpty ? (field == "object" ? field : "\(field).path") : "\(field).\(name)"
    problem(
      "The data model \(model.name) has no “\(missing.clipped(to: 128))” in “\(parent)”.",
      hint: near.map { "“\(parent)\($0)” is meant?" }, field: member)
    return nil
  }
}

extension DataModel {
  /// The names of what is directly in an object, without dots.
  package func names(below path: String) -> [String] {
    guard let place = place(of: path) else { return [] }
    let own = items[place].path.utf8.count
    var names: Set<String> = []
    for item in items where item.parent == place {
      let rest = item.path.utf8.dropFirst(own)
      if let name = String(rest.prefix { $0 != UInt8(ascii: ".") }), !name.isEmpty {
        names.insert(name)
      }
    }
    return names.sorted()
  }
}
