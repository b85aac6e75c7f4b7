/// Times that sessions took, each counted from the moment at which it should have started.
package struct Latencies: Sendable, Equatable {
  /// Microseconds.
  private var values: [UInt32] = []

  package init() {}

  package var count: Int { values.count }

  package mutating func record(nanoseconds: Int64) {
    values.append(UInt32(clamping: nanoseconds / 1000))
  }

  /// The percentiles in milliseconds by nearest rank; nil if there is nothing to tell.
  package func summary() -> Summary? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    func rank(_ share: Double) -> Double {
      let index = Int((share * Double(sorted.count)).rounded(.up)) - 1
      return Double(sorted[max(0, min(index, sorted.count - 1))]) / 1000
    }
    return Summary(
      p50: rank(0.5), p90: rank(0.9), p99: rank(0.99), p999: rank(0.999), maximum: rank(1))
  }

  package struct Summary: Sendable, Equatable, Codable {
    package var p50: Double
    package var p90: Double
    package var p99: Double
    package var p999: Double
    package var maximum: Double
  }
}
