import Synchronization
import Testing

@testable import MQTT

/// How much may wait on its way to a broker, and from it.
@Suite(.timeLimit(.minutes(2)))
struct MQTTLimitTests {
  private typealias Packet = ScriptedBroker.Packet
  private typealias Watched = MQTTClientTests.Watched

  /// A broker that takes everything and acknowledges nothing.
  private static func silentBroker(_ welcome: [UInt8] = MQTTClientTests.welcome) throws
    -> ScriptedBroker
  {
    try ScriptedBroker { packet in .answer(packet.kind == Packet.connect ? welcome : []) }
  }

  /// A broker that acknowledges messages with QoS 1 at a topic of five bytes.
  private static func broker() throws -> ScriptedBroker {
    try ScriptedBroker { packet in
      switch packet.kind {
      case Packet.connect: .answer(MQTTClientTests.welcome)
      case Packet.publish where packet.type & 6 == 2:
        .answer(ScriptedBroker.packet(0x40, Array(packet.body.dropFirst(7).prefix(2))))
      default: .answer([])
      }
    }
  }

  private static func publication(_ payload: [UInt8], _ qos: MQTTQualityOfService = .atLeastOnce)
    -> MQTTPublication
  {
    var publication = MQTTPublication(topic: "usp/a", payload: payload)
    publication.qos = qos
    return publication
  }

  @Test func onlySoMuchMayWait() async throws {
    // PUBACK never comes.
    let broker = try ScriptedBroker { packet in
      .answer(packet.kind == Packet.connect ? MQTTClientTests.welcome : [])
    }
    defer { broker.stop() }
    var configuration = MQTTClientTests.configuration(broker)
    configuration.outgoingBytes = 10_000
    let watched = Watched(configuration)
    _ = await watched.next()
    let publication = MQTTPublication(topic: "usp/a", payload: [UInt8](repeating: 1, count: 4000))
    #expect(watched.client.publish(publication, token: 1))
    #expect(watched.client.publish(publication, token: 2))
    #expect(!watched.client.publish(publication, token: 3))
    watched.client.close(isGraceful: false)
    #expect(await watched.end()?.code == .closed)
  }

  /// What has left makes room again.
  @Test(arguments: MQTTQualityOfService.allCases)
  func theRoomComesBack(qos: MQTTQualityOfService) async throws {
    let broker = try Self.broker()
    defer { broker.stop() }
    var configuration = MQTTClientTests.configuration(broker)
    configuration.outgoingBytes = 10_000
    let watched = Watched(configuration)
    _ = await watched.next()
    let payload = [UInt8](repeating: 1, count: 4000)
    for token: UInt64 in 1...50 {
      while !watched.client.publish(Self.publication(payload, qos), token: token) {
        try await Task.sleep(for: .milliseconds(1))
      }
    }
    watched.client.close()
    #expect(await watched.rest() == [.closed(try #require(Self.ownEnd))])
    broker.stop()
    var published = 0
    var last: Packet?
    for await packet in broker.packets {
      if packet.kind == Packet.publish { published += 1 }
      last = packet
    }
    #expect(published == 50)
    #expect(last?.type == Packet.disconnect)
  }

  private static let ownEnd: MQTTError? = MQTTError(
    .closed, "the connection was ended by this side")

  @Test func onlySoManyMessagesMayWait() {
    let flow = MQTTFlow(outgoing: .max, incoming: 1)
    for _ in 0..<MQTTFlow.maximumMessages { #expect(flow.queue(1)) }
    #expect(!flow.queue(1))
    flow.left(1)
    #expect(flow.queue(1))
    #expect(!flow.queue(1))
  }

  @Test func onlySoManyAreInFlight() async throws {
    let broker = try Self.silentBroker()
    var configuration = MQTTClientTests.configuration(broker)
    configuration.maximumInFlight = 3
    let watched = Watched(configuration)
    _ = await watched.next()
    for token: UInt64 in 1...10 {
      #expect(watched.client.publish(Self.publication([1]), token: token))
    }
    // Nothing is acknowledged: the last word is said without.
    watched.client.close()
    #expect(await watched.end()?.code == .closed)
    broker.stop()
    var kinds: [UInt8] = []
    for await packet in broker.packets { kinds.append(packet.kind) }
    #expect(
      kinds == [Packet.connect] + Array(repeating: Packet.publish, count: 3) + [Packet.disconnect])
  }

  /// Those, too, that wait for others to be acknowledged.
  @Test func whatWasPublishedBeforeLeavesFirst() async throws {
    let count = 60
    let broker = try Self.broker()
    let watched = Watched(MQTTClientTests.configuration(broker))
    _ = await watched.next()
    for number in 1...count {
      #expect(watched.client.publish(Self.publication([UInt8(number)]), token: UInt64(number)))
    }
    watched.client.close()
    #expect(await watched.end()?.code == .closed)
    broker.stop()
    var numbers: [Int] = []
    var last: Packet?
    for await packet in broker.packets {
      if packet.kind == Packet.publish { numbers.append(Int(packet.body.last ?? 0)) }
      last = packet
    }
    #expect(numbers == Array(1...count))
    #expect(last?.type == Packet.disconnect)
  }

  /// Nothing more is read while what came waits to be worked on, and nothing is lost by it.
  @Test func whoIsSlowIsNotFlooded() async throws {
    let count = 400
    let size = 20_000
    let broker = try Self.silentBroker(
      (0..<count).reduce(into: MQTTClientTests.welcome) { bytes, number in
        let head = [UInt8(number >> 8), UInt8(number & 0xFF)]
        bytes += MQTTClientTests.message(
          "usp/own", [], head + [UInt8](repeating: 7, count: size - 2))
      })
    defer { broker.stop() }
    var configuration = MQTTClientTests.configuration(broker)
    configuration.incomingBytes = 100_000
    let limit = configuration.incomingBytes
    let waiting = Mutex((now: 0, most: 0))
    let (messages, continuation) = AsyncStream<MQTTMessage>.makeStream()
    let client = MQTTClient(configuration, loop: MQTTLoop()) { event in
      guard case .received(let message) = event else { return }
      waiting.withLock {
        $0.now += message.cost
        $0.most = max($0.most, $0.now)
      }
      continuation.yield(message)
    }
    while waiting.withLock({ $0.now }) < limit { try await Task.sleep(for: .milliseconds(5)) }
    // Two ticks of the loop, in which nothing may come.
    try await Task.sleep(for: .milliseconds(1100))
    #expect(waiting.withLock { $0.most } <= limit + size + 1024)
    var numbers: [Int] = []
    for await message in messages {
      // Before the client may read more.
      waiting.withLock { $0.now -= message.cost }
      client.taken(message)
      numbers.append(Int(message.payload[0]) << 8 | Int(message.payload[1]))
      if numbers.count == count { break }
    }
    #expect(numbers == Array(0..<count))
    #expect(waiting.withLock { $0.most } <= limit + size + 1024)
    client.close()
  }

  /// While messages of this side's own wait, libmosquitto reads as many packets at once.
  @Test func whatIsReadAtOnceIsDroppedAboveTwiceTheLimit() async throws {
    let count = 19
    let size = 20_000
    let published = Mutex(0)
    let flood = (0..<count).reduce(into: [UInt8]()) { bytes, _ in
      bytes += MQTTClientTests.message("usp/own", [], [UInt8](repeating: 7, count: size))
    }
    let broker = try ScriptedBroker { packet in
      guard packet.kind == Packet.publish else { return .answer(MQTTClientTests.welcome) }
      let number = published.withLock {
        $0 += 1
        return $0
      }
      return number == count ? .close(flood) : .answer([])
    }
    defer { broker.stop() }
    var configuration = MQTTClientTests.configuration(broker)
    configuration.incomingBytes = 50_000
    // Of those who read nothing more, the end of the connection is not seen.
    configuration.keepAlive = 5
    let watched = Watched(configuration)
    _ = await watched.next()
    for token in 1...UInt64(count) {
      #expect(watched.client.publish(Self.publication([1]), token: token))
    }
    let events = await watched.rest()
    var held = 0
    var dropped = 0
    for event in events {
      if case .received(let message) = event { held += message.cost }
      if case .dropped(let error) = event {
        #expect(error.code == .overloaded)
        dropped += 1
      }
    }
    #expect(held <= 2 * configuration.incomingBytes)
    #expect(dropped > 0)
  }

  @Test func handingOverHasALimit() {
    let flow = MQTTFlow(outgoing: 1, incoming: 100)
    // One message alone always fits.
    #expect(flow.handOver(1000))
    #expect(!flow.handOver(1))
    #expect(!flow.mayRead)
    #expect(flow.taken(1000))
    #expect(flow.mayRead)
    #expect(flow.handOver(100))
    #expect(!flow.mayRead)
    #expect(flow.handOver(100))
    #expect(!flow.handOver(1))
  }
}
