import CWMP
import Fleet

extension Contact {
  /// Paths beyond this are no data model's (TR-069 says 256) and are left out.
  static let maxPathLength = 1_024
  /// Values of one Inform; a device that has more to tell is asked for them.
  static let maxValues = 10_000
  /// Events of one Inform, and characters of each code (TR-069 A.3.3.1).
  static let maxEvents = 64

  /// - Parameter session: a random token.
  /// - Parameter address: the peer's IP address.
  /// - Parameter now: seconds since 1970.
  init(_ inform: Inform, session: Int64, address: String, now: Double) {
    let id = inform.deviceID
    var reasons: Reasons = []
    for event in inform.events { reasons.insert(Reasons(eventCode: event.code)) }
    self.init(
      identity: DeviceIdentity(
        name: id.identity, manufacturer: id.manufacturer, oui: id.oui,
        productClass: id.productClass, serialNumber: id.serialNumber),
      protocolName: "cwmp",
      root: RootDataModel(parameterNames: inform.parameters.lazy.map(\.name))?.rawValue ?? "",
      reasons: reasons,
      reasonTexts: inform.events.prefix(Self.maxEvents).map {
        String($0.code.prefix(Self.maxEvents))
      },
      values: inform.parameters.prefix(Self.maxValues).compactMap { parameter in
        parameter.name.isEmpty || parameter.name.utf8.count > Self.maxPathLength
          ? nil : ReportedValue(parameter)
      },
      commandKeys: inform.events.prefix(Self.maxEvents).compactMap {
        $0.commandKey.isEmpty ? nil : $0.commandKey
      },
      session: session, address: address, at: now)
  }
}

extension DeviceID {
  /// Bytes of each part; TR-069 allows 64 characters.
  static let maxPartLength = 256

  /// Whether a device can be known by this: it has a serial number, and no part is longer than the database can search for.
  var isUsable: Bool {
    !serialNumber.isEmpty
      && [manufacturer, oui, productClass, serialNumber].allSatisfy {
        $0.utf8.count <= Self.maxPartLength
      }
  }
}

extension Contact.Reasons {
  /// - Parameter eventCode: as in TR-069 3.7.1.5, for example `1 BOOT`.
  init(eventCode: String) {
    self =
      switch eventCode {
      case Event.bootstrap: .bootstrap
      case Event.boot: .boot
      case Event.periodic: .periodic
      case Event.scheduled: .scheduled
      case Event.valueChange: .valueChange
      case Event.connectionRequest: .connectionRequest
      case Event.transferComplete: .transferComplete
      case Event.diagnosticsComplete: .diagnosticsComplete
      case Event.heartbeat: .heartbeat
      // The event with which a device says that it comes from a reboot of ours.
      case Event.methodReboot: .boot
      default: .other
      }
  }
}

extension ReportedValue {
  init(_ parameter: ParameterValue) {
    self.init(
      path: parameter.name, value: parameter.value, type: ParameterType(parameter.type))
  }
}
