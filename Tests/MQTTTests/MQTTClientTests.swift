import Foundation
import Synchronization
import Testing

@testable import MQTT

/// The client against a broker that says exactly what the test wants.
@Suite(.timeLimit(.minutes(2)))
struct MQTTClientTests {
  private typealias Packet = ScriptedBroker.Packet

  /// A client and what happens to it.
  final class Watched: Sendable {
    let client: MQTTClient
    private let events: AsyncStream<MQTTEvent>

    init(_ configuration: MQTTConfiguration, loop: MQTTLoop = MQTTLoop()) {
      let (events, continuation) = AsyncStream<MQTTEvent>.makeStream()
      self.events = events
      client = MQTTClient(configuration, loop: loop) { event in
        continuation.yield(event)
        if case .closed = event { continuation.finish() }
      }
    }

    func next() async -> MQTTEvent? {
      var iterator = events.makeAsyncIterator()
      return await iterator.next()
    }

    /// The rest of the events, to the end.
    func rest() async -> [MQTTEvent] {
      var all: [MQTTEvent] = []
      for await event in events { all.append(event) }
      return all
    }

    func end() async -> MQTTError? {
      guard case .closed(let error) = await rest().last else { return nil }
      return error
    }
  }

  /// CONNACK of MQTT 5 without properties.
  static let welcome = ScriptedBroker.packet(0x20, [0, 0, 0])

  static func configuration(_ broker: ScriptedBroker) -> MQTTConfiguration {
    MQTTConfiguration(host: "127.0.0.1", port: broker.port)
  }

  @Test func whatConnectSays() async throws {
    let broker = try ScriptedBroker { _ in .close(Self.welcome) }
    defer { broker.stop() }
    var configuration = Self.configuration(broker)
    configuration.username = "user"
    configuration.password = "secret"
    configuration.userProperties = [MQTTUserProperty(name: "usp-endpoint-id", value: "os::A-1")]
    configuration.maximumPayload = 1000
    configuration.keepAlive = 60
    let watched = Watched(configuration)
    _ = await watched.rest()
    var iterator = broker.packets.makeAsyncIterator()
    let connect = try #require(await iterator.next())
    #expect(connect.type == Packet.connect)
    // Protocol, level 5, username and password and clean start, keep-alive.
    let beginning = ScriptedBroker.text("MQTT") + [5, 0b1100_0010, 0, 60]
    #expect(connect.body.starts(with: beginning))
    let rest = Array(connect.body.dropFirst(beginning.count))
    let properties = Array(rest[1..<(1 + Int(rest[0]))])
    // Request Response Information, Maximum Packet Size, the user property; in whatever order.
    #expect(properties.contains([25, 1]))
    #expect(properties.contains([39, 0, 0, 0x23, 0xE8]))
    #expect(
      properties.contains(
        [38] + ScriptedBroker.text("usp-endpoint-id") + ScriptedBroker.text("os::A-1")))
    // No client identifier, then the credential.
    #expect(
      Array(rest.dropFirst(1 + properties.count))
        == ScriptedBroker.text("") + ScriptedBroker.text("user") + ScriptedBroker.text("secret"))
  }

  @Test func whatConnectOf311Says() async throws {
    let broker = try ScriptedBroker { _ in .close([0x20, 2, 0, 0]) }
    defer { broker.stop() }
    var configuration = Self.configuration(broker)
    configuration.version = .v311
    configuration.clientID = "os::A-1"
    configuration.cleanStart = false
    configuration.keepAlive = 30
    let watched = Watched(configuration)
    #expect(await watched.next() == .connected(MQTTConnack()))
    var iterator = broker.packets.makeAsyncIterator()
    #expect(
      await iterator.next()
        == Packet(
          type: Packet.connect,
          body: ScriptedBroker.text("MQTT") + [4, 0, 0, 30] + ScriptedBroker.text("os::A-1")))
    #expect(await watched.end()?.code == .lost)
  }

  @Test func whatConnackTells() async throws {
    let properties =
      [26] + ScriptedBroker.text("usp/answers/1") + [18] + ScriptedBroker.text("given")
      + [38] + ScriptedBroker.text("subscribe-topic") + ScriptedBroker.text("usp/a/#")
      + [38] + ScriptedBroker.text("other") + ScriptedBroker.text("")
      + [38] + ScriptedBroker.text("subscribe-topic") + ScriptedBroker.text("usp/b")
    let broker = try ScriptedBroker { _ in
      .close(ScriptedBroker.packet(0x20, [0, 0, UInt8(properties.count)] + properties))
    }
    defer { broker.stop() }
    let watched = Watched(Self.configuration(broker))
    var expected = MQTTConnack()
    expected.responseInformation = "usp/answers/1"
    expected.assignedClientID = "given"
    expected.userProperties = [
      MQTTUserProperty(name: "subscribe-topic", value: "usp/a/#"),
      MQTTUserProperty(name: "other", value: ""),
      MQTTUserProperty(name: "subscribe-topic", value: "usp/b"),
    ]
    #expect(await watched.next() == .connected(expected))
    #expect(await watched.end()?.code == .lost)
  }

  @Test(arguments: [
    (MQTTVersion.v5, [UInt8](arrayLiteral: 0, 0x87, 0)), (.v311, [0, 5]), (.v311, [0, 4]),
    (.v5, [0, 0x85, 0]),
  ])
  func refusalsAreTold(version: MQTTVersion, connack: [UInt8]) async throws {
    let broker = try ScriptedBroker { _ in .close(ScriptedBroker.packet(0x20, connack)) }
    defer { broker.stop() }
    var configuration = Self.configuration(broker)
    configuration.version = version
    configuration.clientID = "one"
    let events = await Watched(configuration).rest()
    guard events.count == 1, case .closed(let error) = events[0] else {
      Issue.record("\(events)")
      return
    }
    #expect(error.code == .refused)
    #expect(error.detail.hasPrefix("the broker refuses the connection: "))
  }

  @Test func silenceEnds() async throws {
    let broker = try ScriptedBroker { _ in .answer([]) }
    defer { broker.stop() }
    var configuration = Self.configuration(broker)
    configuration.connectSeconds = 0.01
    #expect(await Watched(configuration).end()?.code == .timedOut)
  }

  /// libmosquitto tries a host's first address alone; which family that is of can be said.
  @Test(arguments: MQTTConfiguration.AddressFamily.allCases)
  func addressesOfAFamily(family: MQTTConfiguration.AddressFamily) async throws {
    let broker = try ScriptedBroker { packet in
      .answer(packet.kind == Packet.connect ? Self.welcome : [])
    }
    defer { broker.stop() }
    var configuration = Self.configuration(broker)
    configuration.family = family
    // It has no address of version 6, for which any other is taken.
    let watched = Watched(configuration)
    #expect(await watched.next() == .connected(MQTTConnack()))
    watched.client.close()
    #expect(await watched.end()?.code == .closed)
  }

  /// Where the name has addresses of both families: nobody listens at the one of version 6.
  @Test(.enabled(if: localhostHasBothFamilies, "localhost has addresses of one family alone"))
  func addressesOfTheOtherFamily() async throws {
    let broker = try ScriptedBroker { packet in
      .answer(packet.kind == Packet.connect ? Self.welcome : [])
    }
    defer { broker.stop() }
    var configuration = Self.configuration(broker)
    configuration.host = "localhost"
    configuration.family = .ipv4
    let watched = Watched(configuration)
    #expect(await watched.next() == .connected(MQTTConnack()))
    watched.client.close()
    #expect(await watched.end()?.code == .closed)
  }

  private static let localhostHasBothFamilies: Bool = [AF_INET, AF_INET6].allSatisfy { family in
    var hints = addrinfo()
    hints.ai_family = family
    hints.ai_flags = AI_ADDRCONFIG
    var found: UnsafeMutablePointer<addrinfo>?
    defer { if let found { freeaddrinfo(found) } }
    return getaddrinfo("localhost", nil, &hints, &found) == 0
  }

  @Test func nobodyThere() async throws {
    let broker = try ScriptedBroker { _ in .answer([]) }
    broker.stop()
    for await _ in broker.packets {}
    let error = await Watched(Self.configuration(broker)).end()
    #expect(error?.code == .unreachable, "\(String(describing: error))")
  }

  /// Before TLS stands, which libmosquitto alone would wait for.
  @Test(arguments: [[UInt8](), [0x15, 3, 3, 0, 2, 2, 40], Array("no TLS".utf8)])
  func nobodyThereWithTLS(bytes: [UInt8]) async throws {
    let broker = try ScriptedBroker { _ in .close(bytes) }
    var configuration = Self.configuration(broker)
    configuration.tls = MQTTConfiguration.TLS()
    configuration.tls?.verifiesHostName = false
    let refused = await Watched(configuration).end()
    #expect(
      refused?.code == .unreachable || refused?.code == .tls, "\(String(describing: refused))")
    broker.stop()
    for await _ in broker.packets {}
    let error = await Watched(configuration).end()
    #expect(error?.code == .unreachable, "\(String(describing: error))")
  }

  @Test func filesThatAreNotThere() async throws {
    let broker = try ScriptedBroker { _ in .answer([]) }
    defer { broker.stop() }
    var configuration = Self.configuration(broker)
    var tls = MQTTConfiguration.TLS()
    tls.authorities = "/nowhere/at/all.pem"
    configuration.tls = tls
    #expect(await Watched(configuration).end()?.code == .unusable)
  }

  @Test func whatSubscribeSaysAndGets() async throws {
    let broker = try ScriptedBroker { packet in
      switch packet.kind {
      case Packet.connect: .answer(Self.welcome)
      case Packet.subscribe:
        .answer(
          ScriptedBroker.packet(0x90, Array(packet.body.prefix(2)) + [0, 1, 0x87, 0, 0x9E]))
      default: .close([])
      }
    }
    defer { broker.stop() }
    let watched = Watched(Self.configuration(broker))
    guard case .connected = await watched.next() else {
      Issue.record("not connected")
      return
    }
    let property = MQTTUserProperty(name: "usp-endpoint-id", value: "os::A-1")
    watched.client.subscribe(
      ["usp/a", "usp/b/#", "+/c", "$share/g/d"], qos: .atLeastOnce, properties: [property])
    #expect(await watched.next() == .subscribed([true, false, true, false]))
    var iterator = broker.packets.makeAsyncIterator()
    _ = await iterator.next()
    let subscribe = try #require(await iterator.next())
    let user =
      [38] + ScriptedBroker.text("usp-endpoint-id") + ScriptedBroker.text("os::A-1")
    // QoS 1, and nothing from before the subscription.
    let options: [UInt8] = [0x21]
    #expect(
      Array(subscribe.body.dropFirst(2))
        == [UInt8(user.count)] + user + ScriptedBroker.text("usp/a") + options
        + ScriptedBroker.text("usp/b/#") + options + ScriptedBroker.text("+/c") + options
        + ScriptedBroker.text("$share/g/d") + options)
    watched.client.close()
    #expect(await watched.end()?.code == .closed)
    #expect(await iterator.next()?.type == Packet.disconnect)
  }

  @Test func whatPublishSaysAndGets() async throws {
    let published = Mutex(0)
    let codes: [UInt8] = [0x10, 0x87, 0]
    let broker = try ScriptedBroker { packet in
      switch packet.kind {
      case Packet.connect: return .answer(Self.welcome)
      case Packet.publish:
        let number = published.withLock {
          $0 += 1
          return $0
        }
        let identifier = packet.body.dropFirst(2 + 5).prefix(2)
        return .answer(
          ScriptedBroker.packet(0x40, Array(identifier) + [codes[number - 1]]))
      default: return .close([])
      }
    }
    defer { broker.stop() }
    let watched = Watched(Self.configuration(broker))
    _ = await watched.next()
    var publication = MQTTPublication(topic: "usp/a", payload: [0, 255, 0])
    publication.responseTopic = "usp/own"
    publication.contentType = "usp.msg"
    for token in 1...3 {
      #expect(watched.client.publish(publication, token: UInt64(token)))
    }
    guard case .unsent(1, let nobody) = await watched.next(),
      case .unsent(2, let refused) = await watched.next()
    else {
      Issue.record("both should have been told")
      return
    }
    #expect(nobody.code == .noSubscribers)
    #expect(refused.code == .refused)
    var iterator = broker.packets.makeAsyncIterator()
    _ = await iterator.next()
    let packet = try #require(await iterator.next())
    #expect(packet.type == 0x32)
    let properties = [8] + ScriptedBroker.text("usp/own") + [3] + ScriptedBroker.text("usp.msg")
    #expect(packet.body.starts(with: ScriptedBroker.text("usp/a")))
    #expect(
      Array(packet.body.dropFirst(7 + 2)) == [UInt8(properties.count)] + properties + [0, 255, 0])
    watched.client.close()
    #expect(await watched.end()?.code == .closed)
    #expect(!watched.client.publish(publication, token: 4))
  }

  /// A PUBLISH of MQTT 5 with QoS 0.
  static func message(_ topic: String, _ properties: [UInt8] = [], _ payload: [UInt8])
    -> [UInt8]
  {
    ScriptedBroker.packet(
      0x30, ScriptedBroker.text(topic) + [UInt8(properties.count)] + properties + payload)
  }

  @Test func whatComes() async throws {
    let properties = [8] + ScriptedBroker.text("usp/peer") + [3] + ScriptedBroker.text("usp.msg")
    let retained: [UInt8] = [0x31] + Self.message("usp/old", [], [1]).dropFirst()
    let large = Self.message("usp/own", [], [UInt8](repeating: 0, count: 101))
    let broker = try ScriptedBroker { _ in
      .close(
        Self.welcome + Self.message("usp/own", properties, [0, 1, 2]) + retained + large
          + Self.message("usp/own", [], []))
    }
    defer { broker.stop() }
    var configuration = Self.configuration(broker)
    configuration.maximumPayload = 100
    let watched = Watched(configuration)
    _ = await watched.next()
    var first = MQTTMessage(topic: "usp/own", payload: [0, 1, 2])
    first.responseTopic = "usp/peer"
    first.contentType = "usp.msg"
    #expect(await watched.next() == .received(first))
    var second = MQTTMessage(topic: "usp/old", payload: [1])
    second.isRetained = true
    #expect(await watched.next() == .received(second))
    guard case .dropped(let error) = await watched.next() else {
      Issue.record("what is too large was not dropped")
      return
    }
    #expect(error.code == .tooLarge)
    #expect(await watched.next() == .received(MQTTMessage(topic: "usp/own", payload: [])))
    #expect(await watched.end()?.code == .lost)
  }

  @Test(arguments: [
    // DISCONNECT with a reason: the server shuts down, the session is taken over.
    ([UInt8](arrayLiteral: 0xE0, 2, 0x8B, 0), MQTTError.Code.ended),
    ([0xE0, 2, 0x8E, 0], .ended),
    // No packet at all, and a length that is none.
    ([0x00, 0x00], .lost), ([0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], .lost),
    // A topic that is longer than the packet, and properties that are.
    ([0x30, 3, 0, 9, 65], .lost), ([0x30, 4, 0, 1, 65, 99], .lost),
  ])
  func howItEnds(bytes: [UInt8], code: MQTTError.Code) async throws {
    let broker = try ScriptedBroker { packet in
      packet.kind == Packet.connect ? .answer(Self.welcome + bytes) : .close([])
    }
    defer { broker.stop() }
    let watched = Watched(Self.configuration(broker))
    _ = await watched.next()
    let error = await watched.end()
    #expect(error?.code == code, "\(String(describing: error))")
  }

  @Test func aLoopHasManyAndBeginsAnew() async throws {
    let loop = MQTTLoop()
    for _ in 0..<3 {
      var brokers: [ScriptedBroker] = []
      var clients: [Watched] = []
      for _ in 0..<5 {
        let broker = try ScriptedBroker { packet in
          .answer(packet.kind == Packet.connect ? Self.welcome : [])
        }
        brokers.append(broker)
        clients.append(Watched(Self.configuration(broker), loop: loop))
      }
      for client in clients { #expect(await client.next() == .connected(MQTTConnack())) }
      for client in clients { client.client.close() }
      for client in clients { #expect(await client.end()?.code == .closed) }
      for broker in brokers { broker.stop() }
    }
  }

  /// libmosquitto's own loop could not have it.
  @Test func descriptorsMayBeHigh() async throws {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = min(limit.rlim_max, max(limit.rlim_cur, 4096))
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    var taken: [Int32] = []
    defer { for descriptor in taken { close(descriptor) } }
    while (taken.last ?? 0) < 1100 {
      let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
      try #require(descriptor >= 0)
      taken.append(descriptor)
    }
    let broker = try ScriptedBroker { packet in
      .answer(packet.kind == Packet.connect ? Self.welcome : [])
    }
    defer { broker.stop() }
    let watched = Watched(Self.configuration(broker))
    #expect(await watched.next() == .connected(MQTTConnack()))
    watched.client.close()
    #expect(await watched.end()?.code == .closed)
  }
}
