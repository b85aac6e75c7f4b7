import Foundation
import Testing

/// The document that says which test shows what.
@Suite struct CoverageTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static func document() throws -> String {
    try String(
      contentsOf: root.appending(path: "Documentation/protocol-coverage.md"), encoding: .utf8)
  }

  @Test func everyTestThatTheDocumentNamesExists() throws {
    let document = try Self.document()
    var functions: [String: Set<String>] = [:]
    let tests = Self.root.appending(path: "Tests")
    let files = try #require(
      FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil))
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      var suite = ""
      for line in text.split(separator: "\n") {
        if let match = line.firstMatch(of: /(?:struct|class|actor|extension) ([A-Za-z0-9]+Tests)\b/)
        {
          suite = String(match.1)
        } else if let match = line.firstMatch(of: /func ([A-Za-z0-9]+)/) {
          functions[suite, default: []].insert(String(match.1))
        }
      }
    }
    var named = 0
    for match in document.matches(of: /`([A-Za-z0-9]+Tests)\.([A-Za-z0-9]+)`/) {
      named += 1
      #expect(
        functions[String(match.1)]?.contains(String(match.2)) == true,
        "there is no \(match.1).\(match.2)")
    }
    #expect(named > 100)
    for match in document.matches(of: /`([A-Za-z0-9]+Tests)`/) {
      #expect(functions[String(match.1)] != nil, "there is no \(match.1)")
    }
  }

  /// Each requirement has one row, and each row says what shows it.
  @Test func everyRequirementOfUSPSaysWhatShowsIt() throws {
    var seen: Set<String> = []
    let document = try Self.document()
    let start = try #require(document.firstRange(of: "\n# USP\n"))
    for line in document[start.upperBound...].split(separator: "\n")
    where line.hasPrefix("| R-") {
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst()
        .dropLast()
        .map { $0.filter { $0 != " " } }
      guard cells.count == 4, !cells.contains("") else {
        Issue.record("a row without its four cells: \(line)")
        continue
      }
      #expect(
        cells[3] == "notdone" || cells[3].contains(/^`[A-Za-z0-9]+Tests\.[A-Za-z0-9]+`/),
        "what shows \(cells[0])?")
      for requirement in cells[0].split(separator: ",") {
        #expect(requirement.contains(/^R-[A-Z0-9]+\.[0-9]+[a-z]?(?:\.[0-9]+)?$/))
        #expect(seen.insert(String(requirement)).inserted, "\(requirement) has two rows")
      }
    }
    #expect(seen.count > 150)
  }
}
