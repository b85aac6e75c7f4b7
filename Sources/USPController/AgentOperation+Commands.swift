import Fleet
import USP

/// Commands of the data model, and operations that are such.
extension AgentOperation {
  /// How the agent has taken a command.
  enum Taken {
    /// It has ended; what it returned, by the command's path.
    case ended([(command: String, outputs: [String: String])])
    /// It goes on.
    case goesOn
    case not(Outcome)
  }

  nonisolated(nonsending) func operate(
    _ command: String, _ arguments: [String: String] = [:], key: String? = nil
  ) async -> Taken {
    var operate = USPOperate()
    operate.command = sent(command)
    operate.commandKey = key ?? context.commandKey
    operate.sendResp = true
    operate.inputArgs = arguments
    let answer = await ask(.operate(operate))
    guard case .response(.operateResp(let response)) = answer else {
      return .not(answer.outcome(of: "Operate"))
    }
    var ended: [(String, [String: String])] = []
    var goesOn = false
    var failures: [OperationFault.ParameterFault] = []
    for result in response.operationResults {
      switch result.operationResp {
      case .reqObjPath: goesOn = true
      case .reqOutputArgs(let outputs):
        ended.append((result.executedCommand, outputs.outputArgs.bounded))
      case .cmdFailure(let failure):
        guard failures.count < OperationFault.maxParameters else { continue }
        failures.append(
          .init(uspPath: result.executedCommand, code: failure.errCode, text: failure.errMsg))
      // A command that returns nothing may say nothing (TR-369: empty output arguments are not on the wire).
      case nil: ended.append((result.executedCommand, [:]))
      }
    }
    if let first = failures.first {
      return .not(
        .failed(OperationFault(code: first.code, text: first.text, parameters: failures)))
    }
    guard goesOn || !ended.isEmpty else {
      return .not(
        .failed(
          OperationFault(
            uspCode: USPErrorCode.objectDoesNotExist.rawValue,
            text: "The agent has no object to which \(command) belongs.")))
    }
    return goesOn ? .goesOn : .ended(ended)
  }

  /// A command whose end shows otherwise than in its report.
  nonisolated(nonsending) func order(
    _ command: String, _ arguments: [String: String] = [:], waitingFor: WaitingFor
  ) async -> Outcome {
    switch await operate(command, arguments) {
    case .ended, .goesOn: .accepted(waitingFor)
    case .not(let outcome): outcome
    }
  }

  nonisolated(nonsending) func command(_ order: CommandOrder) async -> Outcome {
    switch await operate(order.command, order.arguments) {
    case .goesOn: return .accepted(.command)
    case .ended(let results):
      let values = results.flatMap { CommandReport.values(of: $0.command, $0.outputs) }
      return .done(OperationResult(values: values.isEmpty ? nil : values))
    case .not(let outcome): return outcome
    }
  }

  nonisolated(nonsending) func diagnose(_ diagnosis: Diagnosis) async -> Outcome {
    switch await operate(diagnosis.command, diagnosis.commandArguments) {
    case .goesOn: return .accepted(.command)
    case .ended(let results):
      return .done(
        OperationResult(
          values: results.flatMap { CommandReport.values(of: $0.command, $0.outputs) }))
    case .not(let outcome): return outcome
    }
  }

  nonisolated(nonsending) func scheduleContact(_ delay: Int) async -> Outcome {
    guard !context.controllerPath.isEmpty else { return .failed(.noControllerRow) }
    return await order(
      context.controllerPath + "ScheduleTimer()",
      ["CommandKey": context.commandKey, "DelaySeconds": "\(delay)"], waitingFor: .contact)
  }

  nonisolated(nonsending) func listMethods() async -> Outcome {
    if !context.supported.isEmpty {
      return .done(OperationResult(methods: context.supported.commands))
    }
    switch await SupportedObjects.read(below: "Device.", hasParameters: false, ask) {
    case .success(let supported): return .done(OperationResult(methods: supported.commands))
    case .failure(let refusal): return refusal.outcome
    }
  }
}

extension Diagnosis {
  /// The command of Device:2 that makes the measurement.
  fileprivate var command: String {
    switch kind {
    case .ping: "Device.IP.Diagnostics.IPPing()"
    case .traceRoute: "Device.IP.Diagnostics.TraceRoute()"
    case .download: "Device.IP.Diagnostics.DownloadDiagnostics()"
    case .upload: "Device.IP.Diagnostics.UploadDiagnostics()"
    case .nsLookup: "Device.DNS.Diagnostics.NSLookupDiagnostics()"
    case .wifiNeighbors: "Device.WiFi.NeighboringWiFiDiagnostic()"
    }
  }

  /// Its arguments, by the names that they have there.
  fileprivate var commandArguments: [String: String] {
    var arguments: [String: String] = [:]
    func add(_ name: String, _ text: String) { if !text.isEmpty { arguments[name] = text } }
    func add(_ name: String, _ number: Int?) { if let number { arguments[name] = "\(number)" } }
    // References are written without the dot (TR-369 12).
    add("Interface", interface.hasSuffix(".") ? String(interface.dropLast()) : interface)
    // Device:2 wants it given, and other agents don't mind (TR-369 R-OPR.6).
    if kind != .nsLookup, kind != .wifiNeighbors { add("ProtocolVersion", "Any") }
    switch kind {
    case .ping, .traceRoute:
      add("Host", host)
      // Ping has to be told all of it, where another command takes its own defaults.
      let isPing = kind == .ping
      add(
        isPing ? "NumberOfRepetitions" : "NumberOfTries",
        repetitions ?? (isPing ? Self.usualRepetitions : nil))
      add("Timeout", timeout ?? (isPing ? Self.usualTimeout : nil))
      add("DataBlockSize", dataBlockSize ?? (isPing ? Self.usualBlockSize : nil))
      add("DSCP", dscp)
      add("MaxHopCount", maxHopCount)
    case .download:
      add("DownloadURL", url)
      add("DSCP", dscp)
    case .upload:
      add("UploadURL", url)
      add("DSCP", dscp)
      add("TestFileLength", fileLength)
    case .nsLookup:
      add("HostName", host)
      add("DNSServer", server)
      add("Timeout", timeout ?? Self.usualTimeout)
      add("NumberOfRepetitions", repetitions ?? 1)
    case .wifiNeighbors: break
    }
    return arguments
  }

  private static let usualRepetitions = 4
  /// Milliseconds.
  private static let usualTimeout = 5_000
  /// Bytes.
  private static let usualBlockSize = 64
}

extension [String: String] {
  /// Arguments that a task keeps.
  var bounded: [String: String] {
    var bytes = 0
    var kept: [String: String] = [:]
    for (name, value) in sorted(by: { $0.key < $1.key }) {
      bytes += name.utf8.count + value.utf8.count
      guard bytes <= 256 << 10, kept.count < 2_000 else { break }
      kept[name] = value
    }
    return kept
  }
}

extension OperationFault {
  static let noControllerRow = OperationFault(
    code: unsupportedCode,
    text: "The agent shows no row of this controller in Device.LocalAgent.Controller.")
}
