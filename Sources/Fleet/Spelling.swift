extension Collection where Element == String {
  /// The word that a person who wrote `text` most likely meant; nil where none is near.
  func nearest(to text: String) -> String? {
    let written = Array(text.lowercased())
    guard !written.isEmpty, written.count <= 64 else { return nil }
    let limit = Swift.max(1, written.count / 3)
    var best: (word: String, distance: Int)?
    for word in self {
      let distance = editDistance(written, Array(word.lowercased()))
      if distance <= limit, distance < best?.distance ?? Int.max { best = (word, distance) }
    }
    return best?.word
  }
}

extension String {
  /// At most `count` characters, with an ellipsis where some were left out.
  func clipped(to count: Int) -> String {
    guard let end = index(startIndex, offsetBy: count, limitedBy: endIndex), end != endIndex else {
      return self
    }
    return self[..<end] + "…"
  }
}

/// Insertions, deletions, substitutions and swaps of neighbours that lead from one word to the other.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        cost = min(cost, beforeLast[j - 1] + 1)
      }
      row.append(cost)
    }
    beforeLast = last
    last = row
  }
  return last[b.count]
}
