import Foundation
import Testing

/// The document that says which test shows what.
@Suite struct CoverageTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test func everyTestThatTheDocumentNamesExists() throws {
    let document = try String(
      contentsOf: Self.root.appending(path: "Documentation/protocol-coverage.md"), encoding: .utf8)
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
  }
}
