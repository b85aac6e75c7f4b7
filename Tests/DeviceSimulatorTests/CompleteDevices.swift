import CWMP

@testable import DeviceSimulator

extension Devices {
  // Read once: reading takes longer than most tests.
  static let tr181 = Result { try DeviceModel.tr181(.complete) }
  static let tr098 = Result { try DeviceModel.tr098(.complete) }

  static func complete(
    _ root: String = "Device.", _ behaviour: Behaviour = Behaviour(), seed: UInt64 = seed
  ) throws -> SimulatedCPE {
    let model = try root == "Device." ? tr181.get() : tr098.get()
    let context = DeviceContext(
      model: model, serialNumber: "S1", index: 1, seed: seed, acsURL: "http://acs.test/",
      connectionRequestURL: "http://192.0.2.7:1/s1")
    return SimulatedCPE(
      tree: DeviceTree(model: model, context: context), behaviour: behaviour, seed: seed,
      clockStart: clockStart)
  }
}

extension Transcript {
  /// A device that has had its first session, in which the ACS sent these requests.
  static func afterFirstSession(
    _ cpe: SimulatedCPE, _ requests: [Request] = []
  ) -> (Transcript, Transcript.Session) {
    var transcript = Transcript(cpe)
    _ = transcript.wait()
    let session = transcript.session(requests)
    return (transcript, session)
  }

  /// The first session of a device with one quirk, in which the ACS sent these requests.
  static func session(_ quirk: Quirk, _ requests: [Request] = []) throws -> Session {
    let behaviour = Behaviour(quirks: Quirks([quirk]))
    return afterFirstSession(try Devices.complete("Device.", behaviour), requests).1
  }

  /// Lets the time pass until the device wants a session, whatever it does before.
  mutating func waitForSession() -> [SimulatedCPE.Effect] {
    var effects: [SimulatedCPE.Effect] = []
    // Periodic Informs come in any case, so that this ends.
    for _ in 0..<1000 {
      let next = wait()
      effects += next
      if next.contains(.openSession) { return effects }
      if next.isEmpty, cpe.deadline == nil { return effects }
    }
    return effects
  }
}

extension Request {
  static func set(_ values: (String, String, ValueType)..., key: String = "") -> Request {
    .setParameterValues(
      SetParameterValues(
        parameters: values.map { ParameterValue(name: $0.0, value: $0.1, type: $0.2) },
        parameterKey: key))
  }

  static func get(_ names: String...) -> Request { .getParameterValues(names: names) }
}
