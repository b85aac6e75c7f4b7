/// Every path of a device's tree in order, shared by all devices that have the same instances.
final class TreeLayout: Sendable {
  struct Entry: Sendable {
    /// Objects end with a dot.
    let path: String
    let kind: Kind
    /// The instance numbers in the path, outermost first.
    let instances: [UInt32]
    /// One past the last entry below this one.
    var end: Int

    var parameter: ParameterDefinition? {
      if case .parameter(let definition) = kind { return definition }
      return nil
    }

    /// What GetParameterNames says: for a table AddObject, for an instance DeleteObject (TR-069 A.3.2.3).
    var isWritable: Bool {
      switch kind {
      case .parameter(let definition): definition.isWritable
      case .table(let definition), .instance(let definition): definition.capacity != nil
      case .object: false
      }
    }
  }

  enum Kind: Sendable {
    case object(ObjectDefinition)
    case table(ObjectDefinition)
    case instance(ObjectDefinition)
    case parameter(ParameterDefinition)
  }

  let entries: [Entry]
  private let index: [String: Int]

  /// - Parameter instanceNumbers: the instances of the tables that differ from the model, by the table's path.
  init(_ root: ObjectDefinition, instanceNumbers: [String: [UInt32]]) {
    var builder = Builder(instanceNumbers: instanceNumbers)
    builder.add(root, prefix: "", instances: [])
    entries = builder.entries
    index = Dictionary(
      entries.indices.map { (builder.entries[$0].path, $0) },
      uniquingKeysWith: { first, _ in first }
    )
  }

  func position(_ path: String) -> Int? { index[path] }

  func entry(_ path: String) -> Entry? { index[path].map { entries[$0] } }

  func parameter(_ path: String) -> ParameterDefinition? { entry(path)?.parameter }

  /// The entries one level below the entry at the position.
  func children(of position: Int) -> [Int] {
    var children: [Int] = []
    var next = position + 1
    while next < entries[position].end {
      children.append(next)
      next = entries[next].end
    }
    return children
  }

  private struct Builder {
    let instanceNumbers: [String: [UInt32]]
    var entries: [Entry] = []

    mutating func add(_ object: ObjectDefinition, prefix: String, instances: [UInt32]) {
      let path = prefix + object.name + "."
      guard object.isTable else {
        open(path, .object(object), instances) { builder in
          builder.addMembers(of: object, path: path, instances: instances)
        }
        return
      }
      open(path, .table(object), instances) { builder in
        let numbers = builder.instanceNumbers[path] ?? Array(1..<(object.instances + 1))
        for number in numbers {
          let instancePath = path + String(number) + "."
          let all = instances + [number]
          builder.open(instancePath, .instance(object), all) { builder in
            builder.addMembers(of: object, path: instancePath, instances: all)
          }
        }
      }
    }

    private mutating func addMembers(
      of object: ObjectDefinition, path: String, instances: [UInt32]
    ) {
      for parameter in object.parameters {
        open(path + parameter.name, .parameter(parameter), instances) { _ in }
      }
      for child in object.objects { add(child, prefix: path, instances: instances) }
    }

    private mutating func open(
      _ path: String, _ kind: Kind, _ instances: [UInt32], body: (inout Builder) -> Void
    ) {
      let position = entries.count
      entries.append(Entry(path: path, kind: kind, instances: instances, end: 0))
      body(&self)
      entries[position].end = entries.count
    }
  }
}
