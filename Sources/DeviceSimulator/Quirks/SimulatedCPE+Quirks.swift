import CWMP

/// The quirks that belong to a device's life rather than to a message.
extension SimulatedCPE {
  mutating func quirksAtBoot(_ now: Duration) {
    quirkMemory.hadSecondInform = false
    quirkMemory.hadCut = false
    // The first boot is how it left the factory.
    if quirks.contains(.instancesRenumbered), bootCount > 1 { tree.renumberInstances() }
  }

  mutating func quirksAfterSession(_ now: Duration) {
    quirkMemory.hadFirstContact = true
    guard quirks.contains(.sessionAtOnce) else { return }
    quirkMemory.hadSessionAtOnce.toggle()
    if quirkMemory.hadSessionAtOnce {
      add(Event(Event.periodic), after: .microseconds(500), now)
    }
  }
}
