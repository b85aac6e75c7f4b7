import CWMP

extension SimulatedCPE.Note {
  /// What the device does, to stand behind its serial number; nil for what only counts.
  package var text: String? {
    switch self {
    case .booted, .wanAddressChanged: nil
    case .rebooting: "reboots"
    case .factoryReset: "goes back to how it left the factory"
    // What stands behind "?" may be as good as a credential.
    case .downloading(let url): "fetches \(url.prefix { $0 != "?" })"
    case .downloadFailed(let fault): "could not use the file: \(fault.code) \(fault.text)"
    case .flashing(let version): "writes version \(version)"
    case .upgraded(let version): "runs version \(version) from now on"
    }
  }
}
