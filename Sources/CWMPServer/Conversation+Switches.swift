import CWMP
import Fleet
import FleetStore
import NIOCore

/// What the device of a session needs differently.
extension Conversation {
  /// Takes over the switches for the device that has just told who it is.
  func takeSwitches(for contact: Contact, _ admitted: AdmittedContact) {
    let table = door.environment.switches()
    guard !table.isEmpty else { return }
    let path = admitted.root + "DeviceInfo.HardwareVersion"
    switches = table.switches(
      for: contact.identity,
      hardwareVersion: contact.values.first { $0.path == path }?.value,
      softwareVersion: admitted.softwareVersion)
    style = EnvelopeEncoder.Style(door.settings.style, switches)
    if let size = switches.batchSize, let learned = device?.batchSize {
      device?.batchSize = min(learned, size)
    }
  }

  /// How long the device may be silent: as it asks, within limits (TR-069 3.7.2.3).
  var patience: TimeAmount {
    guard let wantedPatience else { return door.settings.sessionTimeout }
    return min(
      max(.seconds(Int64(wantedPatience)), door.settings.sessionTimeout),
      max(door.settings.maxSessionTimeout, door.settings.sessionTimeout))
  }

  /// How the tree of the device is read.
  var readingLimits: TreeReadingLimits {
    var limits = door.settings.reading
    if switches.nameListing == .levels { limits.listsByLevel = true }
    return limits
  }
}

extension EnvelopeEncoder.Style {
  fileprivate init(_ usual: EnvelopeEncoder.Style, _ switches: DeviceSwitches) {
    self = usual
    if let declaration = switches.xmlDeclaration { xmlDeclaration = declaration }
    switch switches.booleans {
    case .digits: booleans = .digits
    case .words: booleans = .words
    case nil: break
    }
    switch switches.timeFractions {
    case true: dateTimes = .milliseconds
    case false: dateTimes = .withoutFraction
    case nil: break
    }
  }
}
