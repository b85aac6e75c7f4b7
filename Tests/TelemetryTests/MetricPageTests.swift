import Foundation
import Metrics
import Telemetry
import Testing

@Suite struct MetricPageTests {
  private static let descriptions = [
    MetricDescription("a_total", .counter, "Counts \\ lines\nof two.", labels: ["way"]),
    MetricDescription("b", .gauge, "Measures."),
    MetricDescription("c_seconds", .histogram, "Takes time.", buckets: [0.1, 1]),
    MetricDescription("d", .histogram, "Has sizes.", labels: ["of"], buckets: [10]),
    MetricDescription("e", .gauge, "Never told."),
  ]

  @Test func everythingIsShownInTheOrderOfItsDescriptions() {
    let registry = MetricRegistry(Self.descriptions)
    let out = Counter(
      label: "a_total", dimensions: [("way", "out \"and\" \\ \n on")], factory: registry)
    out.increment(by: 3)
    Counter(label: "a_total", dimensions: [("way", "in")], factory: registry).increment()
    Counter(label: "a_total", dimensions: [("way", "in")], factory: registry).increment(by: 41)
    let timer = Metrics.Timer(label: "c_seconds", factory: registry)
    for milliseconds in [50, 100, 500, 2_000] { timer.recordMilliseconds(milliseconds) }
    Recorder(label: "d", dimensions: [("of", "x")], aggregate: true, factory: registry).record(11)
    let page = MetricPage(
      Self.descriptions, registry: registry, samples: [MetricSample("b", -0.5)])
    #expect(
      page.text == """
        # HELP a_total Counts \\\\ lines\\nof two.
        # TYPE a_total counter
        a_total{way="in"} 42
        a_total{way="out \\"and\\" \\\\ \\n on"} 3
        # HELP b Measures.
        # TYPE b gauge
        b -0.5
        # HELP c_seconds Takes time.
        # TYPE c_seconds histogram
        c_seconds_bucket{le="0.1"} 2
        c_seconds_bucket{le="1"} 3
        c_seconds_bucket{le="+Inf"} 4
        c_seconds_sum 2.65
        c_seconds_count 4
        # HELP d Has sizes.
        # TYPE d histogram
        d_bucket{of="x",le="10"} 0
        d_bucket{of="x",le="+Inf"} 1
        d_sum{of="x"} 11
        d_count{of="x"} 1

        """)
  }

  @Test func whatIsNotDescribedIsNotShown() {
    let registry = MetricRegistry(Self.descriptions)
    Counter(label: "unknown_total", factory: registry).increment()
    // Of another kind than is said.
    Counter(label: "b", factory: registry).increment()
    Metrics.Timer(label: "a_total", factory: registry).recordSeconds(1)
    let page = MetricPage(
      Self.descriptions, registry: registry, samples: [MetricSample("other", 1)])
    #expect(page.text.isEmpty)
  }

  @Test func aGaugeFollowsWhatIsSetAndAdded() {
    let registry = MetricRegistry(Self.descriptions)
    let meter = Meter(label: "b", factory: registry)
    meter.set(5)
    meter.increment(by: 2.5)
    meter.decrement(by: 0.5)
    #expect(MetricPage(Self.descriptions, registry: registry).text.contains("\nb 7\n"))
    Gauge(label: "b", factory: registry).record(3)
    #expect(MetricPage(Self.descriptions, registry: registry).text.contains("\nb 3\n"))
  }

  @Test func nothingIsLostAmongThreads() async {
    let registry = MetricRegistry(Self.descriptions)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          let counter = Counter(label: "a_total", factory: registry)
          let meter = Meter(label: "b", factory: registry)
          for _ in 0..<1_000 {
            counter.increment()
            meter.increment(by: 1)
            Metrics.Timer(label: "c_seconds", factory: registry).recordSeconds(1)
          }
        }
      }
    }
    let text = MetricPage(Self.descriptions, registry: registry).text
    #expect(text.contains("\na_total 8000\n"))
    #expect(text.contains("\nb 8000\n"))
    #expect(text.contains("\nc_seconds_count 8000\n"))
  }

  @Test func theProcessIsDescribed() throws {
    let samples = ProcessMetrics.samples(startedAt: 17)
    #expect(Set(samples.map(\.name)) == Set(ProcessMetrics.descriptions.map(\.name)))
    let memory = try #require(samples.first { $0.name == "process_resident_memory_bytes" })
    #expect(memory.value > 1_000_000)
  }
}

@Suite struct ServerMetricsTests {
  @Test func namesFollowTheCustom() throws {
    let names = ServerMetrics.descriptions.map(\.name)
    #expect(Set(names).count == names.count)
    for metric in ServerMetrics.descriptions {
      #expect(metric.name.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil)
      #expect(metric.name.hasSuffix("_total") == (metric.kind == .counter), "\(metric.name)")
      #expect((metric.kind == .histogram) == !metric.buckets.isEmpty, "\(metric.name)")
      #expect(metric.buckets == metric.buckets.sorted())
      #expect(!metric.help.isEmpty && !metric.help.contains("|"))
    }
  }

  /// With `FAIRLEAD_WRITE_DOCUMENTS` set, the document is written rather than compared.
  @Test func theReferenceIsMadeFromTheDescriptions() throws {
    let document = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Documentation/metrics.md")
    let made = ServerMetrics.markdown
    if ProcessInfo.processInfo.environment["FAIRLEAD_WRITE_DOCUMENTS"] != nil {
      try made.write(to: document, atomically: true, encoding: .utf8)
    }
    let written = try String(contentsOf: document, encoding: .utf8)
    #expect(written == made, "run make documents to write Documentation/metrics.md from the table")
  }
}
