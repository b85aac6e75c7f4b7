import Fleet

/// Where a device wants to be asked to call, and with which credential.
package struct ConnectionRequestTarget: Sendable, Equatable {
  package var deviceID: Device.ID
  /// For log lines.
  package var deviceName: String
  /// The value of ManagementServer.ConnectionRequestURL, as the device reported it; not to be believed.
  package var url: String
  package var username: String
  package var password: String
  /// The peer address of the device's last session; empty if unknown.
  package var contactAddress: String

  package init(
    deviceID: Device.ID, deviceName: String, url: String, username: String, password: String,
    contactAddress: String
  ) {
    self.deviceID = deviceID
    self.deviceName = deviceName
    self.url = url
    self.username = username
    self.password = password
    self.contactAddress = contactAddress
  }
}
