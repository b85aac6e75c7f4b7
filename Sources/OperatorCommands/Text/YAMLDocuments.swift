/// The documents of a YAML text, each with the line it starts at.
package struct YAMLDocuments: Sendable {
  /// Texts that keep their place: what stands before a document is replaced by empty lines, so that a line
  /// number in a diagnostic is the line number in the file.
  package let texts: [String]

  package init(_ text: String) {
    var documents: [String] = []
    var current: [Substring] = []
    var linesBefore = 0
    var line = 0
    func close() {
      if current.contains(where: Self.isContent) {
        documents.append(
          String(repeating: "\n", count: linesBefore) + current.joined(separator: "\n") + "\n")
      }
      current = []
    }
    let lines = text.replacing("\r\n", with: "\n").split(
      separator: "\n", omittingEmptySubsequences: false)
    for text in lines {
      line += 1
      if text == "---" || text.hasPrefix("--- ") || text == "..." {
        close()
        linesBefore = line
      } else {
        current.append(text)
      }
    }
    close()
    texts = documents
  }

  private static func isContent(_ line: Substring) -> Bool {
    let text = line.drop { $0 == " " || $0 == "\t" }
    return !text.isEmpty && !text.hasPrefix("#")
  }
}
