import CWMP

/// A file that a device can put on a server: its settings or its log (TR-069 A.4.1.5).
enum UploadFile: Sendable, Equatable {
  case configuration
  case log

  /// Nil for a type that the device does not know, or an instance that its tables do not have.
  init?(fileType: String, in tree: DeviceTree) {
    switch fileType {
    case "1 Vendor Configuration File": self = .configuration
    case "2 Vendor Log File": self = .log
    default:
      let kinds: [(String, String, UploadFile)] = [
        ("3 Vendor Configuration File ", "DeviceInfo.VendorConfigFile.", .configuration),
        ("4 Vendor Log File ", "DeviceInfo.VendorLogFile.", .log),
      ]
      for (prefix, table, file) in kinds where fileType.hasPrefix(prefix) {
        let row = tree.model.path(table) + fileType.dropFirst(prefix.count) + "."
        guard tree.layout.entry(row) != nil else { return nil }
        self = file
        return
      }
      return nil
    }
  }

  /// The file as it is at the moment, in lines of UTF-8.
  func contents(of cpe: SimulatedCPE, _ now: Duration) -> [UInt8] {
    var text = ""
    let time = cpe.readingTime(now)
    switch self {
    case .configuration:
      text += "# \(cpe.tree.model.name) \(cpe.tree.context.serialNumber)\n"
      for entry in cpe.tree.layout.entries {
        guard let parameter = entry.parameter, parameter.isWritable, !parameter.isHidden,
          let value = cpe.tree.storedValue(entry.path, at: time)
        else { continue }
        text += "\(entry.path)=\(value)\n"
      }
    case .log:
      func line(_ moment: Int64, _ message: String) {
        text += "\(DateTimeText.format(moment)) \(cpe.tree.context.serialNumber) \(message)\n"
      }
      line(time.clock - time.uptime, "boot complete, boots so far: \(cpe.bootCount)")
      for event in cpe.pending { line(time.clock, "pending event \(event.event.code)") }
      line(
        time.clock,
        "software version \(cpe.stored("DeviceInfo.SoftwareVersion", now)), uptime \(time.uptime) s, retries \(cpe.retryCount)"
      )
    }
    return Array(text.utf8)
  }
}
