import Foundation
import Synchronization
import Testing

/// What hostile peers send to the running server, and what it costs.
///
/// Each is to get the status that it deserves and to leave one line in the log, the server's memory stays within a bound, and another
/// device goes through its sessions meanwhile.
@Suite(.serialized, .serverUnderAttack(patience: "10s")) struct HostileInputTests {
  let server: AttackedServer

  init() throws { server = try #require(AttackedServer.current) }

  private static let prologue = "<?xml version=\"1.0\"?>"

  private func post(
    _ body: String, from source: String,
    headers: [String] = ["Content-Type: text/xml; charset=utf-8"]
  ) async throws -> Int? {
    try await RawConnection.open(server.port, from: source).post(body, headers: headers)?.status
  }

  // MARK: - Documents

  @Test func documentTypesAreRefused() async throws {
    let body =
      Self.prologue + "<!DOCTYPE e [<!ELEMENT e ANY>]>" + PlainDevice(serial: "DTD").inform()
    try await server.withstands(
      "DTD", number: 1, atMost: 16, status: 400, reason: "a DOCTYPE is not accepted"
    ) { try await post(body, from: $0) }
  }

  @Test func externalEntitiesAreNotFetched() async throws {
    let trap = try Trap()
    let inform = PlainDevice(serial: "XXE").inform(parameters: "&file;&web;")
    let body =
      Self.prologue
        + """
        <!DOCTYPE e [<!ENTITY file SYSTEM "file:///etc/passwd"><!ENTITY web SYSTEM "http://127.0.0.1:\(trap.port)/">\
        <!ENTITY % dtd SYSTEM "http://127.0.0.1:\(trap.port)/dtd">%dtd;]>
        """ + inform
    try await server.withstands(
      "external entity", number: 2, atMost: 16, status: 400, reason: "a DOCTYPE is not accepted"
    ) { try await post(body, from: $0) }
    #expect(!trap.wasEntered)
  }

  @Test func aBillionLaughsAreNotLaughed() async throws {
    // Three billion characters in the end.
    var entities = "<!ENTITY a0 \"lol\">"
    for level in 1...9 {
      entities += "<!ENTITY a\(level) \"\(String(repeating: "&a\(level - 1);", count: 10))\">"
    }
    let body =
      Self.prologue + "<!DOCTYPE e [\(entities)]>"
      + PlainDevice(serial: "LOL").inform(parameters: "&a9;")
    try await server.withstands(
      "billion laughs", number: 3, atMost: 16, status: 400, reason: "a DOCTYPE is not accepted"
    ) { try await post(body, from: $0) }
  }

  @Test func twoHundredThousandLevelsAreTooDeep() async throws {
    let body = String(repeating: "<a>", count: 200_000)
    try await server.withstands(
      "200,000 levels", number: 4, atMost: 16, status: 400, reason: "too large"
    ) { try await post(body, from: $0) }
  }

  enum Name: Int, CaseIterable {
    case ofElement = 5
    case ofAttribute, ofPrefix

    var document: String {
      let name = String(repeating: "n", count: 1_000_000)
      return switch self {
      case .ofElement: "<\(name)/>"
      case .ofAttribute: "<a \(name)=\"\"/>"
      case .ofPrefix: "<a xmlns:\(name)=\"u\"/>"
      }
    }
  }

  @Test(arguments: Name.allCases) func namesOfAMegabyteAreTooLong(name: Name) async throws {
    let document = name.document
    try await server.withstands(
      "a name of a megabyte \(name)", number: name.rawValue, atMost: 24, status: 400,
      reason: "too large"
    ) { try await post(document, from: $0) }
  }

  @Test func compressedBombsAreNotInflated() async throws {
    let file = server.site.directory.appendingPathComponent("bomb.gz")
    let maker = try RunningProgram(
      "/bin/sh",
      ["-c", "head -c 400000000 /dev/zero | tr '\\0' ' ' | gzip -9 > \"$0\"", file.path],
      output: server.site.directory.appendingPathComponent("gzip.log"))
    try #require(try await maker.wait() == 0, "\(maker.text)")
    let bomb = Array(try Data(contentsOf: file))
    try #require(bomb.count < 500_000)
    try await server.withstands(
      "gzip bomb", number: 8, atMost: 96, status: 413, reason: "inflates to more"
    ) {
      try await RawConnection.open(server.port, from: $0)
        .post(bomb, headers: ["Content-Type: text/xml", "Content-Encoding: gzip"])?.status
    }
  }

  @Test(arguments: [
    (9, "text/xml; charset=x-klingon", "é"), (10, "text/xml; charset=utf-16", "é"),
    (11, "text/xml; charset=gb2312", "\u{FF}\u{FE}"),
  ])
  func wrongCharsets(number: Int, type: String, text: String) async throws {
    let inform = PlainDevice(serial: "CHARSET").inform()
    let body = Array(inform.replacing("Plain", with: text).utf8) + [0xFF, 0xFE, 0x80]
    try await server.withstands(
      "wrong charset, \(type)", number: number, atMost: 16, status: 400, reason: "XML"
    ) {
      try await RawConnection.open(server.port, from: $0)
        .post(body, headers: ["Content-Type: \(type)"])?.status
    }
  }
}

/// A port on which nobody is to call.
private final class Trap {
  private let descriptor: Int32
  let port: Int

  init() throws {
    descriptor = socket(
      AF_INET,
      Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 8) == 0
          && getsockname(descriptor, $0, &length) == 0
      }
    }
    try #require(isListening)
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  deinit { close(descriptor) }

  var wasEntered: Bool { accept(descriptor, nil, nil) >= 0 }
}
