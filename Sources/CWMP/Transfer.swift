/// The arguments of Download (TR-069 A.3.2.8). Result: ``TransferStart``, later ``TransferComplete``.
package struct Download: Sendable, Equatable {
  package var commandKey: String
  /// For example `1 Firmware Upgrade Image`.
  package var fileType: String
  package var url: String
  package var username: String
  package var password: String
  /// Bytes; 0 where unknown.
  package var fileSize: UInt64
  package var targetFileName: String
  package var delaySeconds: UInt32
  package var successURL: String
  package var failureURL: String

  package init(
    commandKey: String, fileType: String, url: String, username: String = "",
    password: String = "", fileSize: UInt64 = 0, targetFileName: String = "",
    delaySeconds: UInt32 = 0, successURL: String = "", failureURL: String = ""
  ) {
    self.commandKey = commandKey
    self.fileType = fileType
    self.url = url
    self.username = username
    self.password = password
    self.fileSize = fileSize
    self.targetFileName = targetFileName
    self.delaySeconds = delaySeconds
    self.successURL = successURL
    self.failureURL = failureURL
  }

  package static let firmwareUpgradeImage = "1 Firmware Upgrade Image"
}

/// The answer to Download and Upload: done already, or to be reported by TransferComplete.
package struct TransferStart: Sendable, Equatable {
  package var status: ApplyStatus
  /// Literal dateTime texts; `0001-01-01T00:00:00Z` where unknown.
  package var startTime: String
  package var completeTime: String

  package init(
    status: ApplyStatus, startTime: String = unknownTime, completeTime: String = unknownTime
  ) {
    self.status = status
    self.startTime = startTime
    self.completeTime = completeTime
  }
}

/// The literal for "unknown time" (TR-069 A.2.1, TR-106 3.2.1).
package let unknownTime = "0001-01-01T00:00:00Z"

/// The outcome of a transfer (TR-069 A.3.3.2).
package struct TransferComplete: Sendable, Equatable {
  package var commandKey: String
  /// Nil where the transfer succeeded (FaultCode 0).
  package var fault: FaultDetail?
  package var startTime: String
  package var completeTime: String

  package init(
    commandKey: String, fault: FaultDetail? = nil, startTime: String = unknownTime,
    completeTime: String = unknownTime
  ) {
    self.commandKey = commandKey
    self.fault = fault
    self.startTime = startTime
    self.completeTime = completeTime
  }
}
