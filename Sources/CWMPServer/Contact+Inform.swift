import CWMP
import Fleet

extension Contact {
  /// Paths beyond this are no data model's (TR-069 says 256) and are left out.
  static let maxPathLength = 1_024

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
      reasons: reasons, reasonTexts: inform.events.map(\.code),
      values: inform.parameters.compactMap { parameter in
        parameter.name.isEmpty || parameter.name.utf8.count > Self.maxPathLength
          ? nil : ReportedValue(parameter)
      },
      commandKeys: inform.events.compactMap { $0.commandKey.isEmpty ? nil : $0.commandKey },
      session: session, address: address, at: now)
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

extension ParameterType {
  init(_ type: ValueType) {
    self =
      switch type {
      case .string: .string
      case .int: .int
      case .unsignedInt: .unsignedInt
      case .long: .long
      case .unsignedLong: .unsignedLong
      case .boolean: .boolean
      case .dateTime: .dateTime
      case .base64: .base64
      case .hexBinary: .hexBinary
      case .decimal: .decimal
      }
  }
}

extension ValueType {
  init(_ type: ParameterType) {
    self =
      switch type {
      case .string: .string
      case .int: .int
      case .unsignedInt: .unsignedInt
      case .long: .long
      case .unsignedLong: .unsignedLong
      case .boolean: .boolean
      case .dateTime: .dateTime
      case .base64: .base64
      case .hexBinary: .hexBinary
      case .decimal: .decimal
      }
  }
}
