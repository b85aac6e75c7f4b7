import HTTPClient
import Logging
import NIOCore
import NIOPosix
import STUN
import Testing

@testable import ConnectionRequests

/// UDP connection requests from the STUN server's socket to a device on 127.0.0.1.
@Suite struct UDPConnectionRequestSenderTests {
  private static let copies = 3

  private func with(
    rules: AddressRules = AddressRules(), time: Double = 1_800_000_000,
    _ body: (STUNServer, DatagramSocket, UDPConnectionRequestSender) async throws -> Void
  ) async throws {
    var configuration = STUNServer.Configuration()
    configuration.host = "127.0.0.1"
    configuration.port = 0
    let server = try await STUNServer.start(
      configuration: configuration, group: MultiThreadedEventLoopGroup.singleton,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) { "stun secret of \($0)" }
    let device = try await DatagramSocket.open()
    var options = UDPConnectionRequestSender.Options()
    options.copies = Self.copies
    options.pause = .milliseconds(1)
    let sender = UDPConnectionRequestSender(
      server: server, rules: rules, options: options, now: { time })
    try await body(server, device, sender)
    try await device.close()
    await server.stop()
  }

  private func target(_ udpAddress: String, contact: String = "127.0.0.1")
    -> ConnectionRequestTarget
  {
    ConnectionRequestTarget(
      deviceID: 1, deviceName: "cpe", url: "", udpAddress: udpAddress, username: "cpe",
      password: "secret", contactAddress: contact)
  }

  @Test func theSamePacketIsSentSeveralTimes() async throws {
    try await with { server, device, sender in
      let target = target("127.0.0.1:\(device.port)")
      #expect(sender.channel.isPossible(target))
      #expect(await sender.send(target) == .accepted)
      var packets: [[UInt8]] = []
      for _ in 0..<Self.copies { packets.append(try #require(await device.next())) }
      #expect(Set(packets).count == 1)
      let received = try UDPConnectionRequest.Received(decoding: packets[0])
      #expect(received.isSigned(password: "secret"))
      #expect(received.request.username == "cpe")
      #expect(received.request.timestamp == 1_800_000_000)
      let text = String(decoding: packets[0], as: UTF8.self)
      #expect(text.hasPrefix("GET http://127.0.0.1:\(device.port)?ts="))
    }
  }

  @Test func theBindingOfTheDeviceIsUsedWhereTheDeviceHasToldNothing() async throws {
    try await with { server, device, sender in
      #expect(!sender.channel.isPossible(target("")))
      try await device.send(
        STUNMessage.bindingRequest(transactionID: Array(1...16), username: "cpe")
          .signed(key: Array("stun secret of cpe".utf8)), to: server.port)
      _ = await device.next()
      #expect(sender.channel.isPossible(target("")))
      #expect(await sender.send(target("")) == .accepted)
      let packet = try #require(await device.next())
      #expect(try UDPConnectionRequest.Received(decoding: packet).isSigned(password: "secret"))
    }
  }

  @Test(arguments: [
    "", "127.0.0.1", "localhost:7547", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:7547/x",
    "http://127.0.0.1:7547", "user@127.0.0.1:7547", "999.1.1.1:7547",
    String(repeating: "1", count: 300),
  ]) func otherAddressesAreRefused(text: String) async throws {
    // 127.0.0.1 without a port means port 80, where nobody may be asked who did not call from there.
    try await with { _, _, sender in
      guard case .failed(.addressNotAllowed, _) = await sender.send(target(text, contact: ""))
      else {
        Issue.record("sent to \(text)")
        return
      }
    }
  }

  @Test func theAddressRulesHoldForUDPToo() async throws {
    var rules = AddressRules()
    rules.denied = [try #require(.init("192.0.2.0/24"))]
    try await with(rules: rules) { server, device, sender in
      let own = "127.0.0.1:\(device.port)"
      let refused = ConnectionRequestResult.failed(
        .addressNotAllowed, detail: "the address is not allowed: \(AddressRules.hint)")
      #expect(await sender.send(target(own, contact: "192.0.2.9")) == refused)
      #expect(await sender.send(target("169.254.169.254:80")) == refused)
      #expect(await sender.send(target("192.0.2.1:7547")) == refused)
      #expect(await sender.send(target("[::ffff:127.0.0.1]:7547", contact: "")) == refused)
      #expect(server.counters.requestsSent == 0)
    }
  }

  /// Quirk 26.
  @Test func quirk26TimestampsGrowAndIDsChange() async throws {
    try await with { server, device, sender in
      var history = UDPConnectionRequest.History()
      var requests: [UDPConnectionRequest] = []
      for _ in 0..<4 {
        #expect(await sender.send(target("127.0.0.1:\(device.port)")) == .accepted)
        for copy in 0..<Self.copies {
          let packet = try #require(await device.next())
          let request = try UDPConnectionRequest.Received(decoding: packet).request
          // Three copies are fine: the device takes the first and ignores the others.
          #expect(history.accepts(request) == (copy == 0))
          if copy == 0 { requests.append(request) }
        }
      }
      #expect(requests.map(\.timestamp) == [0, 1, 2, 3].map { 1_800_000_000 + $0 })
      #expect(zip(requests, requests.dropFirst()).allSatisfy { $0.id != $1.id })
    }
  }
}
