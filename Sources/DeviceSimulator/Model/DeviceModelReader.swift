import CWMP
import Yams

/// Reads a device model from YAML and tells line and column of what is wrong.
struct DeviceModelReader {
  private let file: String

  init(file: String) {
    self.file = file
  }

  private static let modelKeys = [
    "model", "manufacturer", "oui", "productClass", "inform", "wanAddress", "quirks", "include",
    "tree",
  ]
  private static let parameterKeys = [
    "writable", "hidden", "notify", "range", "values", "maxLength", "level", "initial",
  ]
  private static let objectKeys = ["instances", "addable"]
  private static let maximumDepth = 16

  /// The root object of a file that has nothing but a tree to lay over a model's.
  func fragment(_ yaml: String) throws(SimulatorError) -> ObjectDefinition {
    try root(fields(of: document(yaml), known: ["tree"])["tree"])
  }

  /// - Parameter fragments: Trees that are laid over the model's own, one after the other.
  func model(_ yaml: String, fragments: [ObjectDefinition] = []) throws(SimulatorError)
    -> DeviceModel
  {
    guard yaml.utf8.count <= DeviceModel.maximumFileSize else {
      throw SimulatorError(
        .invalidModel, "\(file): larger than \(DeviceModel.maximumFileSize) bytes")
    }
    let fields = try fields(of: document(yaml), known: Self.modelKeys)
    func text(_ key: String) throws(SimulatorError) -> String {
      guard let node = fields[key] else {
        throw SimulatorError(
          .invalidModel, "\"\(key)\" is missing", at: .init(file: file, line: 1, column: 1))
      }
      return try string(node, key)
    }
    let oui = try text("oui")
    guard oui.utf8.count == 6, oui.allSatisfy(\.isHexDigit) else {
      throw problem("\"oui\" is six hexadecimal digits, quoted, such as \"02FA1E\"", fields["oui"])
    }
    var tree = try root(fields["tree"])
    for fragment in fragments { tree = tree.merging(fragment) }
    for node in try list(fields["include"], "include") {
      tree = tree.merging(try included(node, into: tree))
    }
    guard tree.pathCount <= DeviceModel.maximumPaths else {
      throw problem("the tree has more than \(DeviceModel.maximumPaths) paths", fields["tree"])
    }
    let informNodes = try list(fields["inform"], "inform")
    var inform: [String] = []
    for node in informNodes { inform.append(try string(node, "inform")) }
    let wanAddress = try fields["wanAddress"].map { node throws(SimulatorError) in
      try string(node, "wanAddress")
    }
    let model = DeviceModel(
      name: try text("model"), manufacturer: try text("manufacturer"), oui: oui,
      productClass: try text("productClass"), informParameters: inform, wanAddress: wanAddress,
      quirks: try quirks(fields["quirks"]), tree: tree)
    for (path, node) in zip(inform, informNodes) where model.layout.parameter(path) == nil {
      throw problem("\(path) is not a parameter of the tree", node)
    }
    if let wanAddress, model.layout.parameter(wanAddress) == nil {
      throw problem("\(wanAddress) is not a parameter of the tree", fields["wanAddress"])
    }
    return model
  }

  private func root(_ treeNode: Node?) throws(SimulatorError) -> ObjectDefinition {
    guard let root = treeNode?.mapping, root.count == 1, let entry = root.first else {
      throw problem("\"tree\" holds one root object such as Device", treeNode)
    }
    let tree = try object(
      name: string(entry.key, "the root object"), node: entry.value, key: entry.key, depth: 1)
    guard !tree.isTable else {
      throw problem("the root object cannot be a table", entry.key)
    }
    return tree
  }

  private func quirks(_ node: Node?) throws(SimulatorError) -> Quirks {
    var quirks = Quirks()
    for item in try list(node, "quirks") {
      let text = try string(item, "quirks")
      do throws(SimulatorError) {
        try quirks.insert(text)
      } catch {
        throw problem(error.message, item)
      }
    }
    return quirks
  }

  private func document(_ yaml: String) throws(SimulatorError) -> Node {
    do {
      if let node = try Yams.compose(yaml: yaml) { return node }
    } catch let error as YamlError {
      throw yamlProblem(error)
    } catch {
      throw SimulatorError(.invalidModel, "\(file): \(error)")
    }
    throw SimulatorError(.invalidModel, "\(file) is empty")
  }

  private func yamlProblem(_ error: YamlError) -> SimulatorError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      SimulatorError(
        .invalidModel, problem, at: .init(file: file, line: mark.line, column: mark.column))
    default: SimulatorError(.invalidModel, "\(file): \(error)")
    }
  }

  private func object(name: String, node: Node, key: Node, depth: Int) throws(SimulatorError)
    -> ObjectDefinition
  {
    guard depth <= Self.maximumDepth else {
      throw problem("deeper than \(Self.maximumDepth) objects", key)
    }
    let isTable = name.hasSuffix(".{i}")
    let bareName = isTable ? String(name.dropLast(4)) : name
    try checkName(bareName, key)
    var parameters: [ParameterDefinition] = []
    var objects: [ObjectDefinition] = []
    var names: Set<String> = []
    var instances: UInt32 = isTable ? 1 : 0
    var capacity: Int?
    for (childKey, child) in try members(node, key) {
      let childName = try string(childKey, "a name")
      if Self.objectKeys.contains(childName) {
        guard isTable else {
          throw problem("\"\(childName)\" belongs to a table such as \(bareName).{i}", childKey)
        }
        let number = try number(child, childName, in: 0...10_000)
        if childName == "instances" {
          instances = UInt32(number)
        } else {
          capacity = Int(number)
        }
        continue
      }
      let stem = childName.hasSuffix(".{i}") ? String(childName.dropLast(4)) : childName
      guard names.insert(stem).inserted else { throw problem("\(stem) is there twice", childKey) }
      if try isObject(child, name: childName) {
        objects.append(
          try object(name: childName, node: child, key: childKey, depth: depth + 1))
      } else {
        try checkName(childName, childKey)
        parameters.append(try parameter(name: childName, node: child, key: childKey))
      }
    }
    return ObjectDefinition(
      name: bareName, isTable: isTable, instances: instances, capacity: capacity,
      parameters: parameters, objects: objects)
  }

  /// An object is a mapping without a type in it; an empty one is an object too.
  private func isObject(_ node: Node, name: String) throws(SimulatorError) -> Bool {
    if name.hasSuffix(".{i}") { return true }
    if let mapping = node.mapping {
      return !mapping.contains { pair in
        pair.key.string.map { ValueType(rawValue: $0) != nil } ?? false
      }
    }
    return node.tag == Tag(.null)
  }

  private func members(_ node: Node, _ key: Node) throws(SimulatorError) -> [(Node, Node)] {
    if node.tag == Tag(.null) { return [] }
    guard let mapping = node.mapping else {
      throw problem("an object is a mapping of names", key)
    }
    return mapping.map { ($0.key, $0.value) }
  }

  private func parameter(name: String, node: Node, key: Node) throws(SimulatorError)
    -> ParameterDefinition
  {
    guard let mapping = node.mapping else {
      let (type, value) = try bareValue(node)
      return ParameterDefinition(name: name, type: type, values: [value])
    }
    var type = ValueType.string
    var values: [ValueExpression] = []
    var level = 0
    var isWritable = false
    var isHidden = false
    var notification = 0
    var isNotificationForced = false
    var constraint = ValueConstraint()
    var initial: String?
    for (fieldKey, field) in mapping {
      let fieldName = try string(fieldKey, "a key")
      if let named = ValueType(rawValue: fieldName) {
        guard values.isEmpty else { throw problem("\(name) has two types", fieldKey) }
        type = named
        values = try expressions(field)
        continue
      }
      switch fieldName {
      case "writable": isWritable = true
      case "hidden": isHidden = true
      case "notify":
        switch try string(field, fieldName) {
        case "active": notification = 2
        case "passive": notification = 1
        case "forced":
          notification = 2
          isNotificationForced = true
        case let other:
          throw problem("\"notify\" is active, passive or forced, not \(other)", field)
        }
      case "range": (constraint.minimum, constraint.maximum) = try range(field)
      case "values":
        for item in try list(field, fieldName) {
          constraint.values.append(try string(item, fieldName))
        }
      case "maxLength":
        constraint.maximumLength = Int(try number(field, fieldName, in: 0...1_000_000))
      case "level": level = Int(try number(field, fieldName, in: 1...8))
      case "initial": initial = try string(field, fieldName)
      default:
        throw problem(
          "\"\(fieldName)\" is not known here; there are: a type, "
            + Self.parameterKeys.joined(separator: ", "), fieldKey)
      }
    }
    for value in values {
      if let text = value.constant,
        !ValueConstraint(minimum: constraint.minimum, maximum: constraint.maximum)
          .allows(text, type: type)
      {
        throw problem("\"\(text)\" is not a value of \(name) (\(type.rawValue))", key)
      }
    }
    return ParameterDefinition(
      name: name, type: type, values: values, level: level, isWritable: isWritable,
      isHidden: isHidden, notification: notification, isNotificationForced: isNotificationForced,
      constraint: constraint, initial: initial)
  }

  /// A value without a type: a whole number, true, false, or text.
  private func bareValue(_ node: Node) throws(SimulatorError) -> (ValueType, ValueExpression) {
    let text = try string(node, "a value")
    let type: ValueType =
      switch node.tag {
      case Tag(.bool): .boolean
      case Tag(.int): Int64(text) ?? 0 < 0 ? .int : .unsignedInt
      default: .string
      }
    guard ValueConstraint().allows(text, type: type) else {
      throw problem("\"\(text)\" is not a value that CWMP knows; write it in quotes", node)
    }
    return (type, try expression(node))
  }

  private func expressions(_ node: Node) throws(SimulatorError) -> [ValueExpression] {
    guard let sequence = node.sequence else { return [try expression(node)] }
    guard !sequence.isEmpty else { throw problem("an empty list of values", node) }
    var values: [ValueExpression] = []
    for item in sequence { values.append(try expression(item)) }
    return values
  }

  private func expression(_ node: Node) throws(SimulatorError) -> ValueExpression {
    let text = try string(node, "a value")
    do throws(ValueExpressionProblem) {
      return try ValueExpression(parsing: text)
    } catch {
      throw problem(error.message, node)
    }
  }

  private func range(_ node: Node) throws(SimulatorError) -> (Int64?, Int64?) {
    let text = try string(node, "range")
    guard let dots = text.range(of: "..") else {
      throw problem("\"range\" is written as 1..100, 1.. or ..100", node)
    }
    let lower = String(text[..<dots.lowerBound])
    let upper = String(text[dots.upperBound...])
    guard lower.isEmpty || Int64(lower) != nil, upper.isEmpty || Int64(upper) != nil else {
      throw problem("\"range\" is written as 1..100, 1.. or ..100", node)
    }
    return (Int64(lower), Int64(upper))
  }

  private func fields(of node: Node, known: [String]) throws(SimulatorError) -> [String: Node] {
    guard let mapping = node.mapping else {
      throw problem("a model is a mapping with the keys \(known.joined(separator: ", "))", node)
    }
    var fields: [String: Node] = [:]
    for (key, value) in mapping {
      let name = try string(key, "a key")
      guard known.contains(name) else {
        throw problem(
          "\"\(name)\" is not known here; there are: \(known.joined(separator: ", "))", key)
      }
      fields[name] = value
    }
    return fields
  }

  private func checkName(_ name: String, _ node: Node) throws(SimulatorError) {
    let isValid =
      !name.isEmpty
      && name.utf8.allSatisfy {
        switch $0 {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D: true
        default: false
        }
      } && !(name.utf8.first.map { (0x30...0x39).contains($0) || $0 == 0x2D } ?? true)
    guard isValid else {
      throw problem("\"\(name)\" is no name of an object or parameter", node)
    }
  }

  private func list(_ node: Node?, _ name: String) throws(SimulatorError) -> [Node] {
    guard let node else { return [] }
    guard let sequence = node.sequence else { throw problem("\"\(name)\" is a list", node) }
    return Array(sequence)
  }

  func string(_ node: Node, _ name: String) throws(SimulatorError) -> String {
    guard let text = node.scalar?.string else {
      throw problem("\(name) is a single value", node)
    }
    return text
  }

  private func number(_ node: Node, _ name: String, in range: ClosedRange<Int64>)
    throws(SimulatorError) -> Int64
  {
    let text = try string(node, name)
    guard let number = Int64(text), range.contains(number) else {
      throw problem(
        "\"\(name)\" is a number from \(range.lowerBound) to \(range.upperBound)", node)
    }
    return number
  }

  func problem(_ message: String, _ node: Node?) -> SimulatorError {
    SimulatorError(
      .invalidModel, message,
      at: .init(file: file, line: node?.mark?.line ?? 1, column: node?.mark?.column ?? 1))
  }
}

extension DeviceModel {
  /// Reads a model file; throws with line and column of what is wrong.
  package init(yaml: String, file: String) throws(SimulatorError) {
    self = try DeviceModelReader(file: file).model(yaml)
  }
}
