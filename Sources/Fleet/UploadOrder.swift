/// Which file a device shall send.
package struct UploadOrder: Sendable, Equatable {
  /// The standard's words, for example `3 Vendor Configuration File 1`.
  package var fileType: String
  /// Seconds that the device waits before it begins.
  package var delay: Int
  /// Another server that takes the file; nil: it is stored here.
  package var remote: RemoteFile?

  package init(fileType: String, delay: Int = 0, remote: RemoteFile? = nil) {
    self.fileType = fileType
    self.delay = delay
    self.remote = remote
  }

  package static let configurationFile = "1 Vendor Configuration File"
  package static let logFile = "2 Vendor Log File"
}
