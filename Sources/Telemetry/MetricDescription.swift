/// What is said of a metric to whoever collects it.
package struct MetricDescription: Sendable, Equatable {
  package enum Kind: String, Sendable {
    case counter, gauge, histogram
  }

  /// As Prometheus names metrics: the unit at the end, `_total` behind that of a counter.
  package var name: String
  package var kind: Kind
  package var help: String
  /// The names of its labels; each has few values, and none that a device may choose.
  package var labels: [String]
  /// Upper bounds of a histogram's buckets, ascending; the one without a bound is not among them.
  package var buckets: [Double]

  package init(
    _ name: String, _ kind: Kind, _ help: String, labels: [String] = [], buckets: [Double] = []
  ) {
    self.name = name
    self.kind = kind
    self.help = help
    self.labels = labels
    self.buckets = buckets
  }
}

/// A value that is read at the moment somebody asks for it.
package struct MetricSample: Sendable, Equatable {
  package var name: String
  package var labels: [(String, String)]
  package var value: Double

  package init(_ name: String, _ labels: [(String, String)], _ value: Double) {
    self.name = name
    self.labels = labels
    self.value = value
  }

  package init(_ name: String, _ labels: [(String, String)], _ value: Int) {
    self.init(name, labels, Double(value))
  }

  package init(_ name: String, _ value: Double) { self.init(name, [], value) }

  package init(_ name: String, _ value: Int) { self.init(name, [], Double(value)) }

  package static func == (one: Self, other: Self) -> Bool {
    one.name == other.name && one.value == other.value
      && one.labels.elementsEqual(other.labels, by: ==)
  }
}
