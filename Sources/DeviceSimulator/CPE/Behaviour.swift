/// How a device behaves; times in the device's own seconds.
package struct Behaviour: Sendable, Equatable {
  package var bootTime: Double
  package var flashTime: ClosedRange<Double>
  /// How long one operation on a deployment unit takes.
  package var softwareTime: ClosedRange<Double>
  package var diagnosticTime: ClosedRange<Double>
  /// Shares in percent of what goes wrong on purpose.
  package var failDownload: Double
  package var failFlash: Double
  package var neverTransferComplete: Double
  /// What else goes wrong on purpose.
  package var failures: [Failure]
  /// How often the WAN address becomes another one on average; nil for never.
  package var wanAddressChange: Double?
  /// What a diagnostic of a host ends with, by the host's name or a suffix such as `.invalid`.
  package var diagnosticErrors: [String: String]
  /// Departures from the standard besides those of the model.
  package var quirks: Quirks
  /// What happens by itself, and when after each boot.
  package var triggers: [TimedTrigger]

  /// The domain in which no name is ever found (RFC 2606).
  package static let unresolvableHosts = [".invalid": "Error_CannotResolveHostName"]

  package init(
    bootTime: Double = 5, flashTime: ClosedRange<Double> = 3...10,
    softwareTime: ClosedRange<Double> = 1...5, diagnosticTime: ClosedRange<Double> = 2...8,
    failDownload: Double = 0, failFlash: Double = 0, neverTransferComplete: Double = 0,
    failures: [Failure] = [], wanAddressChange: Double? = nil,
    diagnosticErrors: [String: String] = unresolvableHosts, quirks: Quirks = Quirks(),
    triggers: [TimedTrigger] = []
  ) {
    self.bootTime = bootTime
    self.flashTime = flashTime
    self.softwareTime = softwareTime
    self.diagnosticTime = diagnosticTime
    self.failDownload = failDownload
    self.failFlash = failFlash
    self.neverTransferComplete = neverTransferComplete
    self.failures = failures
    self.wanAddressChange = wanAddressChange
    self.diagnosticErrors = diagnosticErrors
    self.quirks = quirks
    self.triggers = triggers
  }
}
