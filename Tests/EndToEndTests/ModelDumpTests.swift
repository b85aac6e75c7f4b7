import Foundation
import Testing

/// `acsctl model dump`, which needs no server.
@Suite struct ModelDumpTests {
  /// Runs the command in a directory with documents, and gives its status and what it printed.
  private func dump(_ documents: [String: String], _ arguments: String...) async throws
    -> (status: Int32?, text: String)
  {
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("fairlead-model-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    for (name, body) in documents {
      let text = """
        <?xml version="1.0"?>
        <dm:document xmlns:dm="urn:broadband-forum-org:cwmp:datamodel-1-14" spec="urn:x:\(name)">
        \(body)</dm:document>
        """
      try text.write(
        to: directory.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }
    let program = try RunningProgram(
      "acsctl",
      ["model", "dump"]
        + arguments.map {
          documents[$0] == nil ? $0 : directory.appendingPathComponent($0).path
        },
      output: directory.appendingPathComponent("output"))
    return (try await program.wait(), program.text)
  }

  private static let parts = """
    <component name="Part"><object name="Radio.{i}." minEntries="0" maxEntries="unbounded" version="2.1">
    <parameter name="Mode" access="readWrite"><syntax><list maxItems="2"/><string>
    <size maxLength="8"/><enumeration value="a/b"/><enumeration value="c&quot;"/></string></syntax></parameter>
    <parameter name="Power"><syntax><int><range minInclusive="-1" maxInclusive="99"/><units value="dBm"/></int></syntax>
    </parameter></object></component>

    """
  private static let whole = """
    <import file="parts.xml" spec="urn:x:parts.xml"><component name="Part"/></import>
    <model name="Device:2.1"><object name="Device."><component ref="Part"/></object></model>

    """

  @Test func aModelIsALineAnItem() async throws {
    let (status, text) = try await dump(
      ["whole.xml": Self.whole, "parts.xml": Self.parts], "whole.xml")
    #expect(status == 0)
    let lines = text.split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false)
    }
    #expect(
      lines.map { $0.joined(separator: "|") } == [
        "path|kind|access|primitive|list|sizes|ranges|enums|units|status|version",
        "Device.|object|readOnly|||||||current|2.0",
        "Device.Radio.{i}.|object|readOnly|||||||current|2.1",
        #"Device.Radio.{i}.Mode|param|readWrite|string|[:2]|[[null,8]]||["a/b","c\""]||current|2.1"#,
        "Device.Radio.{i}.Power|param|readOnly|int|||[[-1,99]]||dBm|current|2.1",
      ])
  }

  /// Whichever way round they are named, what imports the others is meant.
  @Test func severalDocumentsAreOneModel() async throws {
    let (status, text) = try await dump(
      ["whole.xml": Self.whole, "parts.xml": Self.parts], "parts.xml", "whole.xml", "--model",
      "Device:2.1", "--format", "json")
    #expect(status == 0)
    let rows = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    #expect(
      rows.map { $0["path"] as? String } == [
        "Device.", "Device.Radio.{i}.", "Device.Radio.{i}.Mode", "Device.Radio.{i}.Power",
      ])
    #expect(rows[2]["enums"] as? [String] == ["a/b", "c\""])
    #expect(rows[3]["ranges"] as? [[Int]] == [[-1, 99]])
  }

  @Test func whatIsWrongIsToldWithFileAndLine() async throws {
    let (status, text) = try await dump(["whole.xml": Self.whole], "whole.xml")
    #expect(status == 0, "the rest is printed")
    #expect(text.contains("whole.xml:3: error: “parts.xml” is not among the documents"), "\(text)")
    #expect(text.contains("whole.xml:4: error: the component “Part” is not there"), "\(text)")
    #expect(text.contains("\nDevice.\tobject\t"), "\(text)")
  }

  @Test func withoutAModelNothingIsPrinted() async throws {
    let parts = try await dump(["parts.xml": Self.parts], "parts.xml")
    #expect(parts.status == 2)
    #expect(parts.text.contains("none of the documents has a model"), "\(parts.text)")
    let broken = try await dump(["broken.xml": "<model"], "broken.xml")
    #expect(broken.status == 2)
    #expect(broken.text.contains("broken.xml:"), "\(broken.text)")
    let none = try await dump([:], "/nonexistent.xml")
    #expect(none.status == 2)
    #expect(none.text.contains("can't be read"), "\(none.text)")
  }
}
