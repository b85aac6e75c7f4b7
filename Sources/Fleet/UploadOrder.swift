import DeviceModel

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

  /// What ``isFileType(_:)`` takes, for a person.
  package static let fileTypes =
    "“\(configurationFile)”, “\(logFile)”, “3 Vendor Configuration File <number>”,"
    + " “4 Vendor Log File <number>”, or “X <vendor> <name>”"

  /// Whether devices can be asked for files of a type (TR-069 A.4.1.5): the standard's, and those of vendors, which begin with
  /// X and the vendor's OUI or domain.
  package static func isFileType(_ type: String) -> Bool {
    if type == configurationFile || type == logFile { return true }
    for numbered in ["3 Vendor Configuration File ", "4 Vendor Log File "]
    where type.hasPrefix(numbered) {
      let digits = type.dropFirst(numbered.count).utf8
      return (1...10).contains(digits.count) && digits.first != UInt8(ascii: "0")
        && digits.allSatisfy(\.isASCIIDigit)
    }
    let words = type.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    return words.count == 3 && words[0] == "X" && !words[1].isEmpty
      && words[2].contains { $0 != " " }
  }
}
