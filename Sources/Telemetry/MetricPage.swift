/// Metrics in the text format of Prometheus (version 0.0.4).
package struct MetricPage: Sendable {
  /// Ends with a line feed.
  package private(set) var text = ""

  /// - Parameters:
  ///   - descriptions: what is shown, in this order; samples of none of them are left out.
  ///   - registry: what was counted.
  ///   - samples: what is measured now.
  package init(
    _ descriptions: [MetricDescription], registry: MetricRegistry, samples: [MetricSample] = []
  ) {
    var found: [String: [MetricSample]] = [:]
    for sample in registry.samples() + samples {
      found[Self.family(of: sample.name, among: descriptions), default: []].append(sample)
    }
    for description in descriptions {
      guard let samples = found[description.name] else { continue }
      text += "# HELP \(description.name) \(Self.escaped(description.help, quotes: false))\n"
      text += "# TYPE \(description.name) \(description.kind.rawValue)\n"
      for line in Self.lines(samples, of: description) { text += line }
    }
  }

  private static func family(of name: String, among descriptions: [MetricDescription]) -> String {
    for suffix in ["_bucket", "_sum", "_count"] where name.hasSuffix(suffix) {
      let base = String(name.dropLast(suffix.count))
      if descriptions.contains(where: { $0.name == base && $0.kind == .histogram }) { return base }
    }
    return name
  }

  /// Those of a histogram stay in the order in which they are told.
  private static func lines(_ samples: [MetricSample], of description: MetricDescription)
    -> [String]
  {
    let lines = samples.map { sample in
      let labels = sample.labels.map { "\($0.0)=\"\(escaped($0.1, quotes: true))\"" }
      let set = labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
      return "\(sample.name)\(set) \(text(of: sample.value))\n"
    }
    return description.kind == .histogram ? lines : lines.sorted()
  }

  static func text(of value: Double) -> String {
    if value == .infinity { return "+Inf" }
    if value == -.infinity { return "-Inf" }
    if value.isNaN { return "NaN" }
    if let whole = Int64(exactly: value) { return String(whole) }
    return "\(value)"
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
