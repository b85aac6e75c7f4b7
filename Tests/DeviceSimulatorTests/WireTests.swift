import CWMP
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import STUN
import Synchronization
import Testing

@testable import DeviceSimulator

/// Devices with their quirks, files and bindings on real sockets.
@Suite(.serialized, .timeLimit(.minutes(2))) struct WireTests {
  private func options(
    _ acs: StubACS, quirks: Quirks = Quirks(), complete: Bool = false
  ) throws -> FleetOptions {
    FleetOptions(
      count: 1, acsURL: acs.url,
      models: [try complete ? Devices.tr181.get() : Devices.small()], username: "u",
      password: "p", periodicInformInterval: 86400, bootSpread: 0.1, timeScale: 100,
      behaviour: .init(bootTime: 5, flashTime: 3...5, quirks: quirks))
  }

  private func start(_ options: FleetOptions) async throws -> SimulatedFleet {
    try await SimulatedFleet.start(options, clock: Devices.clockStart) { _, _ in }
  }

  /// A device with any one quirk gets through a session with an ACS that bears it.
  @Test(
    arguments: Quirk.allCases.filter {
      // Two are no envelopes, the others end the session.
      ![
        .contentLengthCharacters, .externalEntity, .closesAfterSet, .declarationRefused,
        .cutAtRequest, .powerLossAtRequest,
      ].contains($0)
    })
  func aSessionWithEachQuirk(quirk: Quirk) async throws {
    let acs = try await StubACS.start(
      .init(
        requests: { _, _ in
          [
            .getParameterNames(path: "Device.IP.", nextLevel: true),
            .getParameterValues(names: ["Device.IP.Label"]),
            .set(("Device.IP.Label", "new", .string)),
          ]
        },
        challenge: "Digest realm=\"r\", qop=\"auth\", nonce=\"n1\"",
        setsCookies: quirk != .cookieNever))
    let fleet = try await start(try options(acs, quirks: Quirks([quirk])))
    let record = try await acs.wait { $0.sessionsEnded > 0 }
    #expect(record.sessionsEnded > 0)
    #expect(record.malformed == 0)
    #expect(record.answers.count >= 3)
    let counts = try await fleet.counts()
    #expect(counts.failures.isEmpty)
    try await fleet.stop()
    try await acs.stop()
  }

  @Test func aBodyThatIsCutShort() async throws {
    let acs = try await StubACS.start()
    let fleet = try await start(try options(acs, quirks: Quirks([.contentLengthCharacters])))
    let record = try await acs.wait { $0.malformed > 0 }
    #expect(record.malformed > 0)
    #expect(record.informs.isEmpty)
    try await fleet.stop()
    try await acs.stop()
  }

  @Test func authorizationWithTheFirstRequestOnly() async throws {
    let acs = try await StubACS.start(
      .init(challenge: "Digest realm=\"r\", qop=\"auth\", nonce=\"n1\""))
    let fleet = try await start(try options(acs, quirks: Quirks([.authorizationOnce])))
    let record = try await acs.wait { $0.sessionsEnded == 1 }
    #expect(
      record.heads.map { $0.headers.contains(name: "Authorization") } == [false, true, false])
    try await fleet.stop()
    try await acs.stop()
  }

  @Test(arguments: [
    (
      "Digest realm=\"r\", qop=\"auth\", nonce=\"n1\", algorithm=SHA-256", Quirks(),
      "algorithm=SHA-256"
    ),
    (
      "Digest realm=\"r\", qop=\"auth\", nonce=\"n1\"", Quirks([.digestWithoutQop]), "uri=\"\""
    ),
  ])
  func digests(challenge: String, quirks: Quirks, expected: String) async throws {
    let acs = try await StubACS.start(.init(challenge: challenge))
    let fleet = try await start(try options(acs, quirks: quirks))
    let record = try await acs.wait { $0.sessionsEnded == 1 }
    let header = try #require(record.heads.last?.headers.first(name: "Authorization"))
    #expect(header.contains(expected))
    #expect(!quirks.contains(.digestWithoutQop) || !header.contains("qop"))
    try await fleet.stop()
    try await acs.stop()
  }

  @Test func theCountOfANonceStaysOne() {
    for (manner, counts) in [
      (SessionCredentials.DigestManner.regular, ["00000001", "00000002"]),
      (.countOne, ["00000001", "00000001"]),
    ] {
      var credentials = SessionCredentials(username: "u", password: "p", manner: manner)
      let isAnswerable = credentials.receive(["Digest realm=\"r\", qop=\"auth\", nonce=\"n1\""])
      #expect(isAnswerable)
      for count in counts {
        #expect(credentials.header(method: "POST", uri: "/")?.contains("nc=\(count)") == true)
      }
    }
  }

  /// After a 415 the same message goes out again as it is, and all that follow.
  @Test func compressionIsGivenUpWhereItIsNotTaken() async throws {
    let name = "Device.ManagementServer.HTTPCompression"
    for refuses in [false, true] {
      let acs = try await StubACS.start(
        .init(
          requests: { inform, _ in
            inform.codes.contains(Event.bootstrap)
              ? [.set((name, "GZIP", .string)), .scheduleInform(delaySeconds: 1, commandKey: "")]
              : [.getParameterValues(names: [name])]
          }, refusesCompression: refuses))
      let fleet = try await start(try options(acs, complete: true))
      let record = try await acs.wait { $0.sessionsEnded == 2 }
      let coded = record.heads.map { $0.headers.first(name: "Content-Encoding") == "gzip" }
      // Inform, empty, two answers; then the second session.
      let second = Array(coded.dropFirst(4))
      #expect(!coded.prefix(4).contains(true))
      #expect(second == (refuses ? [true, false, false, false] : [true, false, true]))
      #expect(record.answers.values[name] == "GZIP")
      try await fleet.stop()
      try await acs.stop()
    }
  }

  @Test func filesArePut() async throws {
    let acs = try await StubACS.start(
      .init(requests: { inform, url in
        guard inform.codes.contains(Event.bootstrap) else { return [] }
        let base = url.replacing("/cwmp", with: "")
        return [
          .upload(
            Upload(
              commandKey: "U", fileType: "1 Vendor Configuration File", url: base + "/put/c.cfg"))
        ]
      }))
    let fleet = try await start(try options(acs))
    let record = try await acs.wait { $0.reports.count == 1 }
    #expect(record.reports.first?.fault == nil)
    #expect(record.informs.last?.codes == [Event.transferComplete, Event.methodUpload])
    let file = try #require(record.files["/put/c.cfg"])
    #expect(String(decoding: file, as: UTF8.self).contains("Device.IP.Label=x\n"))
    #expect(try await fleet.counts().uploads == 1)
    try await fleet.stop()
    try await acs.stop()
  }

  @Test func softwareIsFetchedAndReported() async throws {
    let acs = try await StubACS.start(
      .init(
        requests: { inform, url in
          guard inform.codes.contains(Event.bootstrap) else { return [] }
          return [
            .changeDUState(
              ChangeDUState(
                operations: [.install(.init(url: url + "/app-1.0.tar"))], commandKey: "C"))
          ]
        }, file: Array(repeating: 7, count: 1000)))
    let fleet = try await start(try options(acs, complete: true))
    let record = try await acs.wait { !$0.requests.isEmpty }
    guard case .duStateChangeComplete(let complete) = record.requests.first else {
      Issue.record("no DUStateChangeComplete")
      return
    }
    #expect(complete.results.map(\.currentState) == ["Installed"])
    #expect(complete.results.first?.version == "1.0")
    try await fleet.stop()
    try await acs.stop()
  }

  /// What the ACS sets is what the device comes with from the next session on.
  @Test func credentialsOfTheDevicesOwn() async throws {
    let server = "Device.ManagementServer."
    let acs = try await StubACS.start(
      .init(
        requests: { inform, _ in
          guard inform.codes.contains(Event.bootstrap) else { return [] }
          return [
            .set((server + "Username", "own", .string), (server + "Password", "new", .string)),
            .scheduleInform(delaySeconds: 1, commandKey: ""),
          ]
        }, challenge: "Basic realm=\"r\""))
    let fleet = try await start(try options(acs))
    let record = try await acs.wait { $0.sessionsEnded == 2 }
    let headers = record.heads.compactMap { $0.headers.first(name: "Authorization") }
    #expect(headers.first == "Basic " + Data("u:p".utf8).base64EncodedString())
    #expect(headers.last == "Basic " + Data("own:new".utf8).base64EncodedString())
    try await fleet.stop()
    try await acs.stop()
  }

  @Test func triggersReachDevices() async throws {
    let acs = try await StubACS.start()
    var options = try options(acs)
    options.count = 2
    let fleet = try await start(options)
    _ = try await acs.wait { $0.sessionsEnded == 2 }
    #expect(try await fleet.trigger(.kicked, serialNumber: "SIM000002") == 1)
    #expect(try await fleet.trigger(.kicked, serialNumber: "nobody") == 0)
    let record = try await acs.wait { !$0.requests.isEmpty }
    #expect(record.informs.last?.deviceID.serialNumber == "SIM000002")
    #expect(record.requests.first?.method == "Kicked")
    try await fleet.stop()
    try await acs.stop()
  }
}

@Suite(.serialized, .timeLimit(.minutes(2))) struct TLSTests {
  private func write(_ text: String, _ name: String, in directory: URL) throws -> String {
    let file = directory.appendingPathComponent(name)
    try Data(text.utf8).write(to: file)
    return file.path
  }

  /// With the right authority and certificate, and with each of them missing.
  @Test func devicesShowACertificate() async throws {
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("cpesim-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let full = TLSOptions(
      authorities: try write(SimulatorCertificates.authority, "ca.pem", in: directory),
      certificate: try write(SimulatorCertificates.device, "d.pem", in: directory),
      key: try write(SimulatorCertificates.deviceKey, "d.key", in: directory))
    let acs = try await StubACS.start(.init(isSecure: true))
    for (tls, succeeds) in [
      (full, true), (TLSOptions(authorities: full.authorities), false),
      (TLSOptions(certificate: full.certificate, key: full.key), false),
    ] {
      let options = FleetOptions(
        count: 1, acsURL: acs.url, models: [try Devices.small()], periodicInformInterval: 86400,
        bootSpread: 0.1, timeScale: 100, tls: tls)
      let fleet = try await SimulatedFleet.start(options, clock: Devices.clockStart) { _, _ in }
      var counts = FleetCounts()
      for _ in 0..<1000 where counts.sessionsSucceeded + counts.sessionsFailed == 0 {
        counts = try await fleet.counts()
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect((counts.sessionsSucceeded > 0) == succeeds)
      #expect((counts.sessionsFailed > 0) == !succeeds)
      #expect(counts.failures.keys.allSatisfy { $0.hasPrefix("TLS failed: ") })
      try await fleet.stop()
    }
    try await acs.stop()
  }

  @Test func filesThatAreNone() throws {
    for options in [
      TLSOptions(authorities: "/nowhere"), TLSOptions(certificate: "/nowhere", key: "/nowhere"),
    ] {
      #expect(throws: SimulatorError.self) { try options.context() }
    }
    #expect(throws: SimulatorError.self) { try TLSOptions(certificate: "x").validate() }
    #expect(throws: SimulatorError.self) { try TLSOptions(key: "x").validate() }
  }
}

@Suite struct STUNClientTests {
  private static let id = Array(repeating: UInt8(1), count: 16)
  private static let address = TransportAddress(address: [192, 0, 2, 9], port: 4000)

  private func client(username: String = "u", password: String = "pw") -> STUNClient {
    STUNClient(
      settings: .init(
        host: "127.0.0.1", port: 3478, username: username, password: password, keepAlive: 30,
        requester: "cr", requesterPassword: "secret"))
  }

  /// What a server answers to the client's request.
  private func answer(_ action: STUNClient.Action, from source: TransportAddress) throws -> [UInt8]
  {
    guard case .send(let request) = action else {
      Issue.record("no request: \(action)")
      return []
    }
    let responder = STUNResponder { $0 == "u" ? "pw" : nil }
    guard case .answer(let answer, _) = responder.respond(to: request, from: source) else {
      Issue.record("no answer")
      return []
    }
    return answer.datagram
  }

  @Test func signsWhenItIsAskedTo() throws {
    let source = try #require(Self.address)
    var client = client()
    let refusal = try answer(client.request(transactionID: Self.id), from: source)
    let second = Array(repeating: UInt8(2), count: 16)
    let signed = client.receive(refusal, transactionID: second)
    let response = try answer(signed, from: source)
    #expect(client.receive(response, transactionID: Self.id) == .bound(source))
    #expect(client.mapped == source)
    // The same address is no news, and an old answer none at all.
    let third = try answer(client.request(transactionID: Self.id), from: source)
    #expect(client.receive(third, transactionID: Self.id) == .none)
    #expect(client.receive(third, transactionID: Self.id) == .none)
  }

  @Test func aNewAddressIsTold() throws {
    let source = try #require(Self.address)
    let other = try #require(TransportAddress(address: [192, 0, 2, 9], port: 4001))
    var client = client(username: "")
    for (address, expected) in [
      (source, STUNClient.Action.bound(source)), (other, .bound(other)), (other, .none),
    ] {
      let response = try answer(client.request(transactionID: Self.id), from: address)
      #expect(client.receive(response, transactionID: Self.id) == expected)
    }
  }

  @Test func aServerWithAnotherPasswordIsNotBelieved() throws {
    let source = try #require(Self.address)
    var client = client()
    let refusal = try answer(client.request(transactionID: Self.id), from: source)
    _ = client.receive(refusal, transactionID: Self.id)
    let forged = STUNMessage(
      type: STUNMessage.Kind.bindingResponse, transactionID: Self.id,
      attributes: [STUNAttribute(STUNAttribute.Kind.mappedAddress, source)])
    #expect(
      client.receive(forged.signed(key: Array("other".utf8)), transactionID: Self.id) == .none)
  }

  @Test func connectionRequestsAreChecked() throws {
    var client = client()
    func request(_ time: UInt64, _ id: UInt32, user: String = "cr", password: String = "secret")
      -> STUNClient.Action
    {
      let packet = UDPConnectionRequest(timestamp: time, id: id, username: user, nonce: "n")
        .encoded(host: "192.0.2.9", port: 4000, password: password)
      return client.receive(packet, transactionID: Self.id)
    }
    #expect(request(10, 1) == .connectionRequest)
    #expect(request(10, 1) == .none)
    #expect(request(9, 2) == .none)
    #expect(request(11, 1) == .none)
    #expect(request(12, 3, password: "wrong") == .none)
    #expect(request(12, 3, user: "other") == .none)
    #expect(request(12, 3) == .connectionRequest)
    #expect(client.receive(Array("nonsense".utf8), transactionID: Self.id) == .none)
    #expect(client.receive([], transactionID: Self.id) == .none)
  }
}

/// A STUN server for one test.
final class StubSTUNServer: ChannelInboundHandler, Sendable {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  let bindings = Mutex<[STUNResponder.Binding]>([])

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let envelope = unwrapInboundIn(data)
    let octets =
      envelope.remoteAddress.ipAddress?.split(separator: ".").compactMap { UInt8($0) } ?? []
    guard
      let source = TransportAddress(
        address: octets, port: UInt16(envelope.remoteAddress.port ?? 0))
    else { return }
    let responder = STUNResponder { $0 == "box" ? "stun" : nil }
    guard
      case .answer(let answer, let learned) = responder.respond(
        to: Array(envelope.data.readableBytesView), from: source)
    else { return }
    if let learned { bindings.withLock { $0.append(learned) } }
    context.writeAndFlush(
      NIOAny(
        AddressedEnvelope(
          remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: answer.datagram))),
      promise: nil)
  }
}

@Suite(.timeLimit(.minutes(1))) struct STUNBindingTests {
  @Test func aDeviceIsReachedThroughItsBinding() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let server = StubSTUNServer()
    let stun = try await DatagramBootstrap(group: group)
      .channelInitializer { $0.pipeline.addHandler(server) }
      .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(stun.localAddress?.port)
    let prefix = "Device.ManagementServer."
    let acs = try await StubACS.start(
      .init(requests: { inform, _ in
        guard inform.codes.contains(Event.bootstrap) else { return [] }
        return [
          .set(
            (prefix + "STUNServerAddress", "127.0.0.1", .string),
            (prefix + "STUNServerPort", String(port), .unsignedInt),
            (prefix + "STUNUsername", "box", .string), (prefix + "STUNPassword", "stun", .string),
            (prefix + "STUNEnable", "1", .boolean),
            (prefix + "ConnectionRequestUsername", "cr", .string),
            (prefix + "ConnectionRequestPassword", "secret", .string)),
          .setParameterAttributes([
            SetParameterAttributes(name: prefix + "UDPConnectionRequestAddress", notification: 2)
          ]),
        ]
      }))
    let fleet = try await SimulatedFleet.start(
      FleetOptions(
        count: 1, acsURL: acs.url, models: [try Devices.tr181.get()],
        periodicInformInterval: 86400, bootSpread: 0.1, timeScale: 100),
      clock: Devices.clockStart
    ) { _, _ in }
    // The new address is told of by active notification.
    let told = try await acs.wait { $0.sessionsEnded == 2 }
    let parameters = try #require(told.informs.last?.parameters)
    let address = try #require(
      parameters.first { $0.name == prefix + "UDPConnectionRequestAddress" }?.value)
    #expect(told.informs.last?.codes == [Event.valueChange])
    let binding = try #require(server.bindings.withLock { $0.last })
    #expect(binding.username == "box")
    #expect(binding.isSigned)
    #expect(address == "127.0.0.1:\(binding.address.port)")
    let packet = UDPConnectionRequest(timestamp: 7, id: 1, username: "cr", nonce: "n")
      .encoded(host: "127.0.0.1", port: binding.address.port, password: "secret")
    let target = try SocketAddress(ipAddress: "127.0.0.1", port: Int(binding.address.port))
    try await stun.writeAndFlush(
      AddressedEnvelope(remoteAddress: target, data: ByteBuffer(bytes: packet)))
    let asked = try await acs.wait { $0.sessionsEnded == 3 }
    #expect(asked.informs.last?.codes == [Event.connectionRequest])
    try await fleet.stop()
    try await acs.stop()
    try await stun.close()
    try await group.shutdownGracefully()
  }
}
