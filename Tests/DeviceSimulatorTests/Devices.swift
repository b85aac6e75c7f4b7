import CWMP

@testable import DeviceSimulator

/// Devices to test with.
enum Devices {
  static let clockStart: Int64 = 1_795_410_960
  static let seed: UInt64 = 42

  static let smallModel = """
    model: small
    manufacturer: Example
    oui: "02FA1E"
    productClass: Box
    inform: [Device.DeviceInfo.SoftwareVersion, Device.ManagementServer.ParameterKey]
    wanAddress: Device.IP.Address
    tree:
      Device:
        DeviceInfo:
          SoftwareVersion: {string: "1.0.0", notify: active}
          SerialNumber: ${serial}
          UpTime: {unsignedInt: "${uptime}"}
        ManagementServer:
          URL: {string: "${acsURL}", writable}
          Username: {string: "${username}", writable}
          Password: {string: "", writable, hidden}
          PeriodicInformEnable: {boolean: true, writable}
          PeriodicInformInterval: {unsignedInt: "${interval}", writable, range: 1..}
          ParameterKey: ""
          ConnectionRequestURL: ${connectionRequestURL}
          ConnectionRequestUsername: {string: "", writable}
          ConnectionRequestPassword: {string: "", writable, hidden}
          CWMPRetryMinimumWaitInterval: {unsignedInt: 5, writable}
          CWMPRetryIntervalMultiplier: {unsignedInt: 2000, writable}
        IP:
          Address: {string: "${ip 100.64.0.0/10}"}
          Label: {string: x, writable, maxLength: 4}
        NAT:
          RuleNumberOfEntries: {unsignedInt: "${entries}"}
          Rule.{i}:
            instances: 2
            addable: 4
            Enable: {boolean: true, writable}
            Protocol: {string: [TCP, UDP], writable, values: [TCP, UDP]}
            Port: {unsignedInt: 80, writable, range: 1..65535}
            Host.{i}:
              instances: 1
              addable: 2
              Name: {string: "h${i1}-${i}", writable}
    """

  private static let parsed = Result { try DeviceModel(yaml: smallModel, file: "small.yaml") }

  static func small() throws -> DeviceModel { try parsed.get() }

  static func tree() throws -> DeviceTree {
    let model = try small()
    return DeviceTree(
      model: model,
      context: DeviceContext(
        model: model, serialNumber: "S1", index: 1, seed: seed, acsURL: "http://acs.test/",
        connectionRequestURL: "http://192.0.2.7:1/s1"))
  }

  static func cpe(_ behaviour: SimulatedCPE.Behaviour = .init()) throws -> SimulatedCPE {
    SimulatedCPE(tree: try tree(), behaviour: behaviour, seed: seed, clockStart: clockStart)
  }

  static let time = ReadingTime(uptime: 10, clock: clockStart)
}

/// Plays the ACS against a device and lets the time pass.
struct Transcript {
  var cpe: SimulatedCPE
  var now = Duration.zero

  init(_ cpe: SimulatedCPE) {
    self.cpe = cpe
  }

  /// Lets the time pass to the device's next deadline.
  mutating func wait() -> [SimulatedCPE.Effect] {
    guard let deadline = cpe.deadline else { return [] }
    now = max(now, deadline)
    return cpe.advance(to: now)
  }

  /// What one session brought.
  struct Session {
    var inform: Inform?
    var requests: [Request] = []
    var answers: [Message] = []
    var failure: String?
    /// How often the device began another session in the midst of one.
    var abandonments = 0
    /// Empty POSTs, the regular one counted.
    var emptyPosts = 0
    var effects: [SimulatedCPE.Effect] = []
  }

  /// Runs a session in which the ACS sends these requests; the device must have asked for one.
  mutating func session(_ requests: [Request] = []) -> Session {
    var result = Session()
    var remaining = requests[...]
    var session = CPESession()
    var output = session.start(&cpe, at: now)
    while true {
      switch output {
      case .finished:
        result.effects = cpe.sessionSucceeded(at: now)
        return result
      case .failed(let reason):
        result.failure = reason
        result.effects = cpe.sessionFailed(at: now)
        return result
      case .crashed(let reason):
        result.failure = reason
        result.effects = cpe.sessionCrashed(at: now)
        return result
      case .abandoned:
        result.abandonments += 1
        session = CPESession()
        output = session.start(&cpe, at: now)
        continue
      case .send(let envelope):
        switch envelope.message {
        case .request(.inform(let inform)):
          result.inform = inform
          output = receive(.response(.inform), envelope, &session)
          continue
        case .request(let request):
          result.requests.append(request)
          output = receive(.response(request.confirmation), envelope, &session)
          continue
        case .some(let message): result.answers.append(message)
        case nil: break
        }
      case .sendEmpty: result.emptyPosts += 1
      }
      if let request = remaining.popFirst() {
        output = session.receive(
          .envelope(Envelope(namespace: .v1_2, id: "a", message: .request(request))), &cpe,
          at: now)
      } else {
        output = session.receive(.empty, &cpe, at: now)
      }
    }
  }

  private mutating func receive(
    _ message: Message, _ sent: Envelope, _ session: inout CPESession
  ) -> CPESession.Output {
    session.receive(
      .envelope(Envelope(namespace: .v1_2, id: sent.id, message: message)), &cpe, at: now)
  }
}

extension Inform {
  var codes: [String] { events.map(\.code) }
}

extension Request {
  /// What an ACS answers that takes what it is told.
  var confirmation: Response {
    switch self {
    case .inform: .inform
    case .autonomousTransferComplete: .autonomousTransferComplete
    case .duStateChangeComplete: .duStateChangeComplete
    case .autonomousDUStateChangeComplete: .autonomousDUStateChangeComplete
    case .requestDownload: .requestDownload
    case .kicked: .kicked(nextURL: "http://192.0.2.1/")
    case .getRPCMethods: .getRPCMethods(["Inform"])
    default: .transferComplete
    }
  }
}

extension [Message] {
  /// The code of the fault at that place, nil where there is none.
  func fault(_ index: Int) -> Int? {
    guard indices.contains(index), case .fault(let fault) = self[index] else { return nil }
    return fault.detail.code
  }

  /// The values that the first answer to GetParameterValues brought, by name.
  var values: [String: String] {
    for case .response(.getParameterValues(let list)) in self {
      return Dictionary(list.map { ($0.name, $0.value) }) { _, last in last }
    }
    return [:]
  }
}
