/// A transfer that the CPE has not finished (QueuedTransferStruct, AllQueuedTransferStruct).
package struct QueuedTransfer: Sendable, Equatable {
  package var commandKey: String
  /// 1 not yet started, 2 in progress, 3 finishing.
  package var state: Int
  /// Nil in the answer to the older GetQueuedTransfers.
  package var file: File?

  package init(commandKey: String, state: Int, file: File? = nil) {
    self.commandKey = commandKey
    self.state = state
    self.file = file
  }

  /// What GetAllQueuedTransfers tells besides.
  package struct File: Sendable, Equatable {
    package var isDownload: Bool
    package var fileType: String
    /// Bytes; 0 where unknown.
    package var fileSize: UInt64
    package var targetFileName: String

    package init(
      isDownload: Bool, fileType: String, fileSize: UInt64 = 0, targetFileName: String = ""
    ) {
      self.isDownload = isDownload
      self.fileType = fileType
      self.fileSize = fileSize
      self.targetFileName = targetFileName
    }
  }
}
