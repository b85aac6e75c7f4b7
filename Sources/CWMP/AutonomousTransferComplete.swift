/// A transfer that the ACS did not ask for has ended (TR-069 A.3.3.3).
package struct AutonomousTransferComplete: Sendable, Equatable {
  /// The URL on which the CPE listened to the announcement of the transfer; may be empty.
  package var announceURL: String
  package var transferURL: String
  package var isDownload: Bool
  /// For example `1 Firmware Upgrade Image`.
  package var fileType: String
  /// Bytes; 0 where unknown.
  package var fileSize: UInt64
  package var targetFileName: String
  /// Nil where the transfer succeeded (FaultCode 0).
  package var fault: FaultDetail?
  /// Literal dateTime texts; ``unknownTime`` where unknown.
  package var startTime: String
  package var completeTime: String

  package init(
    announceURL: String = "", transferURL: String = "", isDownload: Bool, fileType: String,
    fileSize: UInt64 = 0, targetFileName: String = "", fault: FaultDetail? = nil,
    startTime: String = unknownTime, completeTime: String = unknownTime
  ) {
    self.announceURL = announceURL
    self.transferURL = transferURL
    self.isDownload = isDownload
    self.fileType = fileType
    self.fileSize = fileSize
    self.targetFileName = targetFileName
    self.fault = fault
    self.startTime = startTime
    self.completeTime = completeTime
  }
}
