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
    case .uploading(let url): "puts a file to \(url.prefix { $0 != "?" })"
    case .uploaded: "has put the file there"
    case .uploadFailed(let fault): "could not put the file there: \(fault.code) \(fault.text)"
    case .flashing(let version): "writes version \(version)"
    case .upgraded(let version): "runs version \(version) from now on"
    case .softwareChanged(let name, let state): "has changed software \(name): \(state)"
    case .diagnosed(let name, let state): "has finished the diagnostic \(name): \(state)"
    case .triggered(let trigger): "was triggered: \(trigger.text)"
    }
  }
}

extension Trigger {
  /// As a person writes it.
  package var text: String {
    switch self {
    case .autonomousTransfer: "autonomous-transfer"
    case .autonomousSoftware: "autonomous-software"
    case .requestDownload(let type): "request-download=\(type)"
    case .kicked: "kicked"
    case .getRPCMethods: "get-rpc-methods"
    case .change(let path, _): "change=\(path)"
    case .event(let code): "event=\(code)"
    case .powerCycle: "power-cycle"
    case .factoryReset: "factory-reset"
    }
  }
}
