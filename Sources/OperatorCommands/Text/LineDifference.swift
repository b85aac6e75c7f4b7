/// The difference of two texts, line by line, with a few lines around each change.
package enum LineDifference {
  /// Lines shown before and after a change.
  package static let context = 3

  /// Lines that begin with ` `, `-` or `+`; empty if the texts are the same.
  package static func lines(old: String, new: String) -> [String] {
    let oldLines = split(old)
    let newLines = split(new)
    let difference = newLines.difference(from: oldLines)
    guard !difference.isEmpty else { return [] }
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for change in difference {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    var all: [(sign: Character, text: String)] = []
    var oldIndex = 0
    var newIndex = 0
    while oldIndex < oldLines.count || newIndex < newLines.count {
      if removed.contains(oldIndex) {
        all.append(("-", oldLines[oldIndex]))
        oldIndex += 1
      } else if inserted.contains(newIndex) {
        all.append(("+", newLines[newIndex]))
        newIndex += 1
      } else {
        all.append((" ", newLines[newIndex]))
        oldIndex += 1
        newIndex += 1
      }
    }
    return excerpt(all)
  }

  private static func excerpt(_ all: [(sign: Character, text: String)]) -> [String] {
    var isShown = Array(repeating: false, count: all.count)
    for (index, line) in all.enumerated() where line.sign != " " {
      for near in max(0, index - context)...min(all.count - 1, index + context) {
        isShown[near] = true
      }
    }
    var result: [String] = []
    for (index, line) in all.enumerated() {
      if isShown[index] {
        result.append(String(line.sign) + line.text)
      } else if index > 0, isShown[index - 1] {
        result.append("…")
      }
    }
    if result.last == "…" { result.removeLast() }
    return result
  }

  private static func split(_ text: String) -> [String] {
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .map(String.init)
    if lines.last == "" { lines.removeLast() }
    return lines
  }
}
