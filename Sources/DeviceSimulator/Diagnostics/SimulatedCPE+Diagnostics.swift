import CWMP

/// Diagnostics: requested by a parameter, run after the session, told of by `8 DIAGNOSTICS COMPLETE`.
extension SimulatedCPE {
  /// Takes note of what a session has written; the tests themselves begin when the session is over.
  mutating func diagnosticsWritten(_ paths: [String], _ now: Duration) {
    let root = tree.model.root
    var touched: [String: (kind: DiagnosticKind, namesState: Bool)] = [:]
    for path in paths where path.hasPrefix(root) {
      guard let (kind, relative) = DiagnosticKind.containing(path.dropFirst(root.count)) else {
        continue
      }
      let namesState = path == root + relative + "DiagnosticsState"
      touched[root + relative] = (
        kind, namesState || touched[root + relative]?.namesState ?? false
      )
    }
    for (base, (kind, namesState)) in touched {
      // Any change ends a test that is under way (TR-181 DiagnosticsState).
      diagnostics.removeAll { $0.base == base }
      askedDiagnostics.removeAll { $0.base == base }
      let state = tree.storedValue(base + "DiagnosticsState", at: readingTime(now))
      if namesState, state == "Requested" {
        askedDiagnostics.append((kind, base))
      } else {
        setState(base, "None", now)
      }
    }
  }

  private mutating func setState(_ base: String, _ state: String, _ now: Duration) {
    tree.change(base + "DiagnosticsState", to: state, at: readingTime(now))
  }

  /// The session that asked is over.
  mutating func startDiagnostics(_ now: Duration) {
    for (kind, base) in askedDiagnostics {
      let time = Double.random(in: behaviour.diagnosticTime, using: &random)
      diagnostics.append(DiagnosticRun(kind: kind, base: base, due: now + .seconds(time)))
    }
    askedDiagnostics = []
  }

  mutating func advanceDiagnostics(_ now: Duration) -> [Effect] {
    var effects: [Effect] = []
    for run in diagnostics where now >= run.due {
      let state = finish(run, now)
      setState(run.base, state, now)
      add(Event(Event.diagnosticsComplete), now)
      effects.append(.note(.diagnosed(name: run.kind.rawValue, state: state)))
    }
    diagnostics.removeAll { now >= $0.due }
    return effects
  }

  private func value(_ run: DiagnosticRun, _ name: String, _ now: Duration) -> String {
    tree.storedValue(run.base + name, at: readingTime(now)) ?? ""
  }

  private func number(_ run: DiagnosticRun, _ name: String, _ now: Duration) -> Int {
    Int(value(run, name, now)) ?? 0
  }

  private mutating func fill(_ base: String, _ values: [(String, String)], _ now: Duration) {
    for (name, value) in values where tree.layout.parameter(base + name) != nil {
      tree.change(base + name, to: value, at: readingTime(now))
    }
  }

  /// Fills in the results.
  ///
  /// - Returns: The final DiagnosticsState.
  private mutating func finish(_ run: DiagnosticRun, _ now: Duration) -> String {
    for table in ["RouteHops.", "Result."] {
      tree.removeInstances(tree.instances(of: run.base + table))
    }
    if let error = error(of: run, now) {
      failAll(run, now)
      return allowed(error, run)
    }
    switch run.kind {
    case .ping: ping(run, now)
    case .traceRoute: return traceRoute(run, now)
    case .download, .upload: transfer(run, now)
    case .nameLookup: nameLookup(run, now)
    case .neighboringWiFi: neighboringWiFi(run, now)
    }
    return allowed("Complete", run)
  }

  /// The word that the data model has for a state: TR-098 says Completed in some objects, and has fewer errors.
  private func allowed(_ state: String, _ run: DiagnosticRun) -> String {
    let states = tree.layout.parameter(run.base + "DiagnosticsState")?.constraint.values ?? []
    if states.isEmpty || states.contains(state) { return state }
    if state == "Complete", states.contains("Completed") { return "Completed" }
    let nearest = ["Error_Other", "Error_InitConnectionFailed", "Error"]
    return nearest.first(where: states.contains) ?? states.last ?? state
  }

  private mutating func error(of run: DiagnosticRun, _ now: Duration) -> String? {
    if failure(.diagnostics) != nil { return "Error_Internal" }
    guard let target = run.kind.target else { return nil }
    let text = value(run, target, now)
    let host = text.contains("://") ? HTTPTarget(text)?.host ?? "" : text
    guard !host.isEmpty else {
      return run.kind == .nameLookup ? "Error_Other" : "Error_CannotResolveHostName"
    }
    let errors = behaviour.diagnosticErrors
    let match = errors.keys.filter { $0 == host || ($0.hasPrefix(".") && host.hasSuffix($0)) }
      .max { $0.count < $1.count }
    guard let error = match.flatMap({ errors[$0] }) else { return nil }
    // A name that is not found is the result of a lookup, not its failure.
    if run.kind == .nameLookup, error == "Error_CannotResolveHostName" { return nil }
    return error
  }

  private mutating func failAll(_ run: DiagnosticRun, _ now: Duration) {
    let repetitions = number(run, "NumberOfRepetitions", now)
    fill(
      run.base,
      [
        ("SuccessCount", "0"), ("FailureCount", String(repetitions)),
        ("AverageResponseTime", "0"), ("MinimumResponseTime", "0"),
        ("MaximumResponseTime", "0"), ("ResponseTime", "0"),
      ], now)
  }

  private mutating func ping(_ run: DiagnosticRun, _ now: Duration) {
    let count = min(max(1, number(run, "NumberOfRepetitions", now)), 10_000)
    let base = Int.random(in: 8...60, using: &random)
    let times = (0..<min(count, 100)).map { _ in base + Int.random(in: 0...12, using: &random) }
    let lost = Int.random(in: 0..<20, using: &random) == 0 ? 1 : 0
    let average = times.reduce(0, +) / times.count
    let minimum = times.min() ?? base
    let maximum = times.max() ?? base
    fill(
      run.base,
      [
        ("SuccessCount", String(max(0, count - lost))), ("FailureCount", String(min(count, lost))),
        ("AverageResponseTime", String(average)), ("MinimumResponseTime", String(minimum)),
        ("MaximumResponseTime", String(maximum)),
        ("AverageResponseTimeDetailed", String(average * 1000 + 417)),
        ("MinimumResponseTimeDetailed", String(minimum * 1000 + 101)),
        ("MaximumResponseTimeDetailed", String(maximum * 1000 + 903)),
        ("IPAddressUsed", ownAddress(now)),
      ], now)
  }

  private mutating func traceRoute(_ run: DiagnosticRun, _ now: Duration) -> String {
    let distance = Int.random(in: 4...12, using: &random)
    let limit = max(1, number(run, "MaxHopCount", now))
    let tries = min(3, max(1, number(run, "NumberOfTries", now)))
    for hop in 1...min(distance, limit) {
      guard let row = tree.makeInstance(in: run.base + "RouteHops.") else { break }
      let isLast = hop == distance
      let address = ValueExpression.addressText(
        0xC633_6400 + UInt32(hop))  // 198.51.100.0/24
      let name = isLast ? value(run, "Host", now) : "hop\(hop).example.net"
      let times = (0..<tries).map { _ in String(hop * 3 + Int.random(in: 0...5, using: &random)) }
      let path = "\(run.base)RouteHops.\(row)."
      for prefix in ["", "Hop"] {
        fill(
          path,
          [
            (prefix + "Host", name), (prefix + "HostAddress", address),
            (prefix + "ErrorCode", "0"), (prefix + "RTTimes", times.joined(separator: ",")),
          ], now)
      }
    }
    fill(
      run.base,
      [("ResponseTime", String(distance * 3 + 4)), ("IPAddressUsed", ownAddress(now))], now)
    return allowed(distance > limit ? "Error_MaxHopCountExceeded" : "Complete", run)
  }

  private mutating func transfer(_ run: DiagnosticRun, _ now: Duration) {
    let clock = readingTime(now).clock
    let length = number(run, "TestFileLength", now)
    let bytes =
      run.kind == .upload && length > 0
      ? length : Int.random(in: 2_000_000...40_000_000, using: &random)
    let seconds = Int64.random(in: 1...4, using: &random)
    func moment(_ before: Int64, _ microseconds: Int) -> String {
      let text = DateTimeText.format(clock - before)
      let digits = String(microseconds)
      return text.dropLast() + "." + String(repeating: "0", count: 6 - digits.count) + digits + "Z"
    }
    fill(
      run.base,
      [
        ("TCPOpenRequestTime", moment(seconds, 102_113)),
        ("TCPOpenResponseTime", moment(seconds, 118_940)),
        ("ROMTime", moment(seconds, 119_002)), ("BOMTime", moment(seconds, 160_447)),
        ("EOMTime", moment(0, 31_870)), ("TestBytesReceived", String(bytes)),
        ("TestBytesSent", String(bytes)),
        (
          "TotalBytesReceived",
          String(run.kind == .download ? bytes + bytes / 25 : bytes / 50)
        ),
        ("TotalBytesSent", String(run.kind == .upload ? bytes + bytes / 25 : bytes / 50)),
        ("IPAddressUsed", ownAddress(now)),
      ], now)
  }

  private mutating func nameLookup(_ run: DiagnosticRun, _ now: Duration) {
    let host = value(run, "HostName", now)
    let isFound = !behaviour.diagnosticErrors.keys.contains {
      $0 == host || ($0.hasPrefix(".") && host.hasSuffix($0))
    }
    let count = min(16, max(1, number(run, "NumberOfRepetitions", now)))
    let server = value(run, "DNSServer", now)
    let address = ValueExpression.addressText(
      0xCB00_7100 + UInt32(SeededRandom.hash(host, seed: 0) % 254) + 1)  // 203.0.113.0/24
    for _ in 0..<count {
      guard let row = tree.makeInstance(in: run.base + "Result.") else { break }
      fill(
        "\(run.base)Result.\(row).",
        [
          ("Status", isFound ? "Success" : "Error_HostNameNotResolved"),
          ("AnswerType", isFound ? "NonAuthoritative" : "None"),
          ("HostNameReturned", isFound ? host : ""), ("IPAddresses", isFound ? address : ""),
          ("DNSServerIP", server.isEmpty ? "192.0.2.53" : server),
          ("ResponseTime", String(Int.random(in: 5...40, using: &random))),
        ], now)
    }
    fill(run.base, [("SuccessCount", String(isFound ? count : 0))], now)
  }

  private mutating func neighboringWiFi(_ run: DiagnosticRun, _ now: Duration) {
    for neighbour in 1...Int.random(in: 2...6, using: &random) {
      guard let row = tree.makeInstance(in: run.base + "Result.") else { break }
      let isHigh = neighbour % 2 == 0
      let digits = String(
        SeededRandom.hash("neighbour\(neighbour)", seed: tree.context.seed), radix: 16)
      let hex = Array((digits + "00000000").uppercased().prefix(8))
      fill(
        "\(run.base)Result.\(row).",
        [
          ("Radio", tree.model.path("WiFi.Radio.\(isHigh ? 2 : 1)")),
          ("SSID", "Neighbour-\(String(hex[0...3]))"),
          (
            "BSSID",
            "02:1A:\(String(hex[0...1])):\(String(hex[2...3])):\(String(hex[4...5])):\(String(hex[6...7]))"
          ),
          ("Channel", isHigh ? "44" : String(Int.random(in: 1...13, using: &random))),
          ("SignalStrength", String(Int.random(in: -90 ... -45, using: &random))),
          ("OperatingFrequencyBand", isHigh ? "5GHz" : "2.4GHz"),
          ("OperatingStandards", isHigh ? "ac,ax" : "n"),
        ], now)
    }
  }

  private func ownAddress(_ now: Duration) -> String {
    tree.model.wanAddress.flatMap { tree.storedValue($0, at: readingTime(now)) } ?? ""
  }
}
