import DeviceModel
import Fleet
import FleetStore
import USP

/// Carries one operation out on an agent: makes its requests, one after the other, until the outcome is known.
///
/// It has no I/O of its own: it is given a way to ask. What it learned about the tree can be read at any time, also when the link
/// breaks.
final class AgentOperation {
  /// What the operation needs to know beforehand.
  struct Context: Sendable {
    var commandKey = ""
    /// The path of this controller's row on the agent, for example `Device.LocalAgent.Controller.1.`; empty where it is not known.
    var controllerPath = ""
    /// What the agent's firmware supports, as far as that is known.
    var supported = SupportedObjects()
    /// Whether the agent knows what came with USP 1.2.
    var knowsDepth = true
    var limits = AgentReadingLimits()
    /// Where the device fetches stored files, by their digests.
    var sources: [String: DownloadSource] = [:]
    /// What became of the changes of software that the order's commands have made before.
    var changesMade: [SoftwareResult] = []
    /// Where the device sends the file of an upload that is stored here.
    var destination: String?
  }

  let operation: Operation
  let context: Context
  let ask: AskAgent
  var values: [ReportedValue] = []
  private var valueBytes = 0
  /// Paths that the agent refused to read, in its words.
  var refused: [OperationFault.ParameterFault] = []
  var attributes: [ReportedAttributes] = []
  var deletedObjects: [String] = []
  /// The reading of the tree that the operation consists of or ends with.
  var reading: AgentTreeReading?

  init(_ operation: Operation, context: Context, ask: @escaping AskAgent) {
    self.operation = operation
    self.context = context
    self.ask = ask
  }

  nonisolated(nonsending) func run() async -> Outcome {
    switch operation {
    case .get(let paths): await get(paths)
    case .set(let assignments): await set(assignments)
    case .add(let object, let values): await add(object, values)
    case .delete(let object): await delete(object)
    case .refresh(let path): await refresh(path)
    case .reboot: await order("Device.Reboot()", waitingFor: .boot)
    case .factoryReset: await order("Device.FactoryReset()", waitingFor: .bootstrap)
    case .download(let order): await download(order)
    case .upload(let order): await upload(order)
    case .getAttributes(let paths): await getAttributes(paths)
    case .setAttributes(let changes): await setAttributes(changes)
    case .scheduleContact(let delay): await scheduleContact(delay)
    case .changeSoftware(let changes): await change(changes)
    case .cancelTransfer(let key): await cancelTransfer(key)
    case .listTransfers(let onlyOrdered): await listTransfers(onlyOrdered)
    case .listMethods: await listMethods()
    case .diagnose(let diagnosis): await diagnose(diagnosis)
    case .command(let order): await command(order)
    case .setVouchers, .getOptions: .failed(.unsupported(operation.kind, in: "USP"))
    }
  }

  /// What the operation has learned about the tree so far.
  /// - Parameter now: seconds since 1970.
  func learned(now: Double) -> TreeUpdate {
    var update = reading?.update(now: now) ?? TreeUpdate(at: now)
    update.values += values
    update.attributes = attributes
    update.deletedObject = deletedObjects.first
    return update
  }

  /// A path as agents take it: an alias is a search for it.
  func sent(_ path: String) -> String {
    guard path.utf8.contains(UInt8(ascii: "[")) else { return path }
    guard var parsed = try? InstancePath(path, taking: [.aliases, .wildcards, .commandsAndEvents])
    else {
      // Without the blanks that people write (TR-369 R-ARC.9b).
      return (try? InstancePath(path, taking: .usp))?.description ?? path
    }
    parsed.parts = parsed.parts.map { part in
      guard case .alias(let alias) = part else { return part }
      return .search([
        .init(path: [.name("Alias")], relation: .equal, value: alias, isText: true)
      ])
    }
    return parsed.description
  }

  /// Keeps a value that the agent told; false where the limits are reached.
  @discardableResult
  func take(_ path: String, _ value: String) -> Bool {
    guard path.utf8.count <= Contact.maxPathLength, values.count < context.limits.parameters,
      valueBytes + value.utf8.count <= context.limits.valueBytes
    else { return false }
    valueBytes += value.utf8.count
    values.append(
      ReportedValue(path: path, value: value, type: context.supported.type(of: path)))
    return true
  }

  /// Asks for values; each that came is given by its full path.
  /// - Parameter depth: 0: all levels.
  nonisolated(nonsending) func read(_ paths: [String], depth: UInt32 = 0) async
    -> Result<[String: String], AgentRefusal>
  {
    var get = USPGet()
    get.paramPaths = paths
    get.maxDepth = context.knowsDepth ? depth : 0
    let answer = await ask(.get(get))
    guard case .response(.getResp(let response)) = answer else {
      return .failure(AgentRefusal(answer, to: "Get"))
    }
    var found: [String: String] = [:]
    for result in response.reqPathResults where result.errCode == 0 {
      for resolved in result.resolvedPathResults {
        for (name, value) in resolved.resultParams {
          guard found.count < context.limits.parameters else { return .success(found) }
          found[resolved.resolvedPath + name] = value
        }
      }
    }
    return .success(found)
  }
}
