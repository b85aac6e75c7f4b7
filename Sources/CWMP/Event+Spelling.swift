extension Event {
  /// The standard's own spelling of an event code that a device writes in other letters, such as `1 Boot`; any other code as it is.
  static func spelled(_ code: String) -> String {
    if standard.contains(code) { return code }
    return bySpelling[code.lowercased()] ?? code
  }

  private static let standard: Set<String> = [
    bootstrap, boot, periodic, scheduled, valueChange, kicked, connectionRequest,
    transferComplete, diagnosticsComplete, requestDownload, autonomousTransferComplete,
    duStateChangeComplete, autonomousDUStateChangeComplete, wakeup, heartbeat, methodReboot,
    methodScheduleInform, methodDownload, methodScheduleDownload, methodUpload,
    methodChangeDUState,
  ]

  private static let bySpelling = Dictionary(
    uniqueKeysWithValues: standard.map { ($0.lowercased(), $0) })
}
