import CWMP
import DeviceModel
import ShippedModels
import USP

/// The supported data model of simulated agents: the gateway of `tr181` as far as the data model for USP has it, and LocalAgent.
package final class AgentModel: Sendable {
  /// The URN of the data model that it follows.
  package static let uri = "urn:broadband-forum-org:tr-181-2-19-1-usp"

  /// Whose devices the agents are.
  package let device: DeviceModel
  let root: AgentObject

  /// - Parameter device: what the agents manage; its root is `Device.`.
  package init(device: DeviceModel) throws(SimulatorError) {
    guard let published = ShippedModels.model(named: "tr-181-2-19-1-usp")?.model else {
      throw SimulatorError(.invalidModel, "the data model tr-181-2-19-1-usp is not there")
    }
    guard device.root == published.root else {
      throw SimulatorError(.invalidModel, "\(device.name) is no model of TR-181")
    }
    self.device = device
    let fragment = try DeviceModelReader(file: "LocalAgent").fragment(Self.localAgent)
    var builder = Builder(published: published)
    guard let root = builder.object(device.tree.merging(fragment), prefix: "") else {
      throw SimulatorError(.invalidModel, "\(device.name) has nothing that TR-181 has")
    }
    self.root = root
  }

  /// The gateway that comes with the simulator.
  package static func tr181() throws -> AgentModel {
    try AgentModel(device: .tr181(.complete))
  }

  /// How many objects and parameters it has, tables counted once.
  package var size: (objects: Int, parameters: Int) {
    var objects = 0
    var parameters = 0
    func count(_ object: AgentObject) {
      objects += 1
      parameters += object.parameters.count
      for child in object.objects { count(child) }
    }
    count(root)
    return (objects, parameters)
  }

  // MARK: Compilation

  private struct Builder {
    let published: DataModel
    private var commands: [String: [AgentCommand]] = [:]
    private var events: [String: [(name: String, arguments: [String])]] = [:]

    init(published: DataModel) {
      self.published = published
      for kind in AgentCommand.Kind.allCases {
        guard let place = published.place(of: kind.rawValue) else { continue }
        let (owner, name) = Self.split(kind.rawValue)
        let arguments = arguments(of: place)
        commands[owner, default: []].append(
          AgentCommand(
            kind: kind, name: name, isAsynchronous: published.items[place].isAsynchronous,
            input: arguments.input, mandatory: arguments.mandatory, output: arguments.output))
      }
      for path in AgentCommand.events {
        guard let place = published.place(of: path) else { continue }
        let (owner, name) = Self.split(path)
        events[owner, default: []].append((name, arguments(of: place).input))
      }
    }

    /// `Device.A.B()` is `Device.A.` and `B()`.
    private static func split(_ path: String) -> (String, String) {
      let end = path.lastIndex(of: ".").map(path.index(after:)) ?? path.startIndex
      return (String(path[..<end]), String(path[end...]))
    }

    private func arguments(of place: Int) -> (
      input: [String], mandatory: [String], output: [String]
    ) {
      var result: (input: [String], mandatory: [String], output: [String]) = ([], [], [])
      for index in published.descendants(of: place) {
        let item = published.items[index]
        guard item.effectiveStatus != .deleted, item.kind.isParameter else { continue }
        let name = Self.argument(item.path, of: published.items[place].path)
        switch item.kind {
        case .outputParameter: result.output.append(name)
        default:
          result.input.append(name)
          if item.isMandatory { result.mandatory.append(name) }
        }
      }
      return result
    }

    /// What stands behind the path of a command or an event, and behind the words that set its two lists of arguments apart.
    private static func argument(_ path: String, of owner: String) -> String {
      var rest = path.dropFirst(owner.count)
      while rest.hasPrefix(".") { rest = rest.dropFirst() }
      for word in ["Input.", "Output."] where rest.hasPrefix(word) {
        rest = rest.dropFirst(word.count)
      }
      return String(rest)
    }

    /// Nil where the data model for USP has no such object.
    mutating func object(_ definition: ObjectDefinition, prefix: String) -> AgentObject? {
      let path = prefix + definition.name + (definition.isTable ? ".{i}." : ".")
      guard let item = published[path], item.effectiveStatus != .deleted else { return nil }
      let parameters = definition.parameters.compactMap { parameter -> AgentParameter? in
        guard let item = published[path + parameter.name],
          item.effectiveStatus != .deleted
        else { return nil }
        return AgentParameter(
          definition: parameter, isWriteOnce: item.access == .writeOnceReadOnly)
      }
      var objects: [AgentObject] = []
      for child in definition.objects {
        if let object = object(child, prefix: path) { objects.append(object) }
      }
      let names = Set(parameters.map(\.name))
      let keys = (item.table?.uniqueKeys ?? []).map(\.parameters)
        .filter { key in key.allSatisfy(names.contains) }
      let commands = commands[path] ?? []
      let events = events[path] ?? []
      return AgentObject(
        definition: definition, path: path, parameters: parameters, objects: objects,
        commands: commands, events: Dictionary(events.map { ($0.name, $0.arguments) }) { $1 },
        uniqueKeys: keys,
        supported: Self.supported(definition, path, parameters, commands, events, keys))
    }

    private static func supported(
      _ definition: ObjectDefinition, _ path: String, _ parameters: [AgentParameter],
      _ commands: [AgentCommand], _ events: [(name: String, arguments: [String])],
      _ keys: [[String]]
    ) -> USPGetSupportedDMResp.SupportedObjectResult {
      var result = USPGetSupportedDMResp.SupportedObjectResult()
      result.supportedObjPath = path
      result.access =
        definition.isTable && definition.capacity != nil ? .objAddDelete : .objReadOnly
      result.isMultiInstance = definition.isTable
      result.supportedParams = parameters.map { parameter in
        var entry = USPGetSupportedDMResp.SupportedParamResult()
        entry.paramName = parameter.name
        entry.access = parameter.isWritable ? .paramReadWrite : .paramReadOnly
        entry.valueType = parameter.definition.type.supported
        entry.valueChange =
          parameter.definition.isVolatile ? .valueChangeWillIgnore : .valueChangeAllowed
        return entry
      }
      result.supportedCommands = commands.map { command in
        var entry = USPGetSupportedDMResp.SupportedCommandResult()
        entry.commandName = command.name
        entry.inputArgNames = command.input
        entry.outputArgNames = command.output
        entry.commandType = command.isAsynchronous ? .cmdAsync : .cmdSync
        return entry
      }
      result.supportedEvents = events.map { event in
        var entry = USPGetSupportedDMResp.SupportedEventResult()
        entry.eventName = event.name
        entry.argNames = event.arguments
        return entry
      }
      result.uniqueKeySets = keys.map { key in
        var entry = USPGetSupportedDMResp.SupportedUniqueKeySet()
        entry.keyNames = key
        return entry
      }
      return result
    }
  }
}

extension ValueType {
  fileprivate var supported: USPGetSupportedDMResp.ParamValueType {
    switch self {
    case .string: .paramString
    case .int: .paramInt
    case .unsignedInt: .paramUnsignedInt
    case .long: .paramLong
    case .unsignedLong: .paramUnsignedLong
    case .boolean: .paramBoolean
    case .dateTime: .paramDateTime
    case .base64: .paramBase64
    case .hexBinary: .paramHexBinary
    case .decimal: .paramDecimal
    }
  }
}

extension AgentModel {
  /// Every path of the supported data model, commands and events with their marks.
  package var paths: [String] {
    var paths: [String] = []
    func add(_ object: AgentObject) {
      paths.append(object.path)
      paths += object.parameters.map { object.path + $0.name }
      paths += object.commands.map { object.path + $0.name }
      paths += object.events.keys.sorted().map { object.path + $0 }
      for child in object.objects { add(child) }
    }
    add(root)
    return paths
  }
}
