import CWMP
import Fleet
import FleetStore
import Foundation
import HTTPAuthentication
import Logging
import NIOCore
import NIOSSL
import Postgres
import TLSIdentity
import Testing

@testable import CWMPServer

@Suite(.serialized) struct DoorTLSTests {
  /// PEM files in a directory of their own.
  private final class Files: Sendable {
    let directory: URL

    init() throws {
      directory = FileManager.default.temporaryDirectory.appendingPathComponent(
        "fairlead-tls-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      try write(TestCertificates.server, "server.pem")
      try write(TestCertificates.serverKey, "server.key")
      try write(TestCertificates.authority, "authority.pem")
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    func write(_ text: String, _ name: String) throws {
      try text.write(to: directory.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }

    func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

    func settings(_ clientCertificates: TLSFiles.ClientCertificates = .off)
      -> DoorSettings.TLS
    {
      var files = TLSFiles(certificate: path("server.pem"), key: path("server.key"))
      files.clientCertificates = clientCertificates
      files.clientAuthorities = clientCertificates == .off ? "" : path("authority.pem")
      var tls = DoorSettings.TLS(files)
      tls.port = 0
      return tls
    }
  }

  private static func run(
    _ clientCertificates: TLSFiles.ClientCertificates = .off,
    _ adjust: (inout DoorSettings) -> Void = { _ in },
    _ body: (DoorFixture, Files) async throws -> Void
  ) async throws {
    let files = try Files()
    try await DoorFixture.run({
      $0.tls = files.settings(clientCertificates)
      adjust(&$0)
    }) { try await body($0, files) }
  }

  private static func connect(
    _ door: DoorFixture, _ certificate: String? = nil, _ key: String? = nil,
    version: TLSVersion = .tlsv13
  ) async throws -> EncryptedCPE {
    try await EncryptedCPE(
      port: try #require(door.server.encryptedPort), certificate: certificate, key: key,
      version: version)
  }

  private static func der(_ pem: String) throws -> [UInt8] {
    try #require(try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)).first).toDERBytes()
  }

  private static func events(_ kind: String, of serial: String, _ door: DoorFixture) async throws
    -> [EventRecord]
  {
    try await door.store.events(of: try await door.device(serial), limit: 100).filter {
      $0.kind == kind
    }
  }

  // MARK: - Without certificates of devices

  @Test(arguments: [TLSVersion.tlsv12, .tlsv13])
  func aSessionOverTLS(version: TLSVersion) async throws {
    try await Self.run(.off, { $0.enrolment = .open }) { door, _ in
      let cpe = try await Self.connect(door, version: version)
      #expect(cpe.serverCertificate == (try Self.der(TestCertificates.server)))
      #expect(try await cpe.post(TestCPE.inform())?.message == .response(.inform))
      #expect(
        try await cpe.post(nil)?.message
          == .request(.getParameterNames(path: "Device.", nextLevel: false)))
      // The other port is open as well.
      #expect(try await door.connect().post(TestCPE.inform("2")).status == 200)
    }
  }

  @Test func oldVersionsAreRefused() async throws {
    try await Self.run(.off, { $0.enrolment = .open }) { door, _ in
      let cpe = try await Self.connect(door, version: .tlsv11)
      #expect(try await cpe.post(TestCPE.inform()) == nil)
      #expect(door.server.counts.failedHandshakes == 1)
    }
  }

  @Test func whoSpeaksNoTLSIsClosed() async throws {
    try await Self.run(.off, { $0.enrolment = .open }) { door, _ in
      let cpe = try await TestCPE(port: try #require(door.server.encryptedPort))
      try await cpe.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
      #expect(try await cpe.receive() == nil)
      #expect(door.server.counts.failedHandshakes == 1)
    }
  }

  @Test func connectionsWithoutTLSCanBeTurnedOff() async throws {
    try await Self.run(
      .off,
      {
        $0.enrolment = .open
        $0.acceptsPlainConnections = false
      }
    ) { door, _ in
      #expect(door.server.plainPort == nil)
      #expect(door.server.port == door.server.encryptedPort)
      let cpe = try await Self.connect(door)
      #expect(try await cpe.post(TestCPE.inform())?.status == 200)
    }
  }

  @Test func passwordsAreTakenOverTLS() async throws {
    try await Self.run(.off, { $0.scheme = .either }) { door, _ in
      let cpe = try await Self.connect(door)
      let challenged = try #require(try await cpe.post(TestCPE.inform()))
      #expect(challenged.status == 401)
      let offered = challenged.headers.filter { $0.name == "WWW-Authenticate" }.map(\.value)
      #expect(offered.last == #"Basic realm="fairlead""#)
      let header = Authorization.basicHeader(
        username: DoorFixture.username, password: DoorFixture.password)
      #expect(
        try await cpe.post(TestCPE.inform(), headers: [("Authorization", header)])?.status == 200)
    }
  }

  // MARK: - With certificates of devices

  @Test(arguments: [DoorSettings.Enrolment.shared, .known, .open])
  func aCertificateIsProofEnough(enrolment: DoorSettings.Enrolment) async throws {
    try await Self.run(.optional, { $0.enrolment = enrolment }) { door, _ in
      if case .known = enrolment {
        _ = try await door.store.createDevice(
          DeviceIdentity(
            name: "00D09E-Box-1", manufacturer: "Acme", oui: "00D09E", productClass: "Box",
            serialNumber: "1"), tags: [], by: "test")
      }
      let cpe = try await Self.connect(
        door, TestCertificates.box1, TestCertificates.box1Key)
      #expect(try await cpe.post(TestCPE.inform("1"))?.message == .response(.inform))
    }
  }

  @Test func aDeviceThatIsNotKnownIsNotLetInWhereOnlyKnownOnesAre() async throws {
    try await Self.run(.optional, { $0.enrolment = .known }) { door, _ in
      let cpe = try await Self.connect(door, TestCertificates.box1, TestCertificates.box1Key)
      let response = try await cpe.post(TestCPE.inform("1"))
      guard case .fault(let fault)? = response?.message else {
        Issue.record("\(String(describing: response))")
        return
      }
      #expect(fault.detail.code == 8001)
    }
  }

  @Test(arguments: [DoorSettings.Enrolment.shared, .open])
  func anotherIdentityThanTheCertificatesIsRefusedAndReported(
    enrolment: DoorSettings.Enrolment
  ) async throws {
    try await Self.run(.optional, { $0.enrolment = enrolment }) { door, _ in
      _ = try await door.store.createDevice(
        DeviceIdentity(
          name: "00D09E-Box-2", manufacturer: "Acme", oui: "00D09E", productClass: "Box",
          serialNumber: "2"), tags: [], by: "test")
      for _ in 0..<3 {
        let cpe = try await Self.connect(door, TestCertificates.box1, TestCertificates.box1Key)
        let response = try await cpe.post(TestCPE.inform("2"))
        guard case .fault(let fault)? = response?.message else {
          Issue.record("\(String(describing: response))")
          return
        }
        #expect(fault.detail.code == 8001)
      }
      #expect(door.server.counts.identityClaims == 3)
      #expect(door.server.openSessions == 0)
      // The history of the one that was claimed tells of it, once.
      let isTold = try await DoorFixture.eventually {
        try await Self.events("identityClaimed", of: "2", door).count == 1
      }
      #expect(isTold)
      let event = try #require(try await Self.events("identityClaimed", of: "2", door).first)
      let detail = String(decoding: event.detail, as: UTF8.self)
      #expect(detail.contains("00D09E-Box-1") && detail.contains("certificate"))
      #expect(detail.contains("127.0.0.1"))
    }
  }

  @Test func aCertificateOfManyDevicesIsNoProof() async throws {
    try await Self.run(.optional) { door, _ in
      let cpe = try await Self.connect(
        door, TestCertificates.shared, TestCertificates.sharedKey)
      let challenged = try #require(try await cpe.post(TestCPE.inform()))
      #expect(challenged.status == 401)
      var client = DigestClient(
        username: DoorFixture.username, password: DoorFixture.password)
      client.receive(challenged.headers.filter { $0.name == "WWW-Authenticate" }.map(\.value))
      let header = client.authorization(method: "POST", uri: "/")
      #expect(
        try await cpe.post(
          TestCPE.inform(), headers: [("Authorization", try #require(header))])?.status == 200)
    }
  }

  @Test(arguments: [TLSFiles.ClientCertificates.optional, .required])
  func certificatesOfOthersAreRefused(_ policy: TLSFiles.ClientCertificates) async throws {
    try await Self.run(policy, { $0.enrolment = .open }) { door, _ in
      for (certificate, key) in [
        (TestCertificates.forged, TestCertificates.forgedKey),
        (TestCertificates.expired, TestCertificates.expiredKey),
      ] {
        let cpe = try await Self.connect(door, certificate, key)
        #expect(try await cpe.post(TestCPE.inform()) == nil)
      }
      let counted = try await DoorFixture.eventually { door.server.counts.failedHandshakes == 2 }
      #expect(counted)
      #expect(try await door.store.pool.query("SELECT FROM device").isEmpty)
    }
  }

  @Test func certificatesMayBeRequired() async throws {
    try await Self.run(.required, { $0.enrolment = .open }) { door, _ in
      let without = try await Self.connect(door)
      #expect(try await without.post(TestCPE.inform()) == nil)
      let with = try await Self.connect(door, TestCertificates.box1, TestCertificates.box1Key)
      #expect(try await with.post(TestCPE.inform("1"))?.status == 200)
    }
  }

  // MARK: - Files

  @Test func newFilesAreTakenWithoutARestart() async throws {
    try await Self.run(.off, { $0.enrolment = .open }) { door, files in
      let old = try await Self.connect(door)
      #expect(try await old.post(TestCPE.inform())?.status == 200)
      try files.write(TestCertificates.renewedKey, "server.key")
      try files.write(TestCertificates.renewed, "server.pem")
      door.server.reloadCertificates()
      let new = try await Self.connect(door)
      #expect(new.serverCertificate == (try Self.der(TestCertificates.renewed)))
      #expect(try await new.post(TestCPE.inform("2"))?.status == 200)
      // A session under way does not notice.
      #expect(try await old.post(nil)?.status == 200)
    }
  }

  @Test(arguments: ["", "no PEM", TestCertificates.renewed])
  func brokenFilesLeaveTheOldOnesInForce(certificate: String) async throws {
    // The last one is good, and does not go with the key.
    try await Self.run(.off, { $0.enrolment = .open }) { door, files in
      try files.write(certificate, "server.pem")
      door.server.reloadCertificates()
      let cpe = try await Self.connect(door)
      #expect(cpe.serverCertificate == (try Self.der(TestCertificates.server)))
      #expect(try await cpe.post(TestCPE.inform())?.status == 200)
      // Once they are whole they are taken.
      try files.write(TestCertificates.renewed, "server.pem")
      try files.write(TestCertificates.renewedKey, "server.key")
      door.server.reloadCertificates()
      let next = try await Self.connect(door)
      #expect(next.serverCertificate == (try Self.der(TestCertificates.renewed)))
    }
  }

  @Test func filesThatCanNotBeUsedAreNamedAtTheStart() throws {
    let files = try Files()
    func problem(_ adjust: (inout TLSFiles) -> Void) -> String {
      var settings = files.settings(.required).files
      adjust(&settings)
      do throws(TLSCredentials.Problem) {
        _ = try TLSCredentials(settings, logger: DoorFixture.silentLogger)
        return ""
      } catch {
        return error.description
      }
    }
    #expect(problem { _ in } == "")
    #expect(problem { $0.certificate = "/nowhere.pem" }.contains("/nowhere.pem"))
    #expect(problem { $0.key = files.path("server.pem") }.contains("server.pem"))
    #expect(problem { $0.clientAuthorities = "" }.contains("can't be read"))
    try? files.write(TestCertificates.renewedKey, "server.key")
    #expect(problem { _ in }.contains("server.key"))
  }

  // MARK: - Handshakes

  @Test func aHandshakeThatDoesNotEndIsGivenUp() async throws {
    try await Self.run(
      .off,
      {
        $0.enrolment = .open
        $0.tls?.handshakeTimeout = .milliseconds(200)
      }
    ) { door, _ in
      let idle = try await TestCPE(port: try #require(door.server.encryptedPort))
      #expect(try await idle.receive() == nil)
      #expect(door.server.counts.failedHandshakes == 1)
    }
  }

  @Test func handshakesAreLimited() async throws {
    try await Self.run(
      .off,
      {
        $0.enrolment = .open
        $0.tls?.maxHandshakes = 2
      }
    ) { door, _ in
      let port = try #require(door.server.encryptedPort)
      let agreed = try await EncryptedCPE(port: port)
      #expect(try await agreed.post(TestCPE.inform())?.status == 200)
      var stuck = [try await TestCPE(port: port), try await TestCPE(port: port)]
      // The connections may be accepted after their third.
      let refused = try await DoorFixture.eventually {
        let third = try await TestCPE(port: port)
        return try await Self.isClosed(third)
      }
      #expect(refused)
      // Those that are through go on.
      #expect(try await agreed.post(nil)?.status == 200)
      // And once the others have given up there is room again.
      #expect(stuck.count == 2)
      stuck = []
      let isFree = try await DoorFixture.eventually {
        try await EncryptedCPE(port: port).post(TestCPE.inform("2"))?.status == 200
      }
      #expect(isFree)
    }
  }

  /// Sends what begins a handshake and sees whether that is answered by the end of the connection.
  private static func isClosed(_ cpe: TestCPE) async throws -> Bool {
    do {
      try await cpe.send([22, 3, 1, 255])
      return try await cpe.receive() == nil
    } catch is TestError {
      return true
    }
  }
}
