/// The root object of a device's tree: TR-181 or its forerunner TR-098.
package enum RootDataModel: String, Sendable, Equatable, CaseIterable {
  case device = "Device."
  case internetGatewayDevice = "InternetGatewayDevice."

  /// The root under which most of the names stand; nil where none stands under either.
  package init?(parameterNames: some Sequence<String>) {
    var device = 0
    var gateway = 0
    for name in parameterNames {
      if name.hasPrefix(Self.device.rawValue) {
        device += 1
      } else if name.hasPrefix(Self.internetGatewayDevice.rawValue) {
        gateway += 1
      }
    }
    guard device + gateway > 0 else { return nil }
    self = device >= gateway ? .device : .internetGatewayDevice
  }
}

extension Inform {
  /// The root that the Inform's parameters stand under; nil where it carries none.
  package var rootDataModel: RootDataModel? {
    RootDataModel(parameterNames: parameters.lazy.map(\.name))
  }
}
