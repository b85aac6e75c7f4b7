import DeviceModel
import Fleet
import USP

/// What an agent's firmware supports, as it said in answer to GetSupportedDM (TR-369 13.9.3).
struct SupportedObjects: Sendable {
  struct Object: Sendable {
    var access: SupportedItem.Access
    var isMultiInstance: Bool
    /// By their names below the object.
    var parameters: [String: Parameter] = [:]
    /// By their names with `()`; true for those that go on after the answer.
    var commands: [String: Command] = [:]
    /// The arguments of events, by their names with `!`.
    var events: [String: [String]] = [:]
  }

  struct Parameter: Sendable {
    var access: SupportedItem.Access
    /// Nil where the agent does not tell.
    var type: ParameterType?
    /// Whether its changes are reported; nil where the agent does not tell.
    var reportsChanges: Bool?
  }

  struct Command: Sendable {
    var isAsynchronous: Bool
    var inputs: [String]
    var outputs: [String]
  }

  /// By path, with `{i}` for instances and a dot at the end: `Device.WiFi.SSID.{i}.`.
  private(set) var objects: [String: Object] = [:]
  /// Whether the agent named more than is kept.
  private(set) var isCut = false
  /// Objects, parameters, commands, events and arguments.
  private(set) var itemCount = 0

  var isEmpty: Bool { objects.isEmpty }

  mutating func take(_ result: USPGetSupportedDMResp.RequestedObjectResult) {
    for supported in result.supportedObjs {
      guard supported.supportedObjPath.utf8.count <= Contact.maxPathLength,
        supported.supportedObjPath.hasSuffix("."), itemCount < SupportedModel.maxItems
      else {
        isCut = true
        continue
      }
      // An object that is listed bare, as a child of another, and again with what is in it, is one.
      var object =
        objects[supported.supportedObjPath]
        ?? Object(access: .init(supported.access), isMultiInstance: supported.isMultiInstance)
      if objects[supported.supportedObjPath] == nil { itemCount += 1 }
      for parameter in supported.supportedParams where isName(parameter.paramName) {
        guard hasRoom(for: object.parameters[parameter.paramName] == nil ? 1 : 0) else { break }
        object.parameters[parameter.paramName] = Parameter(
          access: .init(parameter.access), type: ParameterType(parameter.valueType),
          reportsChanges: parameter.valueChange == .valueChangeUnknown
            ? nil : parameter.valueChange == .valueChangeAllowed)
      }
      for command in supported.supportedCommands
      where isName(command.commandName) && object.commands[command.commandName] == nil {
        guard hasRoom(for: 1) else { break }
        object.commands[command.commandName] = Command(
          isAsynchronous: command.commandType == .cmdAsync,
          inputs: names(command.inputArgNames), outputs: names(command.outputArgNames))
      }
      for event in supported.supportedEvents
      where isName(event.eventName) && object.events[event.eventName] == nil {
        guard hasRoom(for: 1) else { break }
        object.events[event.eventName] = names(event.argNames)
      }
      objects[supported.supportedObjPath] = object
    }
  }

  private mutating func hasRoom(for count: Int) -> Bool {
    guard itemCount + count <= SupportedModel.maxItems else {
      isCut = true
      return false
    }
    itemCount += count
    return true
  }

  private mutating func names(_ arguments: [String]) -> [String] {
    let names = arguments.filter(isName)
    let kept = names.prefix(SupportedModel.maxItems - itemCount)
    if kept.count < names.count { isCut = true }
    itemCount += kept.count
    return Array(kept)
  }

  private func isName(_ name: String) -> Bool { !name.isEmpty && name.utf8.count <= 256 }

  /// The object of which a path is an instance, or that it is.
  subscript(path: String) -> Object? { objects[PathTemplate.text(of: path)] }

  /// What is known of the parameter at a path.
  func parameter(at path: String) -> Parameter? {
    guard let (object, name) = path.splitAtLastDot else { return nil }
    return self[object]?.parameters[name]
  }

  /// The type of the parameter at a path; text where the agent does not tell.
  func type(of path: String) -> ParameterType { parameter(at: path)?.type ?? .string }

  /// The full names of commands, sorted.
  var commands: [String] {
    objects.flatMap { path, object in object.commands.keys.map { path + $0 } }.sorted()
  }

  /// The same as a firmware's supported model.
  /// - Parameter announced: the documents that the device says to follow.
  func model(announced: [AnnouncedModel]) -> SupportedModel {
    var items: [SupportedItem] = []
    items.reserveCapacity(itemCount)
    for (path, object) in objects {
      items.append(SupportedItem(path: path, kind: .object, access: object.access))
      for (name, parameter) in object.parameters {
        items.append(
          SupportedItem(
            path: path + name, kind: .parameter, access: parameter.access, type: parameter.type))
      }
      for (name, command) in object.commands {
        items.append(SupportedItem(path: path + name, kind: .command))
        for input in command.inputs {
          items.append(SupportedItem(path: "\(path)\(name).Input.\(input)", kind: .input))
        }
        for output in command.outputs {
          items.append(SupportedItem(path: "\(path)\(name).Output.\(output)", kind: .output))
        }
      }
      for (name, arguments) in object.events {
        items.append(SupportedItem(path: path + name, kind: .event))
        for argument in arguments {
          items.append(SupportedItem(path: "\(path)\(name).\(argument)", kind: .eventArgument))
        }
      }
    }
    return SupportedModel(items: items, announced: announced, isCut: isCut)
  }
}

extension String {
  /// The object's path with its dot, and what follows; nil where there is no dot.
  var splitAtLastDot: (object: String, name: String)? {
    guard let dot = utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
    let after = index(after: dot)
    return (String(self[..<after]), String(self[after...]))
  }
}

extension Contact {
  /// Bytes of a path; longer ones are no data model's.
  static let maxPathLength = 1_024
}

extension SupportedItem.Access {
  init(_ access: USPGetSupportedDMResp.ParamAccessType) {
    self =
      switch access {
      case .paramReadWrite: .readWrite
      case .paramWriteOnly: .writeOnly
      case .paramReadOnly, .UNRECOGNIZED: .readOnly
      }
  }

  init(_ access: USPGetSupportedDMResp.ObjAccessType) {
    self =
      switch access {
      case .objAddDelete: .createDelete
      case .objAddOnly: .create
      case .objDeleteOnly: .delete
      case .objReadOnly, .UNRECOGNIZED: .readOnly
      }
  }

  /// Whether a value may be written.
  var isWritable: Bool { self == .readWrite || self == .writeOnly }
  var isCreating: Bool { self == .create || self == .createDelete }
  var isDeleting: Bool { self == .delete || self == .createDelete }
}

extension ParameterType {
  /// Nil where the agent does not tell.
  init?(_ type: USPGetSupportedDMResp.ParamValueType) {
    switch type {
    case .paramBase64: self = .base64
    case .paramBoolean: self = .boolean
    case .paramDateTime: self = .dateTime
    case .paramDecimal: self = .decimal
    case .paramHexBinary: self = .hexBinary
    case .paramInt: self = .int
    case .paramLong: self = .long
    case .paramString: self = .string
    case .paramUnsignedInt: self = .unsignedInt
    case .paramUnsignedLong: self = .unsignedLong
    case .paramUnknown, .UNRECOGNIZED: return nil
    }
  }
}
