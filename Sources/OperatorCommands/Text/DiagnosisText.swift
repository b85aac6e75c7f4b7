import ManagementTypes

/// The results of a measurement as a person reads them.
///
/// Data models name the results alike below different objects, so that the last parts of paths tell what they are.
struct DiagnosisText {
  /// By name.
  private var scalars: [String: String] = [:]
  /// Rows of tables, by their number.
  private var rows: [Int: [String: String]] = [:]
  private let values: [TaskOrder.Value]

  init(_ values: [TaskOrder.Value]) {
    self.values = values
    for value in values {
      let parts = value.path.split(separator: ".")
      guard let name = parts.last else { continue }
      if let row = parts.dropLast().last.flatMap({ Int($0) }) {
        // Other tables tell of single connections or intervals, in the words that tell of the whole elsewhere.
        guard parts.count > 2, Self.tables.contains(String(parts[parts.count - 3])) else {
          continue
        }
        rows[row, default: [:]][String(name)] = value.value.text
      } else {
        scalars[String(name)] = value.value.text
      }
    }
  }

  private static let tables: Set = ["RouteHops", "Result"]

  /// What came of it in one line; empty where nothing that is known has come.
  func summary(_ diagnosis: String) -> String {
    switch diagnosis {
    case "ping": ping
    case "traceRoute": rows.isEmpty ? "" : counted(rows.count, "hop")
    case "download": throughput(bytes: ["TestBytesReceived", "TotalBytesReceived"])
    case "upload": throughput(bytes: ["TestBytesSent", "TestFileLength", "TotalBytesSent"])
    case "nsLookup": addresses
    case "wifiNeighbors": rows.isEmpty ? "" : counted(rows.count, "network")
    default: ""
    }
  }

  /// All lines, escaped.
  func lines(_ diagnosis: String) -> [String] {
    let summary = summary(diagnosis)
    var lines = summary.isEmpty ? [] : [DisplayText.escaped(summary)]
    if let table = table(diagnosis), !table.isEmpty { lines += table.lines() }
    guard lines.isEmpty else { return lines }
    var table = TextTable("PATH", "VALUE")
    for value in values { table.add(value.path, value.value.text) }
    return table.isEmpty ? [] : table.lines()
  }

  private func table(_ diagnosis: String) -> TextTable? {
    switch diagnosis {
    case "traceRoute":
      var table = TextTable("HOP", "HOST", "ADDRESS", "MILLISECONDS", "ERROR")
      for (number, row) in rows.sorted(by: { $0.key < $1.key }) {
        func cell(_ name: String) -> String { row[name] ?? row["Hop" + name] ?? "" }
        let error = cell("ErrorCode")
        table.add(
          String(number), cell("Host"), cell("HostAddress"), cell("RTTimes"),
          error == "0" ? "" : error)
      }
      return table
    case "nsLookup":
      var table = TextTable("STATUS", "ANSWER", "NAME", "ADDRESSES", "SERVER", "MILLISECONDS")
      for (_, row) in rows.sorted(by: { $0.key < $1.key }) {
        table.add(
          [
            "Status", "AnswerType", "HostNameReturned", "IPAddresses", "DNSServerIP",
            "ResponseTime",
          ].map { row[$0] ?? "" })
      }
      return table
    case "wifiNeighbors":
      var table = TextTable("SSID", "CHANNEL", "SIGNAL", "BAND", "SECURITY", "BSSID")
      for row in rows.sorted(by: { $0.key < $1.key }).map(\.value)
        .sorted(by: { Self.signal($0) > Self.signal($1) })
      {
        table.add(
          row["SSID"] ?? "", row["Channel"] ?? "",
          row["SignalStrength"].map { $0 + " dBm" } ?? "", row["OperatingFrequencyBand"] ?? "",
          row["SecurityModeEnabled"] ?? "", row["BSSID"] ?? "")
      }
      return table
    default: return nil
    }
  }

  private static func signal(_ row: [String: String]) -> Int {
    row["SignalStrength"].flatMap { Int($0) } ?? .min
  }

  private var ping: String {
    guard let success = scalars["SuccessCount"] else { return "" }
    var text = "\(success) answered, \(scalars["FailureCount"] ?? "?") did not"
    let times = ["MinimumResponseTime", "AverageResponseTime", "MaximumResponseTime"].map {
      scalars[$0] ?? "?"
    }
    // Without an answer the times mean nothing.
    if success != "0", times.contains(where: { $0 != "?" }) {
      text += "; min/avg/max \(times.joined(separator: "/")) ms"
    }
    return text
  }

  private var addresses: String {
    let found = rows.sorted { $0.key < $1.key }.compactMap { $0.value["IPAddresses"] }
      .flatMap { $0.split(separator: ",").map { $0.drop { $0 == " " } } }
    var unique: [String] = []
    for address in found.map(String.init) where !unique.contains(address) { unique.append(address) }
    if !unique.isEmpty { return unique.joined(separator: ", ") }
    return scalars["SuccessCount"].map { $0 + " answers" } ?? ""
  }

  /// TR-143 4.3: the bytes of the test over the time from its first to its last byte.
  private func throughput(bytes names: [String]) -> String {
    guard let text = names.lazy.compactMap({ scalars[$0] }).first, let bytes = Int64(text),
      bytes >= 0
    else { return "" }
    guard let begin = moment("BOMTime"), let end = moment("EOMTime"), end > begin else {
      return SizeText.bytes(bytes)
    }
    let seconds = end - begin
    return
      "\(Self.rate(Double(bytes) * 8 / seconds)): \(SizeText.bytes(bytes)) in \(Self.decimal(seconds)) s"
  }

  /// Seconds since 1970. Devices leave the zone out, too, which does not matter for a difference.
  private func moment(_ name: String) -> Double? {
    guard let text = scalars[name] else { return nil }
    return (Timestamp(text) ?? Timestamp(text + "Z"))?.secondsSince1970
  }

  private static func rate(_ bitsPerSecond: Double) -> String {
    var value = bitsPerSecond
    var unit = "bit/s"
    for next in ["kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"] where value >= 1000 {
      value /= 1000
      unit = next
    }
    return "\(decimal(value)) \(unit)"
  }

  /// With two digits after the point.
  private static func decimal(_ value: Double) -> String {
    guard value.isFinite, value >= 0, value < 1e12 else { return "∞" }
    let hundredths = Int64((value * 100).rounded())
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }

  private func counted(_ count: Int, _ word: String) -> String {
    "\(count) \(word)\(count == 1 ? "" : "s")"
  }
}
