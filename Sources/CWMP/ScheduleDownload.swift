/// The arguments of ScheduleDownload: a Download within time windows (TR-069 A.4.1.8).
package struct ScheduleDownload: Sendable, Equatable {
  package var commandKey: String
  package var fileType: String
  package var url: String
  package var username: String
  package var password: String
  /// Bytes; 0 where unknown.
  package var fileSize: UInt64
  package var targetFileName: String
  /// One or two that do not overlap.
  package var timeWindows: [TimeWindow]

  package init(
    commandKey: String, fileType: String, url: String, username: String = "",
    password: String = "", fileSize: UInt64 = 0, targetFileName: String = "",
    timeWindows: [TimeWindow]
  ) {
    self.commandKey = commandKey
    self.fileType = fileType
    self.url = url
    self.username = username
    self.password = password
    self.fileSize = fileSize
    self.targetFileName = targetFileName
    self.timeWindows = timeWindows
  }

  /// When a scheduled download may be done (TimeWindowStruct).
  package struct TimeWindow: Sendable, Equatable {
    /// Seconds from the moment of the call.
    package var start: UInt32
    package var end: UInt32
    /// `1 At Any Time`, `2 Immediately`, `3 When Idle`, `4 Confirmation Needed` or a vendor's.
    package var mode: String
    /// Shown to the user where the mode asks for a confirmation.
    package var userMessage: String
    /// 0 for none, -1 to leave it to the CPE.
    package var maxRetries: Int32

    package init(
      start: UInt32, end: UInt32, mode: String = atAnyTime, userMessage: String = "",
      maxRetries: Int32 = -1
    ) {
      self.start = start
      self.end = end
      self.mode = mode
      self.userMessage = userMessage
      self.maxRetries = maxRetries
    }

    package static let atAnyTime = "1 At Any Time"
    package static let immediately = "2 Immediately"
    package static let whenIdle = "3 When Idle"
    package static let confirmationNeeded = "4 Confirmation Needed"
  }
}
