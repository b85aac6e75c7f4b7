/// The CPE asks for a file (TR-069 A.4.2.1).
package struct RequestDownload: Sendable, Equatable {
  /// For example `1 Firmware Upgrade Image`.
  package var fileType: String
  /// At most 16 by the standard.
  package var arguments: [Argument]

  package init(fileType: String, arguments: [Argument] = []) {
    self.fileType = fileType
    self.arguments = arguments
  }

  /// A further description of the file, such as `Version` for web content (ArgStruct).
  package struct Argument: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }
}
