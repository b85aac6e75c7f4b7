/// What has come to counts since they were looked at last, in words.
struct CountDifferences<Counts> {
  let counts: Counts
  private let last: Counts
  private(set) var parts: [String] = []

  init(_ counts: Counts, since last: Counts) {
    self.counts = counts
    self.last = last
  }

  mutating func add(_ name: String, _ path: KeyPath<Counts, Int>) {
    let difference = counts[keyPath: path] - last[keyPath: path]
    if difference > 0 { parts.append("\(difference) \(name)") }
  }

  mutating func add(_ text: String) { parts.append(text) }

  /// Adds the reasons that have come about since.
  mutating func add(reasons path: KeyPath<Counts, [String: Int]>) {
    let before = last[keyPath: path]
    for (reason, count) in counts[keyPath: path].sorted(by: { $0.key < $1.key })
    where count > before[reason, default: 0] {
      parts.append("(\(reason))")
    }
  }
}
