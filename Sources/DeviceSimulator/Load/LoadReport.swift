import FoundationEssentials

/// What a load run found.
package struct LoadReport: Sendable, Equatable, Codable {
  package var scenario: String
  package var devices: Int
  package var parametersPerDevice: Int
  /// Sessions per second that were planned and that succeeded.
  package var rate: Double
  package var achievedRate: Double
  /// Sessions that were measured.
  package var sessions: Int
  package var succeeded: Int
  /// Sessions that started more than a millisecond after their time, and the worst of that in milliseconds.
  package var lateStarts: Int
  package var maximumLateness: Double
  package var measuredSeconds: Double
  package var errors: [String: Int]
  /// Milliseconds from the intended start to the session's end.
  package var latency: Latencies.Summary?
  package var requestsAnswered: Int
  /// Milliseconds of CPU for each session that ended in the measured time.
  package var acsdMillisecondsPerSession: Double?
  package var postgresMillisecondsPerSession: Double?
  package var simulatorMillisecondsPerSession: Double?

  package var serverMillisecondsPerSession: Double? {
    guard let acsdMillisecondsPerSession else { return nil }
    return acsdMillisecondsPerSession + (postgresMillisecondsPerSession ?? 0)
  }

  /// One JSON object.
  package func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// Lines for people.
  package func text() -> String {
    var lines = [
      "scenario          \(scenario), \(devices) devices of \(parametersPerDevice) parameters",
      "sessions          \(succeeded) of \(sessions) succeeded in \(fixed(measuredSeconds, 1)) s",
      "rate              \(fixed(achievedRate, 1))/s of \(fixed(rate, 1))/s planned",
      "late starts       \(lateStarts), at most \(fixed(maximumLateness, 1)) ms",
      "requests answered \(requestsAnswered)",
    ]
    if let latency {
      lines.append(
        "latency ms        p50 \(fixed(latency.p50, 2))  p90 \(fixed(latency.p90, 2))  p99 \(fixed(latency.p99, 2))  p99.9 \(fixed(latency.p999, 2))  max \(fixed(latency.maximum, 2))"
      )
    }
    for (kind, count) in errors.sorted(by: { $0.key < $1.key }) {
      lines.append("error             \(count) × \(kind)")
    }
    func cpu(_ name: String, _ value: Double?) {
      guard let value else { return }
      lines.append("CPU ms/session    \(name) \(fixed(value, 3))")
    }
    cpu("acsd", acsdMillisecondsPerSession)
    cpu("PostgreSQL", postgresMillisecondsPerSession)
    if postgresMillisecondsPerSession != nil { cpu("both", serverMillisecondsPerSession) }
    cpu("cpesim", simulatorMillisecondsPerSession)
    return lines.joined(separator: "\n")
  }
}

/// A number with so many digits behind the point.
package func fixed(_ value: Double, _ digits: Int) -> String {
  guard value.isFinite else { return "–" }
  let factor = (0..<digits).reduce(1.0) { product, _ in product * 10 }
  let scaled = (abs(value) * factor).rounded()
  guard scaled < 1e15 else { return String(value) }
  let whole = Int64(scaled)
  let sign = value < 0 && whole > 0 ? "-" : ""
  guard digits > 0 else { return sign + String(whole) }
  let text = String(whole)
  let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
  return sign + padded.dropLast(digits) + "." + padded.suffix(digits)
}
