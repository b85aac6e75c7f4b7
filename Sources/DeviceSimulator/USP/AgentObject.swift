import CWMP
import USP

/// One object or table of an agent's supported data model, shared by all agents of the model.
final class AgentObject: Sendable {
  let definition: ObjectDefinition
  /// With `{i}` for rows and a dot at its end.
  let path: String
  let parameters: [AgentParameter]
  let objects: [AgentObject]
  let commands: [AgentCommand]
  /// With their arguments' names.
  let events: [String: [String]]
  /// The parameters of each unique key.
  let uniqueKeys: [[String]]
  /// What GetSupportedDM says of it, with everything that can be asked for.
  let supported: USPGetSupportedDMResp.SupportedObjectResult
  private let objectPlaces: [String: Int]
  private let parameterPlaces: [String: Int]

  init(
    definition: ObjectDefinition, path: String, parameters: [AgentParameter],
    objects: [AgentObject], commands: [AgentCommand], events: [String: [String]],
    uniqueKeys: [[String]], supported: USPGetSupportedDMResp.SupportedObjectResult
  ) {
    self.definition = definition
    self.path = path
    self.parameters = parameters
    self.objects = objects
    self.commands = commands
    self.events = events
    self.uniqueKeys = uniqueKeys
    self.supported = supported
    objectPlaces = Dictionary(
      objects.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { one, _ in one })
    parameterPlaces = Dictionary(
      parameters.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { one, _ in one })
  }

  var name: String { definition.name }
  var isTable: Bool { definition.isTable }

  /// Whether a controller may make and remove rows.
  var isChangeable: Bool { definition.capacity != nil }

  func object(_ name: String) -> AgentObject? { objectPlaces[name].map { objects[$0] } }

  func parameter(_ name: String) -> AgentParameter? { parameterPlaces[name].map { parameters[$0] } }

  /// - Parameter name: with its parentheses.
  func command(_ name: String) -> AgentCommand? { commands.first { $0.name == name } }
}

/// One parameter of an agent's supported data model.
struct AgentParameter: Sendable {
  let definition: ParameterDefinition
  /// May be given when the row is made, and once where it is empty (TR-106 3.2, writeOnceReadOnly).
  let isWriteOnce: Bool

  var name: String { definition.name }
  var isWritable: Bool { definition.isWritable }
}
