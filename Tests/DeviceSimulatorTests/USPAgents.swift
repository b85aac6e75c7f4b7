import CWMP
import Testing
import USP

@testable import DeviceSimulator

/// Agents to test with, and a controller's side of the conversation.
final class USPAgents {
  static let controller = "self::controller"
  static let clockStart: Int64 = 1_795_410_960
  private static let built = Result { try AgentModel.tr181() }

  static func model() throws -> AgentModel { try built.get() }

  var agent: USPAgent
  var now = Duration.zero
  private var messageCount = 0

  static func options() throws -> AgentOptions {
    AgentOptions(
      count: 1, way: .webSocket(url: "ws://127.0.0.1:7548/usp"),
      controller: try #require(EndpointID(controller)))
  }

  /// An agent that is switched on and has its link; what it has to say at first contact is said.
  init(
    quirks: [String] = [], behaviour: AgentBehaviour = AgentBehaviour(),
    factorySubscriptions: Bool = false, seed: UInt64 = 7, isConnected: Bool = true,
    way: AgentOptions.Way? = nil
  ) throws {
    var options = try Self.options()
    options.way = way ?? options.way
    options.hasFactorySubscriptions = factorySubscriptions
    var parsed = AgentQuirks()
    for quirk in quirks { try parsed.insert(quirk) }
    let model = try Self.model()
    let context = DeviceContext(
      model: model.device, serialNumber: "T000001", index: 1, seed: seed, acsURL: "")
    agent = USPAgent(
      tree: AgentTree(
        blueprint: AgentBlueprint(model: model, options: options),
        endpoint: try options.endpoint(context).text, context: context),
      behaviour: behaviour, quirks: parsed, seed: seed, clockStart: Self.clockStart)
    guard isConnected else { return }
    _ = agent.advance(to: now)
    for message in messages(agent.linkOpened(at: now)) { acknowledge(message) }
  }

  // MARK: Messages

  func messages(_ effects: [USPAgent.Effect]) -> [USPMsg] {
    effects.compactMap { effect in
      if case .send(let message) = effect { message } else { nil }
    }
  }

  func notifications(_ effects: [USPAgent.Effect]) -> [USPNotify] {
    messages(effects).compactMap { message in
      if case .notify(let notify)? = message.request { notify } else { nil }
    }
  }

  /// Sends a request and takes everything that the agent does then.
  func send(_ request: USPRequest.OneOf_ReqType) -> [USPAgent.Effect] {
    messageCount += 1
    return agent.received(.request(id: "c\(messageCount)", request), at: now)
  }

  /// Sends a request; the answer with its ID.
  func ask(_ request: USPRequest.OneOf_ReqType) -> USPMsg? {
    messages(send(request)).first { $0.id == "c\(messageCount)" }
  }

  @discardableResult
  func acknowledge(_ message: USPMsg) -> [USPAgent.Effect] {
    guard case .notify(let notify)? = message.request, notify.sendResp else { return [] }
    var response = USPNotifyResp()
    response.subscriptionID = notify.subscriptionID
    return agent.received(.response(to: message.id, .notifyResp(response)), at: now)
  }

  // MARK: Time

  /// Lets time pass, at each of the agent's deadlines; what it does is returned in order.
  func pass(_ duration: Duration) -> [USPAgent.Effect] {
    let end = now + duration
    var effects: [USPAgent.Effect] = []
    while let deadline = agent.deadline, deadline <= end {
      now = max(now, deadline)
      effects += agent.advance(to: now)
    }
    now = end
    return effects + agent.advance(to: now)
  }

  /// Like a link that is made as soon as it is asked for.
  func passLinking(_ duration: Duration) -> [USPAgent.Effect] {
    let end = now + duration
    var effects: [USPAgent.Effect] = []
    while let deadline = agent.deadline, deadline <= end {
      now = max(now, deadline)
      let done = agent.advance(to: now)
      effects += done
      if done.contains(.connect) { effects += agent.linkOpened(at: now) }
    }
    now = end
    return effects
  }

  // MARK: Requests

  func value(_ path: String) -> String? { agent.value(path) }

  func get(_ paths: String..., depth: UInt32 = 0) throws
    -> [USPGetResp.RequestedPathResult]
  {
    var request = USPGet()
    request.paramPaths = paths
    request.maxDepth = depth
    let answer = try #require(ask(.get(request)))
    guard case .getResp(let response)? = answer.response else { throw Unexpected(answer) }
    return response.reqPathResults
  }

  static func set(_ object: String, _ settings: [(String, String, Bool)], partial: Bool = false)
    -> USPRequest.OneOf_ReqType
  {
    var update = USPSet.UpdateObject()
    update.objPath = object
    update.paramSettings = settings.map { name, value, isRequired in
      var setting = USPSet.UpdateParamSetting()
      setting.param = name
      setting.value = value
      setting.required = isRequired
      return setting
    }
    var request = USPSet()
    request.allowPartial = partial
    request.updateObjs = [update]
    return .set(request)
  }

  static func add(_ table: String, _ settings: [(String, String)], partial: Bool = false)
    -> USPRequest.OneOf_ReqType
  {
    var creation = USPAdd.CreateObject()
    creation.objPath = table
    creation.paramSettings = settings.map { name, value in
      var setting = USPAdd.CreateParamSetting()
      setting.param = name
      setting.value = value
      setting.required = true
      return setting
    }
    var request = USPAdd()
    request.allowPartial = partial
    request.createObjs = [creation]
    return .add(request)
  }

  static func delete(_ paths: String..., partial: Bool = false) -> USPRequest.OneOf_ReqType {
    var request = USPDelete()
    request.allowPartial = partial
    request.objPaths = paths
    return .delete(request)
  }

  static func operate(_ command: String, _ arguments: [String: String] = [:], key: String = "k1")
    -> USPRequest.OneOf_ReqType
  {
    var request = USPOperate()
    request.command = command
    request.commandKey = key
    request.sendResp = true
    request.inputArgs = arguments
    return .operate(request)
  }

  /// Makes a subscription; its row.
  @discardableResult
  func subscribe(
    _ kind: String, _ references: String, id: String, retry: Bool = false,
    persistent: Bool = false, _ more: [(String, String)] = []
  ) throws -> String {
    let answer = try #require(
      ask(
        Self.add(
          "Device.LocalAgent.Subscription.",
          [
            ("Enable", "true"), ("ID", id), ("NotifType", kind), ("ReferenceList", references),
            ("NotifRetry", String(retry)), ("Persistent", String(persistent)),
          ] + more)))
    guard case .addResp(let response)? = answer.response,
      case .operSuccess(let success)? = response.createdObjResults.first?.operStatus.operStatus
    else { throw Unexpected(answer) }
    return success.instantiatedPath
  }
}

/// A message that a test did not wait for.
struct Unexpected: Error, CustomStringConvertible {
  let description: String

  init(_ message: USPMsg) { description = "\(message)" }
}
