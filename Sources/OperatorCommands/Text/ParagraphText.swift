/// Text in lines that fit a terminal.
package enum ParagraphText {
  /// The lines of a text of paragraphs, wrapped between words and indented; escaped.
  ///
  /// - Parameter width: columns with the indent; nil: lines stay as long as they are.
  package static func lines(_ text: String, indent: Int, width: Int?) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { paragraph in
      guard !paragraph.isEmpty else { return [""] }
      // The lines of an item go on beneath its text.
      let hanging = paragraph.hasPrefix("- ") ? 2 : 0
      return wrapped(
        DisplayText.escaped(String(paragraph)), indent: indent, hanging: hanging, width: width)
    }
  }

  private static func wrapped(_ text: String, indent: Int, hanging: Int, width: Int?) -> [String] {
    let room = width.map { max(20, $0 - indent) } ?? Int.max
    var lines: [String] = []
    var line = ""
    var length = 0
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      let own = DisplayText.width(String(word))
      if !line.isEmpty, length + 1 + own > room {
        lines.append(line)
        line = String(repeating: " ", count: hanging)
        length = hanging
      } else if !line.isEmpty {
        line += " "
        length += 1
      }
      line += word
      length += own
    }
    lines.append(line)
    return lines.map { String(repeating: " ", count: indent) + $0 }
  }
}
