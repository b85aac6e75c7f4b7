import Yams

/// The documents of a YAML file, each with its place in the file.
struct YAMLDocument {
  var root: Node
  /// The document's own text.
  var source: String
  /// Lines of the file before the document's text.
  var lineOffset: Int

  /// Splits the file and reads each document on its own, so that a flaw in one does not hide those in another.
  static func documents(
    in text: String, file: String, limits: ResourceLimits
  ) -> (documents: [YAMLDocument], diagnostics: [Diagnostic]) {
    guard text.utf8.count <= limits.maxBytes else {
      let problem = Diagnostic(
        "The file has \(text.utf8.count) bytes; at most \(limits.maxBytes) are taken.",
        location: Diagnostic.Location(file: file, line: 1, column: 1))
      return ([], [problem])
    }
    var documents: [YAMLDocument] = []
    var diagnostics: [Diagnostic] = []
    for part in parts(of: text) {
      if documents.count == limits.maxDocuments {
        diagnostics.append(
          Diagnostic(
            "The file has more than \(limits.maxDocuments) documents.",
            hint: "divide it among several files",
            location: Diagnostic.Location(file: file, line: part.lineOffset + 1, column: 1)))
        break
      }
      do throws(Unreadable) {
        let root = try compose(part.source, file: file, lineOffset: part.lineOffset)
        documents.append(
          YAMLDocument(root: root, source: part.source, lineOffset: part.lineOffset))
      } catch {
        diagnostics.append(error.diagnostic)
      }
    }
    return (documents, diagnostics)
  }

  // MARK: - Parts

  private struct Part {
    var source: String
    var lineOffset: Int
  }

  /// A line that starts with three hyphens starts a document, wherever it stands (YAML 1.2, 9.1.2). Parts with nothing
  /// but comments, directives and empty lines are left out.
  private static func parts(of text: String) -> [Part] {
    var parts: [Part] = []
    var lines: [Substring.UnicodeScalarView] = []
    var lineOffset = 0
    var hasContent = false
    func flush() {
      guard hasContent else { return }
      var source = String.UnicodeScalarView()
      for line in lines {
        source.append(contentsOf: line)
        source.append("\n")
      }
      parts.append(Part(source: String(source), lineOffset: lineOffset))
    }
    // By scalars, because a line may end with the one character of carriage return and line feed.
    let scalars = text.unicodeScalars.drop { $0 == "\u{FEFF}" }
    let all = scalars.split(separator: "\n", omittingEmptySubsequences: false)
    for (number, line) in all.enumerated() {
      let isMarker =
        line.starts(with: "---".unicodeScalars)
        && (line.count == 3 || line.dropFirst(3).first?.properties.isWhitespace == true)
      if isMarker {
        flush()
        (lines, lineOffset, hasContent) = ([], number, false)
      }
      lines.append(line)
      let content = (isMarker ? line.dropFirst(3) : line[...])
        .drop(while: \.properties.isWhitespace)
      if let first = content.first, first != "#", first != "%",
        !content.elementsEqual("...".unicodeScalars)
      {
        hasContent = true
      }
    }
    flush()
    return parts
  }

  // MARK: - Composing

  private struct Unreadable: Error {
    let diagnostic: Diagnostic

    init(_ message: String, hint: String? = nil, location: Diagnostic.Location) {
      diagnostic = Diagnostic(message, hint: hint, location: location)
    }
  }

  private static func compose(_ source: String, file: String, lineOffset: Int)
    throws(Unreadable) -> Node
  {
    func location(_ line: Int, _ column: Int) -> Diagnostic.Location {
      // A flaw at the end of a short text is seen behind the empty lines that were added to it.
      let lines = max(1, source.unicodeScalars.count { $0 == "\n" })
      return Diagnostic.Location(
        file: file, line: min(line, lines) + lineOffset, column: max(1, column))
    }
    if let anchor = anchor(in: source) {
      throw Unreadable(
        "Anchors and aliases are not taken.",
        hint: "write the content out; put a text in which & follows a space in quotes",
        location: location(anchor.line, anchor.column))
    }
    do {
      let parser = try Parser(yaml: padded(source), encoding: .utf8)
      guard let root = try parser.nextRoot() else {
        throw Unreadable("The document is empty.", location: location(1, 1))
      }
      if let second = try parser.nextRoot() {
        throw Unreadable(
          "Here another document begins.", hint: "write --- on a line before it",
          location: location(second.mark?.line ?? 1, second.mark?.column ?? 1))
      }
      return root
    } catch let error as Unreadable {
      throw error
    } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
      let names = keys.prefix(3).map { "“\($0.clipped(to: 64))”" }.joined(separator: ", ")
      throw Unreadable(
        "\(names) is written more than once in the same place.", hint: "keep one of them",
        location: location(context.mark.line, context.mark.column))
    } catch YamlError.scanner(let context, let problem, let mark, _),
      YamlError.parser(let context, let problem, let mark, _),
      YamlError.composer(let context, let problem, let mark, _)
    {
      let place = context.map { " \($0.text)" } ?? ""
      throw Unreadable(
        "This is not YAML: \(problem)\(place).",
        hint: "check the indentation, and put texts with special characters in quotes",
        location: location(mark.line, mark.column))
    } catch YamlError.reader(let problem, _, _, _) {
      throw Unreadable("This is not YAML: \(problem).", location: location(1, 1))
    } catch {
      throw Unreadable("This is not YAML.", location: location(1, 1))
    }
  }

  /// The parser keeps a pointer to the text's bytes beyond the call that lends them. That holds for a text in storage
  /// of its own, which one of more than 15 bytes has.
  private static func padded(_ source: String) -> String {
    var text = source
    if text.utf8.count < 64 { text += String(repeating: "\n", count: 64) }
    text.makeContiguousUTF8()
    return text
  }

  /// The first thing that may be an anchor; comparing nested aliases can take time beyond all bounds.
  ///
  /// Some texts are taken for anchors here, but no anchor for a text.
  private static func anchor(in source: String) -> (line: Int, column: Int)? {
    var line = 1
    var column = 0
    var previous: Unicode.Scalar = "\n"
    var mayBeAnchor = false
    for scalar in source.unicodeScalars {
      let isName =
        scalar == "_" || scalar == "-" || (scalar.isASCII && scalar.properties.isAlphabetic)
        || ("0"..."9").contains(scalar)
      if mayBeAnchor, isName { return (line, column) }
      column += 1
      let isInsideWord =
        previous.properties.isAlphabetic || ("0"..."9").contains(previous)
        || "=/._%+;".unicodeScalars.contains(previous)
      mayBeAnchor = scalar == "&" && !isInsideWord
      previous = scalar
      if scalar == "\n" { (line, column) = (line + 1, 0) }
    }
    return nil
  }
}
