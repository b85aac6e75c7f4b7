/// The description of an item as plain text: markup taken away, templates put into words (TR-106 Annex A.2).
///
/// Paragraphs are one line each, with an empty line between them; the lines of a list begin with `- `.
package struct DescriptionText: Sendable {
  /// What the text is about.
  package struct Subject: Sendable {
    let model: DataModel
    let place: Int

    package init(_ model: DataModel, _ place: Int) {
      self.model = model
      self.place = place
    }

    var item: ModelItem { model.items[place] }
  }

  /// Templates within templates deeper than this stay as they are written.
  static let maxDepth = 8
  /// Bytes that are shown of a text, and taken of one as it is written; the longest published one has 12 KB.
  static let maxBytes = 64 << 10
  /// Bytes that templates may make, those of inner ones counted each time.
  private static let maxExpansion = 512 << 10

  private let subject: Subject?

  /// - Parameter subject: nil: templates that are about an item lose what they would say of it.
  package init(about subject: Subject? = nil) { self.subject = subject }

  /// - Returns: at most 64 KB and a “…”.
  package func plain(_ raw: String) -> String {
    var room = Self.maxExpansion
    let (start, isCut) = Self.clipped(raw)
    let text = Self.paragraphs(expanded(Self.trimmed(start), depth: 0, &room))
      .joined(separator: "\n\n").replacing("\n\n- ", with: "\n- ")
    let (plain, isLong) = Self.clipped(text)
    return isCut || isLong || room < 0 ? plain + "…" : plain
  }

  private static func clipped(_ text: String) -> (String, isCut: Bool) {
    guard text.utf8.count > maxBytes else { return (text, false) }
    var end = text.utf8.index(text.startIndex, offsetBy: maxBytes)
    while UTF8.isContinuation(text.utf8[end]) { end = text.utf8.index(before: end) }
    return (String(text[..<end]), true)
  }

  // MARK: White space

  /// Without the indent that all lines share, and what stands before the first and after the last.
  private static func trimmed(_ raw: String) -> String {
    var lines = raw.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    // What stands on the line of the tag has no indent of its own.
    let isBare: (Substring) -> Bool = { $0.allSatisfy { $0 == " " || $0 == "\t" } }
    let indent =
      lines.dropFirst().filter { !isBare($0) }.map { line in
        line.prefix { $0 == " " || $0 == "\t" }.count
      }.min() ?? 0
    for index in lines.indices.dropFirst() { lines[index] = lines[index].dropFirst(indent) }
    if let first = lines.first { lines[0] = first.drop { $0 == " " || $0 == "\t" } }
    while lines.first.map(isBare) ?? false { lines.removeFirst() }
    while lines.last.map(isBare) ?? false { lines.removeLast() }
    return lines.joined(separator: "\n")
  }

  /// Wrapped lines joined, markup taken away.
  private static func paragraphs(_ text: String) -> [String] {
    var paragraphs: [String] = []
    var isOpen = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let words = line.split { $0 == " " || $0 == "\t" }
      guard let first = words.first else {
        isOpen = false
        continue
      }
      let marker = first.prefix { $0 == "*" || $0 == "#" || $0 == ":" }
      let isMarked =
        !marker.isEmpty && (marker.count == first.count || line.first != " ") && marker.count < 4
        && (marker.count == first.count || !first.dropFirst(marker.count).hasPrefix("."))
      var content = words.joined(separator: " ")
      if isMarked { content = String(content.dropFirst(marker.count).drop { $0 == " " }) }
      content = content.replacing("'''", with: "").replacing("''", with: "")
      guard !content.isEmpty else { continue }
      if isMarked {
        // A line after “:” goes on with what stands before it.
        let goesOn = marker.last == ":" && paragraphs.last?.hasPrefix("- ") == true
        paragraphs.append((goesOn ? "  " : marker.last == ":" ? "" : "- ") + content)
      } else if isOpen, let last = paragraphs.indices.last {
        paragraphs[last] += " " + content
      } else {
        paragraphs.append(content)
      }
      isOpen = true
    }
    return paragraphs.map { $0.replacing(" .", with: ".").replacing(" ,", with: ",") }
  }

  // MARK: Templates

  /// The text with its templates expanded, the inner ones first.
  ///
  /// - Parameter room: bytes that templates may still make; below zero where that was too little.
  private func expanded(_ text: String, depth: Int, _ room: inout Int) -> String {
    guard depth < Self.maxDepth, text.utf8.contains(UInt8(ascii: "{")) else { return text }
    var result = ""
    var rest = Substring(text)
    while room >= 0, let start = rest.firstRange(of: "{{") {
      result += rest[..<start.lowerBound]
      guard let end = Self.end(of: rest[start.lowerBound...]) else {
        rest = rest[start.lowerBound...]
        break
      }
      let inner = rest[start.upperBound..<rest.index(end, offsetBy: -2)]
      var arguments: [String] = []
      for argument in Self.arguments(inner) where room >= 0 {
        arguments.append(expanded(argument, depth: depth + 1, &room))
      }
      guard room >= 0 else { break }
      let words = words(for: arguments)
      room -= words.utf8.count + Self.cost(of: arguments[0])
      guard room >= 0 else { break }
      result += words
      rest = rest[end...]
    }
    return room < 0 ? result : result + rest
  }

  /// Where the template that a text begins with is over.
  private static func end(of text: Substring) -> Substring.Index? {
    var depth = 0
    var index = text.startIndex
    while index < text.endIndex {
      let next = text.index(after: index)
      guard next < text.endIndex else { return nil }
      if text[index] == "{", text[next] == "{" {
        depth += 1
        index = text.index(after: next)
      } else if text[index] == "}", text[next] == "}" {
        // Of three braces the first one closes an `{i}`.
        let third = text.index(after: next)
        if third < text.endIndex, text[third] == "}", !isClosed(text[..<index]) {
          index = next
          continue
        }
        depth -= 1
        index = text.index(after: next)
        if depth == 0 { return index }
      } else {
        index = next
      }
    }
    return nil
  }

  /// Whether a single brace that was opened last is closed.
  private static func isClosed(_ text: Substring) -> Bool {
    !text.hasSuffix("{i")
  }

  /// The parts between bars, those in inner templates aside.
  private static func arguments(_ text: Substring) -> [String] {
    var arguments = [""]
    var depth = 0
    var previous: Character = " "
    for character in text {
      if character == "{", previous == "{" { depth += 1 }
      if character == "}", previous == "}" { depth -= 1 }
      if character == "|", depth == 0 {
        arguments.append("")
      } else {
        arguments[arguments.count - 1].append(character)
      }
      previous = character
    }
    return arguments.map { $0.split { $0.isWhitespace }.joined(separator: " ") }
  }

  /// What a template costs besides its words, in bytes.
  private static func cost(of name: String) -> Int {
    // It looks at all items.
    name == "numentries" ? 4 << 10 : 16
  }

  private func words(for arguments: [String]) -> String {
    DescriptionTemplate(
      name: arguments[0], arguments: Array(arguments.dropFirst()), subject: subject
    ).words
  }
}
