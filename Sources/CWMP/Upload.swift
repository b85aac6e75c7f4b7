/// The arguments of Upload (TR-069 A.4.1.5). Result: ``TransferStart``, later ``TransferComplete``.
package struct Upload: Sendable, Equatable {
  package var commandKey: String
  /// For example `3 Vendor Configuration File 1`.
  package var fileType: String
  package var url: String
  package var username: String
  package var password: String
  package var delaySeconds: UInt32

  package init(
    commandKey: String, fileType: String, url: String, username: String = "",
    password: String = "", delaySeconds: UInt32 = 0
  ) {
    self.commandKey = commandKey
    self.fileType = fileType
    self.url = url
    self.username = username
    self.password = password
    self.delaySeconds = delaySeconds
  }
}
