/// What devices of some make need differently from others; nil leaves the usual.
package struct DeviceSwitches: Sendable, Equatable, Codable {
  /// Whether messages to the device begin with an XML declaration.
  package var xmlDeclaration: Bool?
  package var booleans: BooleanLiterals?
  /// Whether points in time are written with fractions of a second, where the value has any.
  package var timeFractions: Bool?
  /// Whether messages to the device may be compressed, where it says that it bears that.
  package var compression: Bool?
  /// Values asked for in one request at the most.
  package var batchSize: Int?
  package var nameListing: NameListing?
  /// How the device is asked to call, in the order in which it is tried; empty: not at all.
  package var connectionMethods: [ConnectionMethod]?
  /// Whether a password may be shown to the device in clear (HTTP Basic) when it is asked to call.
  package var basicConnectionRequests: Bool?
  /// The name of the data model by which the device is understood.
  package var dataModel: String?

  package enum BooleanLiterals: String, Sendable, Codable, CaseIterable {
    /// `0` and `1`.
    case digits
    /// `false` and `true`.
    case words
  }

  /// How the names of a tree are asked for.
  package enum NameListing: String, Sendable, Codable, CaseIterable {
    /// All at once, and level by level where the device refuses that.
    case whole
    /// Level by level from the beginning.
    case levels
  }

  package init() {}

  package static let batchSizes = 1...10_000

  /// These switches, and where they say nothing, those of another.
  package func over(_ other: DeviceSwitches) -> DeviceSwitches {
    var merged = self
    merged.xmlDeclaration = xmlDeclaration ?? other.xmlDeclaration
    merged.booleans = booleans ?? other.booleans
    merged.timeFractions = timeFractions ?? other.timeFractions
    merged.compression = compression ?? other.compression
    merged.batchSize = batchSize ?? other.batchSize
    merged.nameListing = nameListing ?? other.nameListing
    merged.connectionMethods = connectionMethods ?? other.connectionMethods
    merged.basicConnectionRequests = basicConnectionRequests ?? other.basicConnectionRequests
    merged.dataModel = dataModel ?? other.dataModel
    return merged
  }
}

/// Which devices some switches are for.
package struct DeviceSwitchesSpec: Sendable, Equatable {
  /// Over ``factNames`` and the name.
  package var selector: Selector
  package var switches: DeviceSwitches

  package init(selector: Selector, switches: DeviceSwitches) {
    self.selector = selector
    self.switches = switches
  }

  /// What a device tells before anything is sent to it.
  package static let factNames = [
    "DeviceInfo.Manufacturer", "DeviceInfo.ManufacturerOUI", "DeviceInfo.ProductClass",
    "DeviceInfo.HardwareVersion", "DeviceInfo.SoftwareVersion",
  ]
}

/// The switches of a fleet.
package struct DeviceSwitchesTable: Sendable, Equatable {
  /// By their names.
  private let documents: [Document]

  private struct Document: Equatable {
    var name: String
    var spec: DeviceSwitchesSpec
  }

  /// - Parameter specs: by their names. Where several are for a device, those whose name comes later in the alphabet win.
  package init(_ specs: [String: DeviceSwitchesSpec] = [:]) {
    documents = specs.sorted { $0.key < $1.key }.map { Document(name: $0.key, spec: $0.value) }
  }

  package var isEmpty: Bool { documents.isEmpty }

  /// - Parameters:
  ///   - hardwareVersion: nil where the device has not told.
  ///   - softwareVersion: nil where the device has not told.
  package func switches(
    for identity: DeviceIdentity, hardwareVersion: String?, softwareVersion: String?
  ) -> DeviceSwitches {
    inForce(for: identity, hardwareVersion: hardwareVersion, softwareVersion: softwareVersion)
      .switches
  }

  /// The switches for a device, and the names of the documents that they come from, the last of which wins.
  package func inForce(
    for identity: DeviceIdentity, hardwareVersion: String?, softwareVersion: String?
  ) -> (switches: DeviceSwitches, names: [String]) {
    var switches = DeviceSwitches()
    var names: [String] = []
    for document in documents(for: identity, hardwareVersion, softwareVersion) {
      switches = document.spec.switches.over(switches)
      names.append(document.name)
    }
    return (switches, names)
  }

  /// A data model that switches name.
  package struct NamedModel: Sendable, Equatable {
    package var model: String
    /// The document of switches that does.
    package var document: String

    package init(model: String, document: String) {
      self.model = model
      self.document = document
    }
  }

  /// The data model by which a device is to be understood; nil where no switches say.
  package func namedModel(
    for identity: DeviceIdentity, hardwareVersion: String?, softwareVersion: String?
  ) -> NamedModel? {
    let document = documents(for: identity, hardwareVersion, softwareVersion).last {
      $0.spec.switches.dataModel != nil
    }
    return document.flatMap { document in
      document.spec.switches.dataModel.map { NamedModel(model: $0, document: document.name) }
    }
  }

  private func documents(
    for identity: DeviceIdentity, _ hardwareVersion: String?, _ softwareVersion: String?
  ) -> [Document] {
    guard !documents.isEmpty else { return [] }
    var facts = [
      "DeviceInfo.Manufacturer": identity.manufacturer, "DeviceInfo.ManufacturerOUI": identity.oui,
      "DeviceInfo.ProductClass": identity.productClass,
    ]
    facts["DeviceInfo.HardwareVersion"] = hardwareVersion
    facts["DeviceInfo.SoftwareVersion"] = softwareVersion
    return documents.filter {
      $0.spec.selector.matches(name: identity.name, tags: [], facts: facts)
    }
  }
}
