import USP

/// What diagnostics bring as output arguments: figures that could be true, by the agent's own chance.
extension USPAgent {
  mutating func diagnose(_ request: RunningRequest, _ now: Duration)
    -> Result<[String: String], USPFault>
  {
    var output: [String: String]
    switch request.command.kind {
    case .selfTest: output = ["Status": "Complete", "Results": "no fault found"]
    case .nameLookup: output = lookUp(request)
    case .neighboringWiFi: output = neighbours()
    default:
      if let error = error(of: request) {
        output = ["Status": error, "IPAddressUsed": ownAddress]
        if request.command.kind == .ping {
          output["SuccessCount"] = "0"
          output["FailureCount"] = request.argument("NumberOfRepetitions")
        }
      } else {
        switch request.command.kind {
        case .ping: output = ping(request)
        case .traceRoute: output = traceRoute(request)
        case .downloadTest, .uploadTest: output = transferTest(request)
        default:
          return .failure(
            USPFault(.commandFailure, "\(request.command.name) is not carried out here"))
        }
      }
    }
    notes.append(.diagnosed(name: request.command.name, state: output["Status"] ?? ""))
    return .success(output)
  }

  private var ownAddress: String {
    tree.model.device.wanAddress.flatMap { tree.value($0) } ?? ""
  }

  /// The state that the host's name stands for, by what the person has ordered.
  private func error(of request: RunningRequest) -> String? {
    let text =
      ["Host", "DownloadURL", "UploadURL"].map(request.argument).first { !$0.isEmpty } ?? ""
    let host = text.contains("://") ? HTTPTarget(text)?.host ?? "" : text
    guard !host.isEmpty else { return "Error_CannotResolveHostName" }
    return orderedError(host)
  }

  private func orderedError(_ host: String) -> String? {
    let errors = behaviour.diagnosticErrors
    let match = errors.keys.filter { $0 == host || ($0.hasPrefix(".") && host.hasSuffix($0)) }
      .max { ($0.count, $0) < ($1.count, $1) }
    return match.flatMap { errors[$0] }
  }

  private mutating func ping(_ request: RunningRequest) -> [String: String] {
    let count = min(max(1, Int(request.argument("NumberOfRepetitions")) ?? 3), 10_000)
    let base = Int.random(in: 8...60, using: &random)
    let times = (0..<min(count, 100)).map { _ in base + Int.random(in: 0...12, using: &random) }
    let lost = Int.random(in: 0..<20, using: &random) == 0 ? 1 : 0
    let average = times.reduce(0, +) / times.count
    let least = times.min() ?? base
    let most = times.max() ?? base
    return [
      "Status": "Complete", "IPAddressUsed": ownAddress, "SuccessCount": String(count - lost),
      "FailureCount": String(lost), "AverageResponseTime": String(average),
      "MinimumResponseTime": String(least), "MaximumResponseTime": String(most),
      "AverageResponseTimeDetailed": String(average * 1000 + 417),
      "MinimumResponseTimeDetailed": String(least * 1000 + 101),
      "MaximumResponseTimeDetailed": String(most * 1000 + 903),
    ]
  }

  private mutating func traceRoute(_ request: RunningRequest) -> [String: String] {
    let distance = Int.random(in: 4...12, using: &random)
    let limit = max(1, Int(request.argument("MaxHopCount")) ?? 30)
    let tries = min(3, max(1, Int(request.argument("NumberOfTries")) ?? 3))
    var output = [
      "Status": distance > limit ? "Error_MaxHopCountExceeded" : "Complete",
      "IPAddressUsed": ownAddress, "ResponseTime": String(distance * 3 + 4),
    ]
    for hop in 1...min(distance, limit) {
      let row = "RouteHops.\(hop)."
      let times = (0..<tries).map { _ in String(hop * 3 + Int.random(in: 0...5, using: &random)) }
      output[row + "Host"] = hop == distance ? request.argument("Host") : "hop\(hop).example.net"
      // 198.51.100.0/24 is for examples (RFC 5737).
      output[row + "HostAddress"] = ValueExpression.addressText(0xC633_6400 + UInt32(hop))
      output[row + "ErrorCode"] = "0"
      output[row + "RTTimes"] = times.joined(separator: ",")
    }
    return output
  }

  private mutating func transferTest(_ request: RunningRequest) -> [String: String] {
    let isUpload = request.command.kind == .uploadTest
    let length = UInt32(request.argument("TestFileLength")).map { Int($0) } ?? 0
    let bytes =
      isUpload && length > 0 ? length : Int.random(in: 2_000_000...40_000_000, using: &random)
    let seconds = Int64.random(in: 1...4, using: &random)
    let clock = tree.time.clock
    func moment(_ before: Int64, _ microseconds: Int) -> String {
      let digits = String(microseconds)
      return DateTimeText.format(clock - before).dropLast() + "."
        + String(repeating: "0", count: 6 - digits.count) + digits + "Z"
    }
    return [
      "Status": "Complete", "IPAddressUsed": ownAddress,
      "TCPOpenRequestTime": moment(seconds, 102_113),
      "TCPOpenResponseTime": moment(seconds, 118_940), "ROMTime": moment(seconds, 119_002),
      "BOMTime": moment(seconds, 160_447), "EOMTime": moment(0, 31_870),
      isUpload ? "TestBytesSent" : "TestBytesReceived": String(bytes),
      "TotalBytesReceived": String(isUpload ? bytes / 50 : bytes + bytes / 25),
      "TotalBytesSent": String(isUpload ? bytes + bytes / 25 : bytes / 50),
    ]
  }

  private mutating func lookUp(_ request: RunningRequest) -> [String: String] {
    let host = request.argument("HostName")
    let isFound = orderedError(host) == nil
    let count = min(16, max(1, Int(request.argument("NumberOfRepetitions")) ?? 1))
    let server = request.argument("DNSServer")
    // 203.0.113.0/24 is for examples (RFC 5737).
    let address = ValueExpression.addressText(
      0xCB00_7100 + UInt32(SeededRandom.hash(host, seed: 0) % 254) + 1)
    var output = [
      "Status": host.isEmpty ? "Error_Other" : "Complete",
      "SuccessCount": String(isFound ? count : 0),
    ]
    for number in 1...count {
      let row = "Result.\(number)."
      output[row + "Status"] = isFound ? "Success" : "Error_HostNameNotResolved"
      output[row + "AnswerType"] = isFound ? "NonAuthoritative" : "None"
      output[row + "HostNameReturned"] = isFound ? host : ""
      output[row + "IPAddresses"] = isFound ? address : ""
      output[row + "DNSServerIP"] = server.isEmpty ? "192.0.2.53" : server
      output[row + "ResponseTime"] = String(Int.random(in: 5...40, using: &random))
    }
    return output
  }

  private mutating func neighbours() -> [String: String] {
    var output = ["Status": "Complete"]
    for number in 1...Int.random(in: 2...6, using: &random) {
      let row = "Result.\(number)."
      let isHigh = number % 2 == 0
      let digits = String(
        SeededRandom.hash("neighbour\(number)", seed: tree.context.seed), radix: 16)
      let hex = (digits + "00000000").uppercased().prefix(8).map(String.init)
      let octets = stride(from: 0, to: 8, by: 2).map { hex[$0] + hex[$0 + 1] }
      output[row + "Radio"] = "Device.WiFi.Radio.\(isHigh ? 2 : 1)"
      output[row + "SSID"] = "Neighbour-\(hex[0...3].joined())"
      output[row + "BSSID"] = "02:1A:\(octets.joined(separator: ":"))"
      output[row + "Mode"] = "Infrastructure"
      output[row + "Channel"] = isHigh ? "44" : String(Int.random(in: 1...13, using: &random))
      output[row + "SignalStrength"] = String(Int.random(in: -90 ... -45, using: &random))
      output[row + "SecurityModeEnabled"] = "WPA2"
      output[row + "OperatingFrequencyBand"] = isHigh ? "5GHz" : "2.4GHz"
      output[row + "OperatingStandards"] = isHigh ? "ac,ax" : "n"
    }
    return output
  }
}
