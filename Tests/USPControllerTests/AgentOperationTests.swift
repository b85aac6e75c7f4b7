import Fleet
import FleetStore
import Testing
import USP

@testable import USPController

/// Operations as messages, and answers as outcomes.
@Suite struct AgentOperationTests {
  private func run(
    _ operation: Operation, _ context: AgentOperation.Context = .init(), on agent: ScriptedAgent
  ) async -> Outcome {
    await AgentOperation(operation, context: context, ask: agent.ask).run()
  }

  @Test func getGivesValuesWithTheirTypes() async {
    let agent = ScriptedAgent { _ in
      .got([("Device.A.", ["Device.A.": ["Y": "2", "X": "1"], "Device.A.B.1.": ["Z": ""]])])
    }
    var context = AgentOperation.Context()
    context.supported = SupportedObjects(["Device.A.": (.objReadOnly, ["X": true])])
    let outcome = await run(.get(paths: ["Device.A."]), context, on: agent)
    #expect(
      outcome
        == .done(
          OperationResult(values: [
            ResultValue(path: "Device.A.X", value: "1", type: .string),
            ResultValue(path: "Device.A.Y", value: "2", type: .string),
            ResultValue(path: "Device.A.B.1.Z", value: "", type: .string),
          ])))
  }

  @Test func pathsThatAnAgentHasNotAreNamed() async {
    let agent = ScriptedAgent { _ in
      var result = USPGetResp.RequestedPathResult()
      result.requestedPath = "Device.No.Such"
      result.errCode = 7026
      var response = USPGetResp()
      response.reqPathResults = [result]
      return .response(.getResp(response))
    }
    let outcome = await run(.get(paths: ["Device.No.Such"]), on: agent)
    guard case .failed(let fault) = outcome else { return #expect(Bool(false), "\(outcome)") }
    #expect(fault.code == "usp.7026")
    #expect(fault.text == "Invalid path")
    #expect(fault.parameters?.map(\.path) == ["Device.No.Such"])
    #expect(!fault.isTransient)
  }

  @Test func aliasesAreSearchedFor() async {
    let agent = ScriptedAgent { _ in .got([]) }
    _ = await run(.get(paths: ["Device.WiFi.SSID.[home].Enable"]), on: agent)
    guard case .get(let get)? = agent.asked.first else { return #expect(Bool(false)) }
    #expect(get.paramPaths == [#"Device.WiFi.SSID.[Alias=="home"].Enable"#])
  }

  @Test func searchesAreSentAsTheStandardWritesThem() async {
    let found = "Device.WiFi.SSID.3."
    let agent = ScriptedAgent { _ in .got([("x", [found: ["Status": "Up"]])]) }
    let outcome = await run(
      .get(paths: [#"Device.WiFi.SSID.[SSID == "a]b"&&Enable==true].Status"#, "Device.A.*."]),
      on: agent)
    guard case .get(let get)? = agent.asked.first else { return #expect(Bool(false)) }
    #expect(
      get.paramPaths == [
        #"Device.WiFi.SSID.[SSID=="a]b"&&Enable==true].Status"#, "Device.A.*.",
      ])
    guard case .done(let result) = outcome else { return #expect(Bool(false)) }
    #expect(result.values?.map(\.path) == [found + "Status"])
  }

  @Test func setIsOneRequestForAllObjects() async {
    let agent = ScriptedAgent { request in
      guard case .set(let set) = request else { return .failed(7000) }
      var response = USPSetResp()
      response.updatedObjResults = set.updateObjs.map { object in
        var instance = USPSetResp.UpdatedInstanceResult()
        instance.affectedPath = object.objPath
        instance.updatedParams = Dictionary(
          uniqueKeysWithValues: object.paramSettings.map { ($0.param, $0.value) })
        var success = USPSetResp.OperationSuccess()
        success.updatedInstResults = [instance]
        var result = USPSetResp.UpdatedObjectResult()
        result.requestedPath = object.objPath
        result.operStatus.operStatus = .operSuccess(success)
        return result
      }
      return .response(.setResp(response))
    }
    let outcome = await run(
      .set([
        Assignment(path: "Device.A.X", value: "1"), Assignment(path: "Device.B.Y", value: "2"),
        Assignment(path: "Device.A.Z", value: "3"),
      ]), on: agent)
    guard case .set(let set)? = agent.asked.first, case .done(let result) = outcome else {
      return #expect(Bool(false), "\(outcome)")
    }
    #expect(agent.asked.count == 1)
    #expect(!set.allowPartial)
    #expect(set.updateObjs.map(\.objPath) == ["Device.A.", "Device.B."])
    #expect(set.updateObjs[0].paramSettings.map(\.param) == ["X", "Z"])
    let areRequired = set.updateObjs.flatMap(\.paramSettings).map(\.required)
    #expect(areRequired == [true, true, true])
    #expect(result.values?.map(\.path) == ["Device.A.X", "Device.A.Z", "Device.B.Y"])
  }

  /// The shapes of TR-369 R-SET.2a and those of the reference agent.
  @Test func aRefusedSetSaysWhichParameter() async {
    let error = await run(
      .set([Assignment(path: "Device.A.X", value: "?")]),
      on: ScriptedAgent { _ in .failed(7004, [("Device.A.X", 7011)]) })
    var instance = USPSetResp.UpdatedInstanceFailure()
    instance.affectedPath = "Device.A."
    var parameter = USPSetResp.ParameterError()
    parameter.param = "X"
    parameter.errCode = 7012
    instance.paramErrs = [parameter]
    var failure = USPSetResp.OperationFailure()
    failure.errCode = 7021
    failure.updatedInstFailures = [instance]
    var result = USPSetResp.UpdatedObjectResult()
    result.operStatus.operStatus = .operFailure(failure)
    var response = USPSetResp()
    response.updatedObjResults = [result]
    let answer = AgentAnswer.response(.setResp(response))
    let partial = await run(
      .set([Assignment(path: "Device.A.X", value: "?")]), on: ScriptedAgent { _ in answer })
    for (outcome, code, named) in [
      (error, "usp.7004", "usp.7011"), (partial, "usp.7021", "usp.7012"),
    ] {
      guard case .failed(let fault) = outcome else {
        #expect(Bool(false), "\(outcome)")
        continue
      }
      #expect(fault.code == code)
      #expect(fault.parameters?.map(\.path) == ["Device.A.X"])
      #expect(fault.parameters?.map(\.code) == [named])
    }
  }

  /// For an agent a search that meets nothing is a success (TR-369 R-MSG.4a); nobody is told that something was set by it.
  @Test func aSearchThatMeetsNothing() async {
    let agent = ScriptedAgent { request in
      switch request {
      case .set(let set):
        var result = USPSetResp.UpdatedObjectResult()
        result.requestedPath = set.updateObjs[0].objPath
        result.operStatus.operStatus = .operSuccess(.init())
        var response = USPSetResp()
        response.updatedObjResults = [result]
        return .response(.setResp(response))
      case .get(let get): return .got([(get.paramPaths[0], [:])])
      default: return .failed(7001)
      }
    }
    let path = "Device.WiFi.SSID.[home].Enable"
    guard
      case .failed(let fault) = await run(.set([Assignment(path: path, value: "1")]), on: agent)
    else { return #expect(Bool(false)) }
    #expect(fault.code == "usp.7016")
    #expect(fault.text == #"The agent has no object at Device.WiFi.SSID.[Alias=="home"]."#)
    #expect(await run(.get(paths: [path]), on: agent) == .done(OperationResult(values: [])))
  }

  /// What an agent may not show is as if it were not there (TR-369 R-GET.1, R-GET.4).
  @Test func whatCanNotBeReadIsLeftOut() async {
    let agent = ScriptedAgent { request in
      guard case .get(let get) = request else { return .failed(7001) }
      return .got(get.paramPaths.map { ($0, ["Device.A.": ["X": "1"]]) })
    }
    #expect(
      await run(.get(paths: ["Device.A."]), on: agent)
        == .done(
          OperationResult(values: [ResultValue(path: "Device.A.X", value: "1", type: .string)])))
    var context = AgentOperation.Context()
    context.supported = SupportedObjects(["Device.A.": (.objReadOnly, ["X": true, "Secret": true])])
    let refresh = AgentOperation(.refresh(path: "Device.A."), context: context, ask: agent.ask)
    #expect(await refresh.run() == .done(OperationResult(parametersRead: 1)))
    #expect(refresh.learned(now: 1).names.map(\.path) == ["Device.A.", "Device.A.X"])
  }

  @Test func addTellsTheInstanceAndReadsIt() async {
    let agent = ScriptedAgent { request in
      switch request {
      case .add(let add):
        var success = USPAddResp.OperationSuccess()
        success.instantiatedPath = add.createObjs[0].objPath + "3."
        var result = USPAddResp.CreatedObjectResult()
        result.operStatus.operStatus = .operSuccess(success)
        var response = USPAddResp()
        response.createdObjResults = [result]
        return .response(.addResp(response))
      case .get: return .got([("Device.T.3.", ["Device.T.3.": ["Name": "a", "Order": "1"]])])
      default: return .failed(7001)
      }
    }
    var context = AgentOperation.Context()
    context.supported = SupportedObjects([
      "Device.T.{i}.": (.objAddDelete, ["Name": true, "Order": false])
    ])
    let operation = AgentOperation(
      .add(object: "Device.T.", values: [Assignment(path: "Name", value: "a")]), context: context,
      ask: agent.ask)
    guard case .done(let result) = await operation.run() else { return #expect(Bool(false)) }
    #expect(result.instance == "Device.T.3.")
    let learned = operation.learned(now: 1)
    #expect(learned.completeBelow == "Device.T.3.")
    #expect(
      learned.names.map { "\($0.path) \($0.writable)" } == [
        "Device.T.3. true", "Device.T.3.Name true", "Device.T.3.Order false",
      ])
  }

  /// Older agents succeed without an effect, newer ones send an Error (TR-369 R-DEL.1, R-DEL.2a).
  @Test func aMissingInstanceCanNotBeDeleted() async {
    var success = USPDeleteResp.DeletedObjectResult()
    success.operStatus.operStatus = .operSuccess(.init())
    var response = USPDeleteResp()
    response.deletedObjResults = [success]
    let old = AgentAnswer.response(.deleteResp(response))
    for answer in [old, .failed(7016)] {
      let outcome = await run(
        .delete(object: "Device.T.9."), on: ScriptedAgent { _ in answer })
      guard case .failed(let fault) = outcome else {
        #expect(Bool(false), "\(outcome)")
        continue
      }
      #expect(fault.code == "usp.7016")
    }
  }

  @Test func commandsEndOrGoOn() async {
    var context = AgentOperation.Context()
    context.commandKey = "fl-7"
    let order = Operation.command(
      CommandOrder(command: "Device.X.Do()", arguments: ["A": "1"]))
    let going = ScriptedAgent { _ in
      .operated("Device.X.Do()", .reqObjPath("Device.LocalAgent.Request.1"))
    }
    #expect(await run(order, context, on: going) == .accepted(.command))
    guard case .operate(let operate)? = going.asked.first else { return #expect(Bool(false)) }
    #expect(operate.commandKey == "fl-7")
    #expect(operate.sendResp)
    #expect(operate.inputArgs == ["A": "1"])
    var outputs = USPOperateResp.OutputArgs()
    outputs.outputArgs = ["Status": "ok"]
    let outputsAnswer = AgentAnswer.operated("Device.X.Do()", .reqOutputArgs(outputs))
    #expect(
      await run(order, context, on: ScriptedAgent { _ in outputsAnswer })
        == .done(
          OperationResult(values: [
            ResultValue(path: "Device.X.Do().Output.Status", value: "ok", type: .string)
          ])))
    var failure = USPOperateResp.CommandFailure()
    failure.errCode = 7027
    let failureAnswer = AgentAnswer.operated("Device.X.Do()", .cmdFailure(failure))
    guard
      case .failed(let fault) = await run(
        order, context, on: ScriptedAgent { _ in failureAnswer })
    else { return #expect(Bool(false)) }
    #expect(fault.code == "usp.7027")
    #expect(fault.parameters?.first?.path == "Device.X.Do()")
    // Nothing returned is not on the wire.
    #expect(
      await run(order, context, on: ScriptedAgent { _ in .operated("Device.X.Do()", nil) })
        == .done(OperationResult()))
    // A search that found no object.
    let nothing = AgentAnswer.response(.operateResp(USPOperateResp()))
    guard case .failed(let missing) = await run(order, on: ScriptedAgent { _ in nothing }) else {
      return #expect(Bool(false))
    }
    #expect(missing.code == "usp.7016")
  }

  @Test func whatBreaksOffIsInterrupted() async {
    let broken = AgentAnswer.broken(reason: "gone")
    for operation: Operation in [
      .get(paths: ["Device."]), .reboot, .delete(object: "Device.T.1."), .refresh(path: ""),
      .command(CommandOrder(command: "Device.X()")), .scheduleContact(delay: 5), .listMethods,
      .download(
        DownloadOrder(file: "", remote: RemoteFile(url: "http://192.0.2.1/f"))),
    ] {
      var context = AgentOperation.Context()
      context.controllerPath = "Device.LocalAgent.Controller.1."
      context.supported = SupportedObjects(["Device.T.{i}.": (.objAddDelete, ["A": true])])
      if case .listMethods = operation { context.supported = SupportedObjects() }
      let outcome = await run(operation, context, on: ScriptedAgent { _ in broken })
      #expect(outcome == .interrupted(reason: "gone"), "\(operation.kind)")
    }
  }

  // MARK: - Software and transfers

  @Test(arguments: [
    (
      SoftwareChange.install(
        .remote(RemoteFile(url: "http://192.0.2.1/a", username: "u", password: "p")), uuid: "id",
        environment: "Device.SoftwareModules.ExecEnv.1."),
      "InstallDU()",
      [
        "URL": "http://192.0.2.1/a", "Username": "u", "Password": "p", "UUID": "id",
        "ExecutionEnvRef": "Device.SoftwareModules.ExecEnv.1",
      ]
    ),
    (
      .install(.stored(file: "digest"), uuid: "", environment: ""), "InstallDU()",
      ["URL": "http://here/d"]
    ),
    (
      .update(uuid: "i\"d", version: "1%", nil),
      #"DeploymentUnit.[UUID=="i%22d"&&Version=="1%25"].Update()"#, [:]
    ),
    (
      .update(uuid: "id", version: "", .stored(file: "digest")),
      #"DeploymentUnit.[UUID=="id"].Update()"#, ["URL": "http://here/d"]
    ),
    (
      .uninstall(uuid: "id", version: "2", environment: ""),
      #"DeploymentUnit.[UUID=="id"&&Version=="2"].Uninstall()"#, [:]
    ),
  ])
  func softwareIsChangedByCommands(
    change: SoftwareChange, command: String, arguments: [String: String]
  ) async {
    var context = AgentOperation.Context()
    context.commandKey = "fl-7"
    context.sources["digest"] = DownloadSource(url: "http://here/d", size: 9)
    let agent = ScriptedAgent { _ in .operated("x", .reqObjPath("Device.LocalAgent.Request.1")) }
    #expect(await run(.changeSoftware([change]), context, on: agent) == .accepted(.software))
    guard case .operate(let operate)? = agent.asked.first else { return #expect(Bool(false)) }
    #expect(operate.command == "Device.SoftwareModules." + command)
    #expect(operate.commandKey == "fl-7")
    #expect(operate.inputArgs == arguments)
    #expect(agent.asked.count == 1)
  }

  @Test func softwareThatCanNotBeChangedIsNotAskedFor() async {
    let agent = ScriptedAgent { _ in .failed(7000) }
    let uninstall = SoftwareChange.uninstall(uuid: "id", version: "", environment: "")
    let refusals: [([SoftwareChange], String)] = [
      ([.install(.stored(file: "gone"), uuid: "", environment: "")], OperationFault.noFileCode),
      // It would be put into all of them.
      (
        [.update(uuid: "", version: "2", .remote(RemoteFile(url: "http://192.0.2.1/a")))],
        OperationFault.unsupportedCode
      ),
    ]
    for (changes, code) in refusals {
      guard case .failed(let fault) = await run(.changeSoftware(changes), on: agent) else {
        #expect(Bool(false))
        continue
      }
      #expect(fault.code == code)
    }
    #expect(agent.asked.isEmpty)
    // There is no such module.
    let nothing = ScriptedAgent { _ in .response(.operateResp(USPOperateResp())) }
    guard case .failed(let missing) = await run(.changeSoftware([uninstall]), on: nothing) else {
      return #expect(Bool(false))
    }
    #expect(missing.code == "usp.7016")
  }

  /// An agent with commands that go on.
  private func busy(_ rows: [(command: String, key: String, status: String)]) -> ScriptedAgent {
    ScriptedAgent { request in
      guard case .get = request else { return .operated("x", .reqOutputArgs(.init())) }
      let table = "Device.LocalAgent.Request."
      let values = rows.enumerated().map { index, row in
        (
          "\(table)\(index + 1).",
          ["Command": row.command, "CommandKey": row.key, "Status": row.status]
        )
      }
      return .got([(table, Dictionary(uniqueKeysWithValues: values))])
    }
  }

  @Test func transfersAreCommandsThatGoOn() async {
    let agent = busy([
      ("Device.DeviceInfo.FirmwareImage.2.Download()", "fl-1", "Active"),
      ("Device.DeviceInfo.VendorLogFile.1.Upload()", "", "Requested"),
      ("Device.IP.Diagnostics.IPPing()", "fl-2", "Active"),
      ("Device.DeviceInfo.VendorConfigFile.1.Restore()", "fl-3", "Canceling"),
      ("Device.DeviceInfo.VendorConfigFile.1.Backup()", "fl-4", "Vendor"),
    ])
    let transfers = [
      PendingTransfer(commandKey: "fl-1", state: .inProgress, isDownload: true),
      PendingTransfer(commandKey: "", state: .notStarted, isDownload: false),
      PendingTransfer(commandKey: "fl-3", state: .finishing, isDownload: true),
      PendingTransfer(commandKey: "fl-4", state: .unknown, isDownload: false),
    ]
    #expect(
      await run(.listTransfers(onlyOrdered: false), on: agent)
        == .done(OperationResult(transfers: transfers)))
    #expect(
      await run(.listTransfers(onlyOrdered: true), on: agent)
        == .done(OperationResult(transfers: transfers.filter { !$0.commandKey.isEmpty })))
  }

  @Test func aTransferIsCanceledByItsKey() async {
    let agent = busy([
      ("Device.DeviceInfo.FirmwareImage.2.Download()", "fl-1", "Active"),
      ("Device.DeviceInfo.VendorLogFile.1.Upload()", "fl-2", "Active"),
    ])
    #expect(
      await run(.cancelTransfer(commandKey: "fl-2"), on: agent) == .done(OperationResult()))
    guard case .operate(let operate)? = agent.asked.last else { return #expect(Bool(false)) }
    #expect(operate.command == "Device.LocalAgent.Request.2.Cancel()")
    let count = agent.asked.count
    guard case .failed(let fault) = await run(.cancelTransfer(commandKey: "fl-9"), on: agent) else {
      return #expect(Bool(false))
    }
    #expect(fault.code == OperationFault.transferEndedCode)
    #expect(agent.asked.count == count + 1)
  }

  @Test func whatUSPHasNotIsUnsupported() async {
    for operation: Operation in [.setVouchers(["AA=="]), .getOptions(name: "")] {
      let agent = ScriptedAgent { _ in .failed(7000) }
      guard case .failed(let fault) = await run(operation, on: agent) else {
        #expect(Bool(false))
        continue
      }
      #expect(fault.code == OperationFault.unsupportedCode)
      #expect(agent.asked.isEmpty)
    }
  }

  // MARK: - Firmware

  private func images(_ rows: [(Int, String)], active: Int, versions: [Int: String] = [:])
    -> ScriptedAgent
  {
    ScriptedAgent { request in
      switch request {
      case .get:
        var values: [String: [String: String]] = [
          "Device.DeviceInfo.": [
            "ActiveFirmwareImage": "Device.DeviceInfo.FirmwareImage.\(active)"
          ]
        ]
        for (number, status) in rows {
          values["Device.DeviceInfo.FirmwareImage.\(number)."] = [
            "Status": status, "Version": versions[number] ?? "",
          ]
        }
        return .got([("", values)])
      default: return .operated("x", .reqObjPath("Device.LocalAgent.Request.1"))
      }
    }
  }

  @Test(arguments: [
    ([(1, "Active"), (2, "Available")], 1, 2),
    ([(1, "Active"), (2, "Available"), (3, "NoImage")], 1, 3),
    ([(1, "Available"), (2, "Active")], 2, 1),
    ([(1, "Active"), (2, "Downloading"), (3, "Available")], 1, 3),
    ([(1, "Active")], 1, 1),
  ])
  func firmwareGoesWhereNothingIsInUse(
    rows: [(Int, String)], active: Int, target: Int
  ) async {
    let agent = images(rows, active: active)
    var context = AgentOperation.Context()
    let digest = String(repeating: "a", count: 64)
    context.sources[digest] = DownloadSource(url: "http://192.0.2.1/f", size: 9)
    let outcome = await run(.download(DownloadOrder(file: digest)), context, on: agent)
    #expect(outcome == .accepted(.transfer))
    guard case .operate(let operate)? = agent.asked.last else { return #expect(Bool(false)) }
    #expect(operate.command == "Device.DeviceInfo.FirmwareImage.\(target).Download()")
    #expect(operate.inputArgs["AutoActivate"] == "true")
    #expect(operate.inputArgs["CheckSum"] == digest)
    #expect(operate.inputArgs["FileSize"] == "9")
  }

  @Test func anImageInUseIsNotOverwrittenWhileAnotherIsLoaded() async {
    let agent = images([(1, "Active"), (2, "Downloading")], active: 1)
    let order = DownloadOrder(file: "", remote: RemoteFile(url: "http://192.0.2.1/f"))
    guard case .failed(let fault) = await run(.download(order), on: agent) else {
      return #expect(Bool(false))
    }
    #expect(fault.isTransient)
  }

  @Test func anAgentWithOneImageTakesNoWindows() async {
    let agent = images([(1, "Active")], active: 1)
    let order = DownloadOrder(
      file: "", remote: RemoteFile(url: "http://192.0.2.1/f"),
      windows: [TransferWindow(start: 100, end: 200, mode: .whenIdle)])
    guard case .failed(let fault) = await run(.download(order), on: agent) else {
      return #expect(Bool(false))
    }
    #expect(fault.code == OperationFault.unsupportedCode)
    #expect(!fault.isTransient)
  }

  @Test func windowsThatAreOverAreLeftOut() async {
    let agent = images([(1, "Active"), (2, "NoImage")], active: 1)
    let order = DownloadOrder(
      file: "", remote: RemoteFile(url: "http://192.0.2.1/f"),
      windows: [
        TransferWindow(start: 0, end: 100, mode: .whenIdle),
        TransferWindow(start: 200, end: 300, mode: .immediately),
      ])
    let operation = AgentOperation(.download(order), context: .init(), ask: agent.ask)
    let image = "Device.DeviceInfo.FirmwareImage.2."
    _ = await operation.activate(order, image: image, elapsed: 150)
    guard case .operate(let activation)? = agent.asked.last else { return #expect(Bool(false)) }
    #expect(activation.inputArgs["TimeWindow.1.Start"] == "50")
    #expect(activation.inputArgs["TimeWindow.2.Start"] == nil)
    let count = agent.asked.count
    guard
      case .not(.failed(let fault)) = await operation.activate(order, image: image, elapsed: 400)
    else { return #expect(Bool(false)) }
    #expect(fault.code == OperationFault.expiredCode)
    #expect(agent.asked.count == count)
  }

  @Test func anAliasIsReadWhereItLeads() async {
    var context = AgentOperation.Context()
    context.supported = SupportedObjects(["Device.T.{i}.": (.objAddDelete, ["Name": true])])
    let agent = ScriptedAgent { request in
      guard case .get(let get) = request else { return .failed(7016) }
      return .got([(get.paramPaths[0], ["Device.T.3.": ["Name": "n"]])])
    }
    let operation = AgentOperation(
      .refresh(path: "Device.T.[three]."), context: context, ask: agent.ask)
    guard case .done = await operation.run() else { return #expect(Bool(false)) }
    #expect(operation.learned(now: 1).names.map(\.path) == ["Device.T.3.", "Device.T.3.Name"])
  }

  private static func staged(_ stage: DownloadOrder.Stage) -> Fleet.Operation {
    .download(
      DownloadOrder(
        file: "", expectedVersion: "2.0", remote: RemoteFile(url: "http://192.0.2.1/f"),
        stage: stage))
  }

  @Test func firmwareIsOnlyLoaded() async {
    let agent = images([(1, "Active"), (2, "NoImage")], active: 1)
    #expect(await run(Self.staged(.load), on: agent) == .accepted(.transfer))
    guard case .operate(let operate)? = agent.asked.last else { return #expect(Bool(false)) }
    #expect(operate.command == "Device.DeviceInfo.FirmwareImage.2.Download()")
    #expect(operate.inputArgs["AutoActivate"] == "false")
    let small = images([(1, "Active")], active: 1)
    guard case .failed(let fault) = await run(Self.staged(.load), on: small) else {
      return #expect(Bool(false))
    }
    #expect(fault.code == OperationFault.unsupportedCode && !fault.isTransient)
  }

  /// What was loaded is started where it is there still; else it is loaded now.
  @Test(arguments: [
    ("Available", "2.0", true), ("Available", "1.9", false), ("ValidationFailed", "2.0", false),
    ("NoImage", "", false),
  ])
  func loadedFirmwareIsStarted(status: String, version: String, isStarted: Bool) async {
    let agent = images([(1, "Active"), (2, status)], active: 1, versions: [1: "1.0", 2: version])
    #expect(
      await run(Self.staged(.start), on: agent)
        == (isStarted ? .done(OperationResult()) : .accepted(.transfer)))
    guard case .operate(let operate)? = agent.asked.last else { return #expect(Bool(false)) }
    #expect(
      operate.command
        == "Device.DeviceInfo.FirmwareImage.2.\(isStarted ? "Activate()" : "Download()")")
    #expect(operate.inputArgs["AutoActivate"] == (isStarted ? nil : "true"))
  }

  /// An order whose end was not seen is given again.
  @Test func firmwareThatRunsIsNotLoadedAgain() async {
    let agent = images([(1, "Active"), (2, "NoImage")], active: 1, versions: [1: "2.0"])
    #expect(
      await run(Self.staged(.start), on: agent) == .done(OperationResult(version: "2.0")))
    #expect(
      !agent.asked.contains { if case .operate = $0 { true } else { false } })
  }

  @Test func changesOfSoftwareAreOrderedOneAfterTheOther() async {
    let order = Operation.changeSoftware([
      .install(.remote(RemoteFile(url: "http://192.0.2.1/m")), uuid: "a", environment: ""),
      .uninstall(uuid: "b", version: "1", environment: ""),
    ])
    let agent = ScriptedAgent { _ in
      .operated("x", .reqObjPath("Device.LocalAgent.Request.1"))
    }
    let made = SoftwareResult(uuid: "a", version: "1", state: "Installed")
    #expect(await run(order, on: agent) == .accepted(.software))
    #expect(await run(order, .init(changesMade: [made]), on: agent) == .accepted(.software))
    #expect(
      await run(order, .init(changesMade: [made, made]), on: agent)
        == .done(OperationResult(software: [made, made])))
    let commands = agent.asked.compactMap {
      if case .operate(let operate) = $0 { operate.command } else { nil }
    }
    #expect(
      commands == [
        "Device.SoftwareModules.InstallDU()",
        #"Device.SoftwareModules.DeploymentUnit.[UUID=="b"&&Version=="1"].Uninstall()"#,
      ])
  }

  @Test func firmwareThatDoesNotStartIsLoadedAnew() async {
    let loaded = images([(1, "Active"), (2, "Available")], active: 1, versions: [2: "2.0"])
    let agent = ScriptedAgent { request in
      if case .operate(let operate) = request, operate.command.hasSuffix("Activate()") {
        return .failed(7022)
      }
      return loaded.answer(request)
    }
    #expect(await run(Self.staged(.start), on: agent) == .accepted(.transfer))
    guard case .operate(let operate)? = agent.asked.last else { return #expect(Bool(false)) }
    #expect(operate.command.hasSuffix("Download()"))
  }

  @Test func windowsAreForTheStartOfTheImage() async {
    let agent = images([(1, "Active"), (2, "NoImage")], active: 1)
    let order = DownloadOrder(
      file: "", remote: RemoteFile(url: "http://192.0.2.1/f"),
      windows: [TransferWindow(start: 100, end: 200, mode: .whenIdle, maxRetries: 2)])
    #expect(await run(.download(order), on: agent) == .accepted(.transfer))
    guard case .operate(let operate)? = agent.asked.last else { return #expect(Bool(false)) }
    #expect(operate.inputArgs["AutoActivate"] == "false")
    let operation = AgentOperation(.download(order), context: .init(), ask: agent.ask)
    _ = await operation.activate(
      order, image: "Device.DeviceInfo.FirmwareImage.2.", elapsed: 40)
    guard case .operate(let activation)? = agent.asked.last else { return #expect(Bool(false)) }
    #expect(activation.command == "Device.DeviceInfo.FirmwareImage.2.Activate()")
    #expect(
      activation.inputArgs == [
        "TimeWindow.1.Start": "60", "TimeWindow.1.End": "160", "TimeWindow.1.Mode": "WhenIdle",
        "TimeWindow.1.MaxRetries": "2",
      ])
  }
}
