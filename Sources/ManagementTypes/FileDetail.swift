/// A stored file that devices may be told to fetch.
package struct FileDetail: Codable, Sendable, Equatable {
  /// 64 lower-case hexadecimal digits; the file's identity.
  package var sha256: String
  package var name: String
  /// The version that the image carries, for firmware; else empty.
  package var version: String
  /// Bytes.
  package var size: Int64
  package var createdBy: String
  package var createdAt: Timestamp

  package init(
    sha256: String, name: String, version: String, size: Int64, createdBy: String,
    createdAt: Timestamp
  ) {
    self.sha256 = sha256
    self.name = name
    self.version = version
    self.size = size
    self.createdBy = createdBy
    self.createdAt = createdAt
  }
}
