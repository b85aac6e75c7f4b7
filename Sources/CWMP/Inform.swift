/// A session's first message: who the CPE is and why it calls (TR-069 A.3.3.1).
package struct Inform: Sendable, Equatable {
  package var deviceID: DeviceID
  /// Empty from some CPEs, although the standard asks for at least one.
  package var events: [Event]
  /// The literal text of CurrentTime; real devices send times that no calendar has.
  package var currentTime: String
  package var retryCount: UInt32
  package var parameters: [ParameterValue]

  package init(
    deviceID: DeviceID, events: [Event], currentTime: String, retryCount: UInt32 = 0,
    parameters: [ParameterValue]
  ) {
    self.deviceID = deviceID
    self.events = events
    self.currentTime = currentTime
    self.retryCount = retryCount
    self.parameters = parameters
  }
}

/// The identity that a CPE claims (DeviceIdStruct).
package struct DeviceID: Sendable, Hashable {
  package var manufacturer: String
  package var oui: String
  package var productClass: String
  package var serialNumber: String

  package init(manufacturer: String, oui: String, productClass: String, serialNumber: String) {
    self.manufacturer = manufacturer
    self.oui = oui
    self.productClass = productClass
    self.serialNumber = serialNumber
  }
}

/// One reason for a session (EventStruct).
package struct Event: Sendable, Hashable {
  /// For example `2 PERIODIC`, `M Reboot` or a vendor's `X 012345 MyEvent`; unknown codes are kept as they are, known ones in the standard's spelling.
  package var code: String
  /// The CommandKey of the call that caused an `M …` event; else empty.
  package var commandKey: String

  package init(_ code: String, commandKey: String = "") {
    self.code = code
    self.commandKey = commandKey
  }

  package static let bootstrap = "0 BOOTSTRAP"
  package static let boot = "1 BOOT"
  package static let periodic = "2 PERIODIC"
  package static let scheduled = "3 SCHEDULED"
  package static let valueChange = "4 VALUE CHANGE"
  package static let kicked = "5 KICKED"
  package static let connectionRequest = "6 CONNECTION REQUEST"
  package static let transferComplete = "7 TRANSFER COMPLETE"
  package static let diagnosticsComplete = "8 DIAGNOSTICS COMPLETE"
  package static let requestDownload = "9 REQUEST DOWNLOAD"
  package static let autonomousTransferComplete = "10 AUTONOMOUS TRANSFER COMPLETE"
  package static let duStateChangeComplete = "11 DU STATE CHANGE COMPLETE"
  package static let autonomousDUStateChangeComplete = "12 AUTONOMOUS DU STATE CHANGE COMPLETE"
  package static let wakeup = "13 WAKEUP"
  package static let heartbeat = "14 HEARTBEAT"
  package static let methodReboot = "M Reboot"
  package static let methodScheduleInform = "M ScheduleInform"
  package static let methodDownload = "M Download"
  package static let methodScheduleDownload = "M ScheduleDownload"
  package static let methodUpload = "M Upload"
  package static let methodChangeDUState = "M ChangeDUState"
}
