import Fleet

/// Where a device wants to be asked to call, and with which credential.
///
/// What the device reported is not to be believed; an empty text means that it reported nothing.
package struct ConnectionRequestTarget: Sendable, Equatable {
  package var deviceID: Device.ID
  /// For log lines, and the name under which STUN knows the device.
  package var deviceName: String
  /// The value of ManagementServer.ConnectionRequestURL.
  package var url: String
  /// The value of ManagementServer.UDPConnectionRequestAddress.
  package var udpAddress: String
  /// The value of ManagementServer.ConnReqJabberID.
  package var jabberID: String
  package var username: String
  package var password: String
  /// How this device is asked, in this order; nil: as is set for all. Empty: not at all.
  package var methods: [ConnectionMethod]?
  /// Whether this device may be sent its password in clear; nil: as is set for all.
  package var allowsBasic: Bool?
  /// The peer address of the device's last session; empty if unknown.
  package var contactAddress: String
  /// When the device's last session began, on any clock; nil if unknown.
  package var contactedAt: Double?

  package init(
    deviceID: Device.ID, deviceName: String, url: String, udpAddress: String = "",
    jabberID: String = "", username: String, password: String,
    methods: [ConnectionMethod]? = nil, allowsBasic: Bool? = nil,
    contactAddress: String, contactedAt: Double? = nil
  ) {
    self.deviceID = deviceID
    self.deviceName = deviceName
    self.url = url
    self.udpAddress = udpAddress
    self.jabberID = jabberID
    self.username = username
    self.password = password
    self.methods = methods
    self.allowsBasic = allowsBasic
    self.contactAddress = contactAddress
    self.contactedAt = contactedAt
  }

  /// A hash of what a refusal depends on, to notice that one is outdated.
  var fingerprint: Int {
    var hasher = Hasher()
    hasher.combine(url)
    hasher.combine(jabberID)
    hasher.combine(username)
    hasher.combine(password)
    hasher.combine(allowsBasic)
    return hasher.finalize()
  }
}
