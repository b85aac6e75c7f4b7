import USP

/// Operate (TR-369, 6.4.6), and the requests that go on after its response.
extension USPAgent {
  /// Requests that run at a time; more are refused (7005).
  static let maximumRequests = 8

  mutating func operate(_ request: USPOperate, _ now: Duration) throws(RequestFailure)
    -> USPOperateResp
  {
    var response = USPOperateResp()
    let resolution: AgentTree.Resolution
    do throws(AgentTree.PathProblem) {
      resolution = try tree.resolve(request.command)
    } catch {
      if quirks.errorShapes == .current {
        // Failures of a command are always told in its result.
        response.operationResults = [
          .failed(request.command, USPFault(error.code, error.text))
        ]
        return response
      }
      throw RequestFailure(error.code, error.text)
    }
    guard case .command(let command) = resolution.leaf else {
      throw RequestFailure(.invalidPath, "\(request.command) is no command")
    }
    for place in resolution.places {
      response.operationResults.append(run(command, of: place, request, now))
    }
    return response
  }

  private mutating func run(
    _ command: AgentCommand, of place: AgentTree.Place, _ request: USPOperate, _ now: Duration
  ) -> USPOperateResp.OperationResult {
    var result = USPOperateResp.OperationResult()
    result.executedCommand = place.path + command.name
    do throws(USPFault) {
      try check(request.inputArgs, of: command)
      guard command.isAsynchronous else {
        let output = try perform(command, of: place, request, now)
        result.reqOutputArgs.outputArgs = output
        return result
      }
      let path = try start(command, of: place, request, now)
      result.reqObjPath = quirks.dotsRequestPath ? path : String(path.dropLast())
    } catch {
      return .failed(result.executedCommand, error)
    }
    return result
  }

  /// What is mandatory has to be there; unknown arguments are passed over (R-OPR.5, R-OPR.6).
  private func check(_ arguments: [String: String], of command: AgentCommand) throws(USPFault) {
    for name in command.mandatory where !name.contains(".") && arguments[name] == nil {
      throw USPFault(.invalidCommandArguments, "\(command.name) needs \(name)")
    }
  }

  // MARK: Synchronous commands

  private mutating func perform(
    _ command: AgentCommand, of place: AgentTree.Place, _ request: USPOperate, _ now: Duration
  ) throws(USPFault) -> [String: String] {
    let arguments = request.inputArgs
    switch command.kind {
    case .reboot:
      restart(
        arguments["Cause"].flatMap { $0.isEmpty ? nil : $0 } ?? "RemoteReboot",
        reason: arguments["Reason"] ?? "", commandKey: request.commandKey, now)
    case .factoryReset:
      restart(
        "RemoteFactoryReset", reason: arguments["Reason"] ?? "", commandKey: request.commandKey,
        isFactoryReset: true, now)
    case .controllerTimer:
      guard let delay = UInt32(arguments["DelaySeconds"] ?? ""), timers.count < 32 else {
        throw USPFault(.invalidCommandArguments, "DelaySeconds is a number of seconds")
      }
      timers.append(
        AgentTimer(
          at: now + .seconds(Double(delay)), controller: place.path,
          commandKey: request.commandKey))
    case .onBoard:
      guard place.path == Self.controllerPath else {
        throw USPFault(.commandFailure, "there is no link to that controller")
      }
      addOnBoardRequest(now)
    case .resetSession: break
    case .cancel: try cancel(place, now)
    case .setUnitState: try setUnitState(place, arguments["RequestedState"] ?? "")
    case .restartUnit: try restartUnit(place)
    default: throw USPFault(.commandFailure, "\(command.name) is not carried out here")
    }
    return [:]
  }

  /// The request ends in error 7023; its row goes.
  private mutating func cancel(_ row: AgentTree.Place, _ now: Duration) throws(USPFault) {
    guard let request = requests.first(where: { $0.row == row.path }) else {
      throw USPFault(.commandFailure, "the request is over")
    }
    if case .flashing = request.stage {
      throw USPFault(.commandFailure, "an image is being written")
    }
    if request.command.kind == .download { setImage(request.object, status: "NoImage") }
    complete(request, .failure(USPFault(.commandCanceled, "canceled")), now)
  }

  // MARK: Asynchronous commands

  /// - Returns: the row of the request, with a dot at its end.
  private mutating func start(
    _ command: AgentCommand, of place: AgentTree.Place, _ request: USPOperate, _ now: Duration
  ) throws(USPFault) -> String {
    guard requests.count < Self.maximumRequests, restart == nil,
      let table = tree.place(at: Self.requestTable)
    else { throw USPFault(.resourcesExceeded, "too many requests are under way") }
    try prepare(command, of: place, request.inputArgs, now)
    let row = tree.makeRow(in: table)
    tree.set(row.path + "Originator", to: tree.value(Self.controllerPath + "EndpointID") ?? "")
    tree.set(row.path + "Command", to: place.path + command.name)
    tree.set(row.path + "CommandKey", to: request.commandKey)
    tree.set(row.path + "Status", to: "Active")
    requests.append(
      RunningRequest(
        row: row.path, command: command, object: place.path, commandKey: request.commandKey,
        arguments: request.inputArgs, startedAt: tree.time.clock,
        stage: .waiting(until: now + wait(for: command, request.inputArgs, now))))
    return row.path
  }

  /// Checks what can be checked before the response.
  private mutating func prepare(
    _ command: AgentCommand, of place: AgentTree.Place, _ arguments: [String: String],
    _ now: Duration
  ) throws(USPFault) {
    switch command.kind {
    case .download: try prepareDownload(to: place, arguments)
    case .activate: try prepareActivation(of: place, arguments)
    case .restore, .backup, .uploadLog, .installUnit:
      guard HTTPTarget(arguments["URL"] ?? "") != nil else {
        throw USPFault(.invalidCommandArguments, "URL is no http:// or https:// URL")
      }
    case .scheduleTimer:
      guard UInt32(arguments["DelaySeconds"] ?? "") != nil else {
        throw USPFault(.invalidCommandArguments, "DelaySeconds is a number of seconds")
      }
    case .updateUnit, .uninstallUnit:
      // One operation on a unit at a time.
      guard !requests.contains(where: { $0.object == place.path }) else {
        throw USPFault(.invalidDeploymentUnitState, "the unit is being changed")
      }
    default: break
    }
  }

  /// Until the file is fetched, or until it is done where there is none.
  private mutating func wait(
    for command: AgentCommand, _ arguments: [String: String], _ now: Duration
  ) -> Duration {
    switch command.kind {
    case .scheduleTimer: return .seconds(Double(arguments["DelaySeconds"] ?? "") ?? 0)
    case .activate: return activationWait(arguments)
    case .selfTest, .ping, .traceRoute, .downloadTest, .uploadTest, .nameLookup, .neighboringWiFi:
      return .seconds(Double.random(in: behaviour.diagnosticTime, using: &random))
    case .uninstallUnit, .restartEnvironment:
      return .seconds(Double.random(in: behaviour.softwareTime, using: &random))
    default: return .milliseconds(50)
    }
  }

  mutating func advanceRequests(_ now: Duration) -> [Effect] {
    var effects: [Effect] = []
    for request in requests {
      guard let due = request.dueAt, now >= due else { continue }
      switch request.stage {
      case .waiting: effects += proceed(request, now)
      case .flashing(_, let image): flashed(request, image, now)
      case .moving: break
      }
    }
    return effects
  }

  private mutating func proceed(_ request: RunningRequest, _ now: Duration) -> [Effect] {
    switch request.command.kind {
    case .download, .restore: return fetch(request, url: request.argument("URL"), now)
    case .backup, .uploadLog: return store(request)
    case .installUnit: return fetch(request, url: request.argument("URL"), now)
    case .updateUnit:
      let url = request.argument("URL")
      return fetch(request, url: url.isEmpty ? tree.value(request.object + "URL") ?? "" : url, now)
    case .uninstallUnit: uninstall(request, now)
    case .restartEnvironment: restartEnvironment(request, now)
    case .activate: activate(request, now)
    case .scheduleTimer: complete(request, .success([:]), now)
    default: complete(request, diagnose(request, now), now)
    }
    return []
  }

  private mutating func fetch(_ request: RunningRequest, url: String, _ now: Duration)
    -> [Effect]
  {
    guard change(request, to: .moving) else { return [] }
    if request.command.kind == .download {
      setImage(request.object, status: "Downloading")
      notes.append(.downloading(url))
    }
    return [
      .fetch(
        AgentTransfer(
          request: request.row, url: url, username: request.argument("Username"),
          password: request.argument("Password")))
    ]
  }

  private mutating func store(_ request: RunningRequest) -> [Effect] {
    guard change(request, to: .moving) else { return [] }
    return [
      .store(
        AgentTransfer(
          request: request.row, url: request.argument("URL"),
          username: request.argument("Username"), password: request.argument("Password")),
        contents: request.command.kind == .backup ? configurationFile : logFile)
    ]
  }

  @discardableResult
  mutating func change(_ request: RunningRequest, to stage: RunningRequest.Stage) -> Bool {
    guard let index = requests.firstIndex(where: { $0.row == request.row }) else { return false }
    requests[index].stage = stage
    return true
  }

  /// The request is over: its row goes, and who has subscribed to it is told.
  mutating func complete(
    _ request: RunningRequest, _ result: Result<[String: String], USPFault>, _ now: Duration
  ) {
    requests.removeAll { $0.row == request.row }
    tree.place(at: request.row).map { tree.removeRow($0) }
    tellComplete(request, result, now)
  }
}

extension USPOperateResp.OperationResult {
  static func failed(_ command: String, _ fault: USPFault) -> Self {
    var result = Self()
    result.executedCommand = command
    result.cmdFailure.errCode = fault.code.rawValue
    result.cmdFailure.errMsg = fault.text
    return result
  }
}
