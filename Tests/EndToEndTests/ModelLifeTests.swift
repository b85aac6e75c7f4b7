import Foundation
import Testing

/// A data model on its way into a server and out of it, as a person would go it.
@Suite struct ModelLifeTests {
  private static let document = """
    <?xml version="1.0"?>
    <dm:document xmlns:dm="urn:broadband-forum-org:cwmp:datamodel-1-14" spec="urn:acme:acme-led-1-0">
    <model name="Device:2.0"><object name="Device."/><object name="Device.X_ACME_Led.">
    <parameter name="Brightness" access="readWrite"><description>How bright it shines.</description>
    <syntax><unsignedInt><range maxInclusive="100"/><units value="percent"/></unsignedInt></syntax></parameter>
    </object></model></dm:document>
    """

  @Test func aModelIsBroughtExplainedAndRemoved() async throws {
    let site = try Installation()
    defer { site.remove() }
    let file = site.directory.appendingPathComponent("acme.xml").path
    try Self.document.write(toFile: file, atomically: true, encoding: .utf8)
    var server = try site.start(1)
    try #require(try await server.waits(for: "acsctl --help"), "\(server.text)")

    let shipped = try await site.operate("model", "list", "-o", "name")
    #expect(shipped.text.contains("tr-181-2-19-1-cwmp"), "\(shipped.text)")
    let plain = try await site.operate("explain", "Device.DeviceInfo.UpTime")
    #expect(plain.status == 0 && plain.text.contains("unsignedInt"), "\(plain.text)")

    let brought = try await site.operate("model", "import", file)
    #expect(brought.status == 0, "\(brought.text)")
    #expect(brought.text.contains("model/acme-led-1-0: created"), "\(brought.text)")
    let arguments = ["explain", "Device.X_ACME_Led.Brightness", "--model", "acme-led-1-0"]
    let explained = try await site.operate(words: arguments)
    #expect(explained.status == 0)
    #expect(explained.text.contains("How bright it shines."), "\(explained.text)")
    #expect(explained.text.contains("in percent"), "\(explained.text)")

    // It is still there when the server comes back.
    server.signal(SIGTERM)
    #expect(try await server.wait() == 0, "\(server.text)")
    server = try site.start(2)
    try #require(try await server.waits(for: "acsctl --help"), "\(server.text)")
    let again = try await site.operate(words: arguments)
    #expect(again.text.contains("How bright it shines."), "\(again.text)")

    let found = try await site.operate(
      "model", "search", "bright", "--model", "acme-led-1-0", "-o", "name")
    #expect(found.text == "Device.X_ACME_Led.Brightness\n", "\(found.text)")
    let removed = try await site.operate("model", "remove", "acme-led-1-0", "--yes")
    #expect(removed.status == 0, "\(removed.text)")
    #expect(try await site.operate(words: arguments).status == 5)
    let kept = try await site.operate("model", "remove", "tr-181-2-19-1-cwmp", "--yes")
    #expect(kept.status == 1 && kept.text.contains("comes with the server"), "\(kept.text)")
    server.signal(SIGTERM)
    #expect(try await server.wait() == 0, "\(server.text)")
  }
}
