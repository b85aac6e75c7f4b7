import Cryptography
import Foundation
import SwiftProtobuf
import Testing
import USP

/// Record signatures (R-E2E.28 to R-E2E.32).
@Suite struct RecordSignatureTests {
  private static let now = 1_800_000_000.0
  private static let agentName = ExchangeFixture.agentName
  private static let hostName = "fqdn::agent.example"

  private static func signer(_ certificate: [UInt8], _ key: [UInt8]) throws -> CertificateSigner {
    try #require(CertificateSigner(certificate: certificate, privateKey: key))
  }

  private static func exchanges(
    from agent: String = agentName, signer: CertificateSigner?, isRequired: Bool = true
  ) throws -> (agent: RecordExchange, controller: RecordExchange) {
    var configuration = try ExchangeFixture.configuration(
      own: agent, peer: ExchangeFixture.controllerName)
    configuration.signer = signer
    configuration.sessionMode = .require
    configuration.maxRecordSize = 1500
    var other = try ExchangeFixture.configuration()
    let anchors = try #require(CertificateChain.Anchors(pem: TestCertificates.authority))
    other.verifier = CertificateVerifier(anchors: anchors) { now }
    other.requiresSignature = isRequired
    return (RecordExchange(configuration), RecordExchange(other))
  }

  private static func told(
    from agent: String = agentName, certificate: [UInt8], key: [UInt8],
    _ change: (inout USPRecord) -> Void = { _ in }
  ) throws -> [Told] {
    var ends = try exchanges(from: agent, signer: try signer(certificate, key))
    let sent = try Wire.records(ends.agent.send(ExchangeFixture.notify("n"), now: 0))
    var record = try RecordCodec.decode(sent[0])
    change(&record)
    return Told.of(ends.controller.received(RecordCodec.encode(record), now: 0))
  }

  @Test func bytesAreSignedInTheOrderOfTheirFields() {
    var record = USPRecord()
    record.version = "1.4"
    record.toID = "to"
    record.fromID = "from"
    record.payloadSecurity = .tls12
    record.senderCert = Data("pem".utf8)
    record.macSignature = Data([9, 9])
    record.sessionContext = .with {
      $0.sessionID = 0x0102_0304_0506_0708
      $0.sequenceID = 2
      $0.expectedID = 3
      $0.payloadSarState = .begin
      $0.payloadrecSarState = .complete
      $0.payload = [Data([7])]
    }
    let expected: [UInt8] =
      Array("1.4tofrom".utf8) + [0, 0, 0, 1] + Array("pem".utf8) + [1, 2, 3, 4, 5, 6, 7, 8]
      + [0, 0, 0, 0, 0, 0, 0, 2] + [0, 0, 0, 0, 0, 0, 0, 3] + [0, 0, 0, 0, 0, 0, 0, 0]
      + [0, 0, 0, 1] + [0, 0, 0, 3]
    #expect(record.signedBytes == expected)
    record.websocketConnect = USPWebSocketConnectRecord()
    #expect(record.signedBytes == Array(expected.prefix(16)))
  }

  @Test func aSignatureOfTheSenderIsBelieved() throws {
    let certificate = TestCertificates.agent
    let told = try Self.told(certificate: certificate, key: TestCertificates.agentKey)
    #expect(told == [.peer(Self.agentName), .message("n")])
    // Those between follow the certificate.
    let chain = certificate + [0x0A] + TestCertificates.host
    #expect(
      try Self.told(certificate: chain, key: TestCertificates.agentKey) == [
        .peer(Self.agentName), .message("n"),
      ])
    #expect(
      try Self.told(
        from: Self.hostName, certificate: TestCertificates.host, key: TestCertificates.hostKey) == [
          .peer(Self.hostName), .message("n"),
        ])
  }

  @Test func whatWasChangedIsRefused() throws {
    let changes: [(inout USPRecord) -> Void] = [
      { $0.version = "1.3" }, { $0.sessionContext.sequenceID = 2 },
      { $0.sessionContext.sessionID += 1 }, { $0.sessionContext.expectedID = 0 },
      { $0.sessionContext.retransmitID = 1 }, { $0.sessionContext.payloadSarState = .begin },
      { $0.macSignature[10] ^= 1 }, { $0.macSignature = Data($0.macSignature.dropLast()) },
      { $0.macSignature = Data() }, { $0.macSignature = Data(count: 5000) },
      { $0.senderCert = Data(TestCertificates.host) }, { $0.senderCert = Data() },
      { $0.senderCert = Data("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----".utf8) },
      { $0.senderCert = Data(count: 100_000) },
      { $0.senderCert = Data(TestCertificates.encryptedKey) },
    ]
    for (index, change) in changes.enumerated() {
      let told = try Self.told(
        certificate: TestCertificates.agent, key: TestCertificates.agentKey, change)
      #expect(told == [.refused(7104)], "change \(index)")
    }
  }

  @Test func aCertificateMustBeTheSendersAndBelieved() throws {
    let cases: [(String, [UInt8], [UInt8])] = [
      // Of another endpoint, of none that believes it, past its time.
      (Self.agentName, TestCertificates.host, TestCertificates.hostKey),
      (Self.hostName, TestCertificates.agent, TestCertificates.agentKey),
      (Self.agentName, TestCertificates.stranger, TestCertificates.hostKey),
      (Self.agentName, TestCertificates.expired, TestCertificates.agentKey),
    ]
    for (agent, certificate, key) in cases {
      #expect(try Self.told(from: agent, certificate: certificate, key: key) == [.refused(7104)])
    }
  }

  @Test func signaturesMayBeLeftAwayWhereTheTransportProvesTheSender() throws {
    for (isRequired, told) in [
      (true, [Told.refused(7104)]), (false, [.peer(Self.agentName), .message("n")]),
    ] {
      var ends = try Self.exchanges(signer: nil, isRequired: isRequired)
      let sent = try Wire.records(ends.agent.send(ExchangeFixture.notify("n"), now: 0))
      #expect(Told.of(ends.controller.received(sent[0], now: 0)) == told)
    }
  }

  @Test func whereNobodyVerifiesRequiredSignaturesNothingIsTaken() throws {
    let signer = try Self.signer(TestCertificates.agent, TestCertificates.agentKey)
    var ends = try Self.exchanges(signer: signer)
    let sent = try Wire.records(ends.agent.send(ExchangeFixture.notify("n"), now: 0))
    var configuration = try ExchangeFixture.configuration()
    configuration.requiresSignature = true
    var controller = RecordExchange(configuration)
    #expect(Told.of(controller.received(sent[0], now: 0)) == [.refused(7104)])
  }

  @Test func signedSegmentsKeepWithinTheSizeOfARecord() throws {
    var ends = try Self.exchanges(
      signer: try Self.signer(TestCertificates.agent, TestCertificates.agentKey))
    let sent = try Wire.records(ends.agent.send(ExchangeFixture.get("1", paths: 200), now: 0))
    #expect(sent.count > 5)
    #expect(sent.allSatisfy { $0.count <= 1500 })
    var told: [Told] = []
    for record in sent { told += Told.of(ends.controller.received(record, now: 0)) }
    #expect(told == [.peer(Self.agentName), .message("1")])
  }

  @Test func keysAndCertificatesThatDoNotFitAreRefused() {
    let pairs: [([UInt8], [UInt8])] = [
      (TestCertificates.agent, TestCertificates.hostKey),
      (TestCertificates.host, TestCertificates.agentKey),
      (TestCertificates.otherCurve, TestCertificates.otherCurveKey),
      (TestCertificates.agent, TestCertificates.encryptedKey), (TestCertificates.agent, []),
      ([], TestCertificates.agentKey), (TestCertificates.agentKey, TestCertificates.agent),
    ]
    for (certificate, key) in pairs {
      #expect(CertificateSigner(certificate: certificate, privateKey: key) == nil)
    }
    #expect(CertificateChain.Anchors(pem: []) == nil)
    #expect(CertificateChain.Anchors(pem: TestCertificates.agentKey) == nil)
  }

  @Test func namesOfACertificateAreRead() throws {
    let agent = try #require(CertificateChain(pem: TestCertificates.agent))
    let names = try #require(agent.alternativeNames)
    #expect(names.uris == ["urn:bbf:usp:id:os::012345-A1"])
    let id = try #require(EndpointID(Self.agentName))
    #expect(EndpointID.isNamed(id, by: names))
    let host = try #require(CertificateChain(pem: TestCertificates.host)?.alternativeNames)
    #expect(host.dnsNames == ["agent.example"])
    #expect(EndpointID.isNamed(try #require(EndpointID("fqdn::Agent.Example")), by: host))
    #expect(!EndpointID.isNamed(try #require(EndpointID("self::agent.example")), by: host))
    #expect(!EndpointID.isNamed(id, by: host))
  }

  @Test func anchorsMayBeTheEndpointsOwn() throws {
    let chain = try #require(CertificateChain(pem: TestCertificates.agent))
    let own = try #require(CertificateChain.Anchors(pem: TestCertificates.agent))
    let authority = try #require(CertificateChain.Anchors(pem: TestCertificates.authority))
    let other = try #require(CertificateChain.Anchors(pem: TestCertificates.host))
    #expect(chain.isTrusted(by: own, at: Self.now))
    #expect(chain.isTrusted(by: authority, at: Self.now))
    #expect(!chain.isTrusted(by: other, at: Self.now))
    #expect(!chain.isTrusted(by: authority, at: 0))
    #expect(!chain.isTrusted(by: authority, at: 5_000_000_000))
    #expect(!chain.isTrusted(by: authority, at: .nan))
  }
}
