import ConnectionRequests
import Logging
import NIOCore
import NIOPosix
import STUN
import Testing

/// The STUN server on a real socket, with a device on another.
@Suite struct STUNServerTests {
  private static let transaction = Array(UInt8(1)...16)
  private static let key = Array("secret of cpe".utf8)

  private func server(
    adjust: (inout STUNServer.Configuration) -> Void = { _ in }
  ) async throws -> STUNServer {
    var configuration = STUNServer.Configuration()
    configuration.host = "127.0.0.1"
    configuration.port = 0
    adjust(&configuration)
    return try await STUNServer.start(
      configuration: configuration, group: MultiThreadedEventLoopGroup.singleton,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) { "secret of \($0)" }
  }

  private func request(_ username: String? = "cpe", transaction: [UInt8] = transaction)
    -> STUNMessage
  {
    .bindingRequest(transactionID: transaction, username: username)
  }

  @Test func aDeviceLearnsItsAddressAndTheServerLearnsIt() async throws {
    let server = try await server()
    let device = try await DatagramSocket.open()
    try await device.send(request().encoded(), to: server.port)
    let challenge = try STUNMessage(decoding: try #require(await device.next()))
    #expect(challenge.errorCode == 401)
    #expect(server.binding(of: "cpe") == nil)
    try await device.send(request().signed(key: Self.key), to: server.port)
    let datagram = try #require(await device.next())
    #expect(try STUNMessage.integrity(of: datagram, key: Self.key) == .right(.filled))
    let own = TransportAddress(address: [127, 0, 0, 1], port: UInt16(device.port))
    #expect(try STUNMessage(decoding: datagram).mappedAddress == own)
    #expect(server.binding(of: "cpe") == own)
    try await device.close()
    await server.stop()
  }

  @Test func datagramsThatAreNoRequestsGetNoAnswer() async throws {
    let server = try await server()
    let device = try await DatagramSocket.open()
    var large = request()
    large.attributes.append(STUNAttribute(0x8022, Array(repeating: 1, count: 60_000)))
    for datagram in [
      [], [0], Array("GET http://x?ts=1 HTTP/1.1\r\n\r\n".utf8), large.encoded(),
      Array(repeating: 0xFF, count: 65_507), Array(repeating: 0, count: 2000),
    ] {
      try await device.send(datagram, to: server.port)
    }
    // Packets of one socket to another keep their order on the loopback, so this one is answered last.
    try await device.send(request(nil).encoded(), to: server.port)
    let answer = try STUNMessage(decoding: try #require(await device.next()))
    #expect(answer.mappedAddress != nil)
    #expect(server.counters.answered == 1)
    #expect(server.counters.ignored == 6)
    try await device.close()
    await server.stop()
  }

  private static let rate = 5
  private static let flood = 500

  @Test func aFloodOfOneSourceIsCutOff() async throws {
    let server = try await server { $0.maximumRate = Self.rate }
    let device = try await DatagramSocket.open()
    for _ in 0..<Self.flood { try await device.send(request(nil).encoded(), to: server.port) }
    #expect(
      await eventually { server.counters.dropped > 0 && server.counters.answered >= 2 * Self.rate })
    #expect(server.counters.answered < Self.flood / 2)
    try await device.close()
    await server.stop()
  }

  @Test func rememberedAddressesAreBounded() async throws {
    let server = try await server {
      $0.maximumBindings = 10
      $0.requiresSignature = false
    }
    let device = try await DatagramSocket.open()
    for number in 1...50 {
      try await device.send(request("cpe-\(number)").encoded(), to: server.port)
      #expect(await device.next() != nil)
    }
    let known = (1...50).filter { server.binding(of: "cpe-\($0)") != nil }
    #expect(known.count <= 10)
    #expect(known.contains(50))
    try await device.close()
    await server.stop()
  }
}
