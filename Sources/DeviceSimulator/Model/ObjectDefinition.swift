/// One object or table of a device model with everything below it.
final class ObjectDefinition: Sendable {
  let name: String
  let isTable: Bool
  /// How many instances a new device has, numbered from 1.
  let instances: UInt32
  /// Up to how many instances AddObject makes; nil where the table cannot be changed.
  let capacity: Int?
  let parameters: [ParameterDefinition]
  let objects: [ObjectDefinition]

  init(
    name: String, isTable: Bool = false, instances: UInt32 = 0, capacity: Int? = nil,
    parameters: [ParameterDefinition] = [], objects: [ObjectDefinition] = []
  ) {
    self.name = name
    self.isTable = isTable
    self.instances = instances
    self.capacity = capacity
    self.parameters = parameters
    self.objects = objects
  }

  /// This object with another one of the same name laid over it: what both have is the other's.
  func merging(_ other: ObjectDefinition) -> ObjectDefinition {
    var parameters = parameters
    for parameter in other.parameters {
      if let index = parameters.firstIndex(where: { $0.name == parameter.name }) {
        parameters[index] = parameter
      } else {
        parameters.append(parameter)
      }
    }
    var objects = objects
    for object in other.objects {
      if let index = objects.firstIndex(where: { $0.name == object.name }) {
        objects[index] = object.isTable ? object : objects[index].merging(object)
      } else {
        objects.append(object)
      }
    }
    return ObjectDefinition(
      name: name, isTable: isTable, instances: instances, capacity: capacity,
      parameters: parameters, objects: objects)
  }

  /// How many paths a new device has from here on, itself counted; capped where it would overflow.
  var pathCount: Int {
    var below = parameters.count
    for object in objects { below = min(Self.countCap, below + object.pathCount) }
    guard isTable else { return below + 1 }
    return min(Self.countCap, 1 + Int(instances) * (below + 1))
  }

  private static let countCap = 1 << 40
}
