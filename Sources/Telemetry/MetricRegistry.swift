import Metrics
import Synchronization

/// Keeps what the parts of a program count through swift-metrics.
///
/// Metrics of a description only are kept; any other is a mistake of the program and counts nothing.
package final class MetricRegistry: MetricsFactory {
  private struct Key: Hashable {
    var name: String
    /// Names and values, alternating.
    var labels: [String]

    init(_ name: String, _ dimensions: [(String, String)]) {
      self.name = name
      labels = dimensions.flatMap { [$0.0, $0.1] }
    }
  }

  private struct Content {
    var counters: [Key: CountedMetric] = [:]
    var gauges: [Key: MeasuredMetric] = [:]
    var histograms: [Key: HistogramMetric] = [:]
  }

  private let descriptions: [String: MetricDescription]
  private let content = Mutex(Content())

  package init(_ descriptions: [MetricDescription]) {
    self.descriptions = Dictionary(descriptions.map { ($0.name, $0) }) { first, _ in first }
  }

  /// All values now; a histogram gives several.
  func samples() -> [MetricSample] {
    let content = content.withLock { $0 }
    let counters = content.counters.map { key, counter in
      MetricSample(key.name, Self.pairs(key.labels), Double(counter.value))
    }
    let gauges = content.gauges.map { key, gauge in
      MetricSample(key.name, Self.pairs(key.labels), gauge.value)
    }
    let histograms = content.histograms.sorted {
      $0.key.labels.lexicographicallyPrecedes($1.key.labels)
    }
    .flatMap { key, histogram in
      histogram.samples(named: key.name, labels: Self.pairs(key.labels))
    }
    return counters + gauges + histograms
  }

  private static func pairs(_ labels: [String]) -> [(String, String)] {
    stride(from: 0, to: labels.count, by: 2).map { (labels[$0], labels[$0 + 1]) }
  }

  private func buckets(of label: String) -> [Double]? {
    descriptions[label].flatMap { $0.kind == .histogram ? $0.buckets : nil }
  }

  // MARK: - MetricsFactory

  package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    guard descriptions[label]?.kind == .counter else { return NOOPMetricsHandler.instance }
    return content.withLock { content in
      let key = Key(label, dimensions)
      if let known = content.counters[key] { return known }
      let made = CountedMetric()
      content.counters[key] = made
      return made
    }
  }

  package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool)
    -> any RecorderHandler
  {
    if aggregate { return histogram(label, dimensions, unit: 1) ?? NOOPMetricsHandler.instance }
    return gauge(label, dimensions) ?? NOOPMetricsHandler.instance
  }

  package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    gauge(label, dimensions) ?? NOOPMetricsHandler.instance
  }

  /// Seconds, as is the custom of those who collect.
  package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    histogram(label, dimensions, unit: 1e-9) ?? NOOPMetricsHandler.instance
  }

  private func gauge(_ label: String, _ dimensions: [(String, String)]) -> MeasuredMetric? {
    guard descriptions[label]?.kind == .gauge else { return nil }
    return content.withLock { content in
      let key = Key(label, dimensions)
      if let known = content.gauges[key] { return known }
      let made = MeasuredMetric()
      content.gauges[key] = made
      return made
    }
  }

  private func histogram(_ label: String, _ dimensions: [(String, String)], unit: Double)
    -> HistogramMetric?
  {
    guard let buckets = buckets(of: label) else { return nil }
    return content.withLock { content in
      let key = Key(label, dimensions)
      if let known = content.histograms[key] { return known }
      let made = HistogramMetric(buckets: buckets, unit: unit)
      content.histograms[key] = made
      return made
    }
  }

  // What is counted once goes on being shown: a counter that vanished would look as if it had begun anew.
  package func destroyCounter(_ handler: any CounterHandler) {}
  package func destroyRecorder(_ handler: any RecorderHandler) {}
  package func destroyMeter(_ handler: any MeterHandler) {}
  package func destroyTimer(_ handler: any TimerHandler) {}
}

private final class CountedMetric: CounterHandler {
  private let count = Atomic<Int64>(0)

  var value: Int64 { count.load(ordering: .relaxed) }

  func increment(by amount: Int64) { count.wrappingAdd(amount, ordering: .relaxed) }
  func reset() { count.store(0, ordering: .relaxed) }
}

private final class MeasuredMetric: MeterHandler, RecorderHandler {
  private let bits = Atomic<UInt64>(0)

  var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
  func record(_ value: Int64) { set(Double(value)) }
  func record(_ value: Double) { set(value) }
  func increment(by amount: Double) { change { $0 + amount } }
  func decrement(by amount: Double) { change { $0 - amount } }

  private func change(_ change: (Double) -> Double) {
    var old = bits.load(ordering: .relaxed)
    while true {
      let new = change(Double(bitPattern: old)).bitPattern
      let (isDone, found) = bits.compareExchange(
        expected: old, desired: new, ordering: .relaxed)
      if isDone { return }
      old = found
    }
  }
}

private final class HistogramMetric: RecorderHandler, TimerHandler {
  private struct Content {
    /// One more than there are bounds.
    var counts: [Int]
    var sum = 0.0
  }

  private let bounds: [Double]
  private let unit: Double
  private let content: Mutex<Content>

  /// - Parameter unit: how much of the metric's unit one nanosecond is, for a timer.
  init(buckets: [Double], unit: Double) {
    bounds = buckets
    self.unit = unit
    content = Mutex(Content(counts: Array(repeating: 0, count: buckets.count + 1)))
  }

  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    guard value.isFinite else { return }
    let place = bounds.firstIndex { value <= $0 } ?? bounds.count
    content.withLock { content in
      content.counts[place] += 1
      content.sum += value
    }
  }

  func recordNanoseconds(_ duration: Int64) { record(Double(duration) * unit) }

  func samples(named name: String, labels: [(String, String)]) -> [MetricSample] {
    let content = content.withLock { $0 }
    var total = 0
    var samples: [MetricSample] = []
    for (bound, count) in zip(bounds + [.infinity], content.counts) {
      total += count
      samples.append(
        MetricSample(
          name + "_bucket", labels + [("le", MetricPage.text(of: bound))], total))
    }
    samples.append(MetricSample(name + "_sum", labels, content.sum))
    samples.append(MetricSample(name + "_count", labels, total))
    return samples
  }
}
