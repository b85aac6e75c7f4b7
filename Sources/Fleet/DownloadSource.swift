/// Where a device fetches a file.
package struct DownloadSource: Sendable, Equatable {
  package var url: String
  /// Bytes.
  package var size: UInt64

  package init(url: String, size: UInt64) {
    self.url = url
    self.size = size
  }
}
