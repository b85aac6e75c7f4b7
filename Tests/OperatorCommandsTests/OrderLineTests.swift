import Foundation
import ManagementTypes
import OperatorCommands
import Testing

/// What command lines order.
@Suite struct OrderLineTests {
  private static let moment = "2026-01-31T12:00:00.000Z"
  private static let digest = String(repeating: "ab", count: 32)

  private struct Sent: Decodable { var order: TaskOrder }

  /// Runs a command line that does not wait, and gives the order that it sent.
  private func order(_ line: [String]) async throws -> (code: Int32, order: TaskOrder?) {
    let server = try StubServer([
      "POST /api/v1/devices/N/tasks": .init(
        status: 201,
        body: """
          {"id":7,"device":"N","order":{"kind":"x"},"state":"queued","attempts":0,"maxAttempts":3,
          "dueAt":"\(Self.moment)","deadline":"\(Self.moment)","createdAt":"\(Self.moment)","orderedBy":"a"}
          """),
      "GET /api/v1/files/\(Self.digest)": .init(
        body: """
          {"sha256":"\(Self.digest)","name":"fw","version":"2.0","size":5,"createdBy":"a","createdAt":"\(Self.moment)"}
          """),
    ])
    defer { server.stop() }
    let code = await Acsctl.run(
      arguments: line + ["--no-wait", "--server", "http://127.0.0.1:\(server.port)"])
    let body = server.received.last { $0.hasPrefix("POST") }.flatMap { request in
      request.range(of: "\r\n\r\n").map { Data(request[$0.upperBound...].utf8) }
    }
    return (code, try body.map { try JSONDecoder().decode(Sent.self, from: $0).order })
  }

  @Test(arguments: [
    ("read N Device.X Device.Y.", #"{"kind":"get","paths":["Device.X","Device.Y."]}"#),
    ("read N Device.X --attributes", #"{"kind":"getAttributes","paths":["Device.X"]}"#),
    (
      "set N A=1 B:int=2",
      #"{"kind":"set","values":[{"path":"A","value":"1"},{"path":"B","value":"2","type":"int"}]}"#
    ),
    ("add N Device.X", #"{"kind":"add","object":"Device.X."}"#),
    (
      "add N Device.X. Y=1",
      #"{"kind":"add","object":"Device.X.","values":[{"path":"Y","value":"1"}]}"#
    ),
    ("delete object N Device.X.1", #"{"kind":"delete","object":"Device.X.1."}"#),
    ("refresh N", #"{"kind":"refresh"}"#),
    ("refresh N Device.X.", #"{"kind":"refresh","path":"Device.X."}"#),
    (
      "notify N A=ACTIVE B.=off",
      #"{"kind":"setAttributes","attributes":[{"path":"A","notification":"active"},{"path":"B.","notification":"off"}]}"#
    ),
    (
      "notify N A B=passive --access-list Subscriber,X",
      #"{"kind":"setAttributes","attributes":[{"path":"A","accessList":["Subscriber","X"]},{"path":"B","notification":"passive","accessList":["Subscriber","X"]}]}"#
    ),
    (
      "notify N A --access-list NOBODY",
      #"{"kind":"setAttributes","attributes":[{"path":"A","accessList":[]}]}"#
    ),
    (
      "download N --file \(digest)",
      #"{"kind":"download","file":"\#(digest)","expectedVersion":"2.0"}"#
    ),
    (
      "download N --file \(digest) --file-type 3_Config --delay 5m --success-url http://a/ --failure-url http://b/",
      #"{"kind":"download","file":"\#(digest)","fileType":"3_Config","delay":300,"successURL":"http://a/","failureURL":"http://b/"}"#
    ),
    (
      "download N --url http://a/f --username me --window 1h-3h:WHENIDLE --window 3h-1d",
      #"{"kind":"download","url":"http://a/f","username":"me","windows":[{"start":3600,"end":10800,"mode":"whenIdle"},{"start":10800,"end":86400}]}"#
    ),
    ("fetch N --type config", #"{"kind":"upload","fileType":"1 Vendor Configuration File"}"#),
    (
      "fetch N --type LOG --delay 10",
      #"{"kind":"upload","fileType":"2 Vendor Log File","delay":10}"#
    ),
    (
      "fetch N --type X_Other --url http://a/",
      #"{"kind":"upload","fileType":"X_Other","url":"http://a/"}"#
    ),
    ("schedule N --in 10m", #"{"kind":"scheduleContact","delay":600}"#),
    (
      "software install N --file \(digest) --environment Device.E.1.",
      #"{"kind":"changeSoftware","changes":[{"action":"install","file":"\#(digest)","environment":"Device.E.1."}]}"#
    ),
    (
      "software update N --uuid u --version 1 --url http://a/m",
      #"{"kind":"changeSoftware","changes":[{"action":"update","url":"http://a/m","uuid":"u","version":"1"}]}"#
    ),
    ("software update N", #"{"kind":"changeSoftware","changes":[{"action":"update"}]}"#),
    (
      "software uninstall N --uuid u --yes",
      #"{"kind":"changeSoftware","changes":[{"action":"uninstall","uuid":"u"}]}"#
    ),
    ("transfers N", #"{"kind":"listTransfers"}"#),
    ("transfers N --ordered", #"{"kind":"listTransfers","onlyOrdered":true}"#),
    ("cancel-transfer N 17", #"{"kind":"cancelTransfer","commandKey":"fl-17"}"#),
    ("cancel-transfer N other-17", #"{"kind":"cancelTransfer","commandKey":"other-17"}"#),
    ("methods N", #"{"kind":"listMethods"}"#),
    ("options N", #"{"kind":"getOptions"}"#),
    ("options N premium", #"{"kind":"getOptions","name":"premium"}"#),
    (
      "diagnose ping N a.example --repetitions 3 --reply-timeout 500 --size 64 --dscp 0 --interface I.",
      #"{"kind":"diagnose","diagnosis":"ping","host":"a.example","repetitions":3,"timeout":500,"dataBlockSize":64,"dscp":0,"interface":"I."}"#
    ),
    (
      "diagnose trace-route N a.example --max-hops 9",
      #"{"kind":"diagnose","diagnosis":"traceRoute","host":"a.example","maxHopCount":9}"#
    ),
    (
      "diagnose download N http://a/f",
      #"{"kind":"diagnose","diagnosis":"download","url":"http://a/f"}"#
    ),
    (
      "diagnose upload N http://a/f --size 1000",
      #"{"kind":"diagnose","diagnosis":"upload","url":"http://a/f","fileLength":1000}"#
    ),
    (
      "diagnose nslookup N a.example --dns-server 192.0.2.1",
      #"{"kind":"diagnose","diagnosis":"nsLookup","host":"a.example","server":"192.0.2.1"}"#
    ),
    ("diagnose wifi-neighbors N", #"{"kind":"diagnose","diagnosis":"wifiNeighbors"}"#),
  ]) func linesAreOrders(line: String, expected: String) async throws {
    let words = line.split(separator: " ").map { $0 == "NOBODY" ? "" : String($0) }
    let (code, order) = try await order(words)
    #expect(code == 0)
    #expect(order == (try JSONDecoder().decode(TaskOrder.self, from: Data(expected.utf8))))
  }

  @Test(arguments: [
    "notify N", "notify N A", "notify N A=loud", "download N",
    "download N --file a --url http://b/",
    "download N --file aaaaaa --username u", "download N --file aaaaaa --window 3h-1h",
    "download N --file aaaaaa --window 1h", "download N --file aaaaaa --window 1h-2h:soon",
    "download N --file aaaaaa --delay 1m --window 1h-2h", "fetch N",
    "fetch N --type log --save x", "fetch N --type log --url http://a/ --save x", "schedule N",
    "schedule N --in soon", "software install N", "software uninstall N",
    "software install N --file a --url http://b/", "cancel-transfer N", "cancel-transfer N 1 2",
    "methods", "options N a b", "vouchers N", "diagnose ping N", "diagnose ping N a b",
    "diagnose upload N http://a/", "diagnose wifi-neighbors N x", "diagnose",
    "vouchers N /nowhere/at-all",
  ]) func whatLacksSomethingOrdersNothing(line: String) async throws {
    let (code, order) = try await order(line.split(separator: " ").map(String.init))
    #expect(code == CommandFailure.Kind.usage.rawValue)
    #expect(order == nil)
  }

  @Test func passwordsComeFromTheFirstLineOfAFile() async throws {
    let path = NSTemporaryDirectory() + "password-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try "s3cret \r\nrest\n".write(toFile: path, atomically: true, encoding: .utf8)
    for line in [
      ["download", "N"], ["fetch", "N", "--type", "log"], ["software", "install", "N"],
    ] {
      let (code, order) = try await order(
        line + ["--url", "http://a/", "--username", "me", "--password-file", path])
      #expect(code == 0)
      let members = order?["changes"]?.elements.first ?? .object(order?.arguments ?? [:])
      #expect(members["password"] == "s3cret ")
      #expect(members["username"] == "me")
    }
    // A pipe is as good as a file.
    let pipe = Pipe()
    try pipe.fileHandleForWriting.write(contentsOf: Data("s3cret\n".utf8))
    try pipe.fileHandleForWriting.close()
    let piped = try await order([
      "download", "N", "--url", "http://a/", "--password-file",
      "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)",
    ])
    #expect(piped.order?["password"] == "s3cret")
    try "\nsecond".write(toFile: path, atomically: true, encoding: .utf8)
    let (code, order) = try await order(
      ["download", "N", "--url", "http://a/", "--password-file", path])
    #expect(code == CommandFailure.Kind.usage.rawValue)
    #expect(order == nil)
  }

  @Test func vouchersAreSentAsTheyAre() async throws {
    let path = NSTemporaryDirectory() + "voucher-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data([0, 1, 0xFF]).write(to: URL(fileURLWithPath: path))
    let (code, order) = try await order(["vouchers", "N", path])
    #expect(code == 0)
    #expect(order == TaskOrder(kind: "setVouchers", ["vouchers": ["AAH/"]]))
  }
}
