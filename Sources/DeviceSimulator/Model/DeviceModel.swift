/// A kind of device: its identity, its data model and what it tells in an Inform.
package struct DeviceModel: Sendable {
  package let name: String
  package let manufacturer: String
  /// Six hexadecimal digits.
  package let oui: String
  package let productClass: String
  /// The parameters of every Inform, as full paths.
  package let informParameters: [String]
  /// The parameter that holds the address on the WAN side, if the model names one.
  package let wanAddress: String?
  /// The name of the root object with its dot, such as `Device.`.
  package let root: String
  /// How devices of this model depart from the standard.
  package let quirks: Quirks
  let tree: ObjectDefinition
  /// The tree of a device as it leaves the factory.
  let layout: TreeLayout

  /// The bytes of a model file at most.
  package static let maximumFileSize = 4 << 20
  /// The paths of a device's tree at most, so that a slip in an instance count cannot fill the memory.
  package static let maximumPaths = 100_000

  init(
    name: String, manufacturer: String, oui: String, productClass: String,
    informParameters: [String], wanAddress: String?, quirks: Quirks = Quirks(),
    tree: ObjectDefinition
  ) {
    self.name = name
    self.manufacturer = manufacturer
    self.oui = oui
    self.productClass = productClass
    self.informParameters = informParameters
    self.wanAddress = wanAddress
    self.quirks = quirks
    self.tree = tree
    root = tree.name + "."
    layout = TreeLayout(tree, instanceNumbers: [:])
  }

  /// The path of a parameter below the root, such as `ManagementServer.URL`.
  func path(_ relative: String) -> String { root + relative }

  /// How many parameters a new device has.
  package var parameterCount: Int {
    layout.entries.reduce(0) { $0 + ($1.parameter == nil ? 0 : 1) }
  }

  /// Every path of a new device's tree in order, objects with their final dot.
  package var paths: [String] { layout.entries.map(\.path) }
}

extension DeviceModel {
  /// How much of a device a model has.
  package enum Extent: Sendable {
    /// Settings and statistics: what load is measured with.
    case basic
    /// Diagnostics, software modules, log files and aliases too.
    case complete
  }

  /// The gateway by TR-181 issue 2 that comes with the simulator.
  package static func tr181(_ extent: Extent = .basic) throws -> DeviceModel {
    try builtIn(PackageResources.tr181_yaml, "tr181", extent)
  }

  /// The gateway by TR-098 that comes with the simulator.
  package static func tr098(_ extent: Extent = .basic) throws -> DeviceModel {
    try builtIn(PackageResources.tr098_yaml, "tr098", extent)
  }

  private static func builtIn(_ yaml: [UInt8], _ name: String, _ extent: Extent)
    throws(SimulatorError) -> DeviceModel
  {
    var fragments: [ObjectDefinition] = []
    if extent == .complete, let fragment = try fragment(name + "-complete") {
      fragments.append(fragment)
    }
    return try DeviceModelReader(file: name + ".yaml")
      .model(String(decoding: yaml, as: UTF8.self), fragments: fragments)
  }
}
