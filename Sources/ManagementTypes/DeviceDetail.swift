/// A device in a list.
package struct DeviceSummary: Codable, Sendable, Equatable {
  /// `OUI-ProductClass-SerialNumber`, percent-encoded; to be percent-encoded again in a URL.
  package var name: String
  package var tags: [String]
  /// Nil until the device has called for the first time.
  package var lastContact: Timestamp?
  /// The searchable parameters without the root, for example `DeviceInfo.SoftwareVersion`.
  package var facts: [String: String]
  /// Nil where no USP agent of the device has been connected: devices of CWMP are known by their last contact.
  package var presence: PresenceDetail?

  package init(
    name: String, tags: [String], lastContact: Timestamp?, facts: [String: String],
    presence: PresenceDetail? = nil
  ) {
    self.presence = presence
    self.name = name
    self.tags = tags
    self.lastContact = lastContact
    self.facts = facts
  }
}

/// Everything about a device except its tree, tasks and events.
package struct DeviceDetail: Codable, Sendable, Equatable {
  package var name: String
  package var manufacturer: String
  package var oui: String
  package var productClass: String
  package var serialNumber: String
  package var tags: [String]
  package var facts: [String: String]
  /// `cwmp`; empty until the device has called for the first time.
  package var `protocol`: String
  /// `Device.` or `InternetGatewayDevice.`; empty until known.
  package var root: String
  /// The IP address it last called from; empty until known.
  package var address: String
  package var createdAt: Timestamp
  package var lastContact: Timestamp?
  package var lastBoot: Timestamp?
  /// The last complete reading of the tree.
  package var lastRead: Timestamp?
  /// When the tree is to be read (again).
  package var readDue: Timestamp?
  /// True once the device accepts connection requests of this server.
  package var isReachable: Bool
  package var openTasks: Int
  /// What the device needs differently; nil where that is nothing.
  package var switches: SwitchesInForce?
  /// The device's USP agent; nil where it has none that is known.
  package var agent: AgentDetail?
  /// Whether that agent is connected, to whichever node; nil where none has been.
  package var presence: PresenceDetail?

  package init(
    name: String, manufacturer: String, oui: String, productClass: String, serialNumber: String,
    tags: [String], facts: [String: String], protocol: String, root: String, address: String,
    createdAt: Timestamp, lastContact: Timestamp?, lastBoot: Timestamp?, lastRead: Timestamp?,
    readDue: Timestamp?, isReachable: Bool, openTasks: Int, switches: SwitchesInForce? = nil,
    agent: AgentDetail? = nil, presence: PresenceDetail? = nil
  ) {
    self.agent = agent
    self.presence = presence
    self.switches = switches
    self.name = name
    self.manufacturer = manufacturer
    self.oui = oui
    self.productClass = productClass
    self.serialNumber = serialNumber
    self.tags = tags
    self.facts = facts
    self.protocol = `protocol`
    self.root = root
    self.address = address
    self.createdAt = createdAt
    self.lastContact = lastContact
    self.lastBoot = lastBoot
    self.lastRead = lastRead
    self.readDue = readDue
    self.isReachable = isReachable
    self.openTasks = openTasks
  }
}

/// A device to be made known before it calls.
package struct NewDevice: Codable, Sendable, Equatable {
  package var manufacturer: String?
  /// Six hexadecimal digits, spelled as the device spells them: upper case, says TR-069, but not every device does.
  package var oui: String
  /// Empty where the device has none.
  package var productClass: String
  package var serialNumber: String
  package var tags: [String]?
  /// What the device will show at the door; nil: it uses the shared credential.
  package var credential: Credential?

  package struct Credential: Codable, Sendable, Equatable {
    package var username: String
    package var password: String

    package init(username: String, password: String) {
      self.username = username
      self.password = password
    }
  }

  package init(
    manufacturer: String? = nil, oui: String, productClass: String, serialNumber: String,
    tags: [String]? = nil, credential: Credential? = nil
  ) {
    self.manufacturer = manufacturer
    self.oui = oui
    self.productClass = productClass
    self.serialNumber = serialNumber
    self.tags = tags
    self.credential = credential
  }
}

/// A change of a device's tags: either the whole list, or what to add and what to remove.
package struct DevicePatch: Codable, Sendable, Equatable {
  package var tags: [String]?
  package var addTags: [String]?
  package var removeTags: [String]?

  package init(tags: [String]? = nil, addTags: [String]? = nil, removeTags: [String]? = nil) {
    self.tags = tags
    self.addTags = addTags
    self.removeTags = removeTags
  }
}

/// The number of devices that a selector matches.
package struct DeviceCount: Codable, Sendable, Equatable {
  package var count: Int

  package init(count: Int) {
    self.count = count
  }
}

/// A parameter or object of a device's stored tree.
package struct ParameterDetail: Codable, Sendable, Equatable {
  /// Full path with the root; objects end with a dot.
  package var path: String
  /// Nil for objects, and where the device listed the name but never returned a value.
  package var value: TypedValue?
  /// `string`, `int`, `unsignedInt`, `long`, `unsignedLong`, `boolean`, `dateTime`, `base64`, `hexBinary`, `decimal`;
  /// nil for objects.
  package var type: String?
  /// Nil where the device has not told.
  package var writable: Bool?
  /// 0 off, 1 passive, 2 active, 3–6 with lightweight notifications; nil where the device has not told.
  package var notification: Int?
  /// When the value was first seen as it is.
  package var changedAt: Timestamp

  package init(
    path: String, value: TypedValue?, type: String?, writable: Bool?, notification: Int?,
    changedAt: Timestamp
  ) {
    self.path = path
    self.value = value
    self.type = type
    self.writable = writable
    self.notification = notification
    self.changedAt = changedAt
  }
}
