/// What devices of one make and firmware support, its items apart.
package struct SupportedModelDetail: Codable, Sendable, Equatable {
  /// `OUI-ProductClass@SoftwareVersion`, percent-encoded; to be percent-encoded again in a URL.
  package var name: String
  package var manufacturer: String
  package var oui: String
  package var productClass: String
  package var softwareVersion: String
  package var `protocol`: String
  /// `Device.` or `InternetGatewayDevice.`.
  package var root: String
  package var objects: Int
  package var parameters: Int
  package var commands: Int
  package var events: Int
  /// True where there is more than is kept.
  package var isCut: Bool
  /// The documents that the devices say to follow.
  package var announced: [Announced]
  /// How many devices it is put together from.
  package var devices: Int
  package var createdAt: Timestamp
  package var updatedAt: Timestamp
  /// When a device with it was last read as a whole, to the hour.
  package var seenAt: Timestamp

  /// A row of `DeviceInfo.SupportedDataModel`.
  package struct Announced: Codable, Sendable, Equatable {
    package var url: String
    package var urn: String?
    package var uuid: String?
    package var features: String?

    package init(url: String, urn: String?, uuid: String?, features: String?) {
      self.url = url
      self.urn = urn
      self.uuid = uuid
      self.features = features
    }
  }

  package init(
    name: String, manufacturer: String, oui: String, productClass: String, softwareVersion: String,
    protocol: String, root: String, objects: Int, parameters: Int, commands: Int, events: Int,
    isCut: Bool, announced: [Announced], devices: Int, createdAt: Timestamp, updatedAt: Timestamp,
    seenAt: Timestamp
  ) {
    self.name = name
    self.manufacturer = manufacturer
    self.oui = oui
    self.productClass = productClass
    self.softwareVersion = softwareVersion
    self.protocol = `protocol`
    self.root = root
    self.objects = objects
    self.parameters = parameters
    self.commands = commands
    self.events = events
    self.isCut = isCut
    self.announced = announced
    self.devices = devices
    self.createdAt = createdAt
    self.updatedAt = updatedAt
    self.seenAt = seenAt
  }
}

/// What devices of one make and firmware support, item by item.
package struct SupportedModelItems: Codable, Sendable, Equatable {
  package var model: SupportedModelDetail
  /// In the order of their paths.
  package var items: [Item]

  package struct Item: Codable, Sendable, Equatable {
    /// With `{i}` for instances; an object's ends in a dot.
    package var path: String
    /// `object`, `param`, `command`, `event` …
    package var kind: String
    /// `readOnly`, `readWrite`, `writeOnly`; of tables also `create`, `delete`, `createDelete`. Nil where no device has told.
    package var access: String?
    package var type: String?

    package init(path: String, kind: String, access: String?, type: String?) {
      self.path = path
      self.kind = kind
      self.access = access
      self.type = type
    }
  }

  package init(model: SupportedModelDetail, items: [Item]) {
    self.model = model
    self.items = items
  }
}
