import FileServer
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@Suite struct ConnectionPolicyTests {
  private static func channel() throws -> EmbeddedChannel {
    let channel = EmbeddedChannel(handler: ConnectionPolicy(stallTimeout: .seconds(10)))
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    return channel
  }

  private static func request(_ headers: HTTPFields = [:]) -> HTTPRequestPart {
    .head(
      HTTPRequest(method: .post, scheme: "http", authority: "x", path: "/", headerFields: headers))
  }

  private static func response(_ headers: HTTPFields = [:]) -> HTTPResponsePart {
    .head(HTTPResponse(status: .ok, headerFields: headers))
  }

  @Test func aConnectionGoesOnUnlessSomebodySaysClose() throws {
    let channel = try Self.channel()
    for _ in 0..<2 {
      try channel.writeInbound(Self.request())
      try channel.writeInbound(HTTPRequestPart.end(nil))
      try channel.writeOutbound(Self.response())
      try channel.writeOutbound(HTTPResponsePart.end(nil))
      channel.embeddedEventLoop.advanceTime(by: .seconds(100))
      #expect(channel.isActive)
    }
    try channel.writeInbound(Self.request([.connection: "keep-alive, Close"]))
    try channel.writeInbound(HTTPRequestPart.end(nil))
    try channel.writeOutbound(Self.response())
    #expect(channel.isActive)
    try channel.writeOutbound(HTTPResponsePart.end(nil))
    #expect(!channel.isActive)
  }

  @Test func aRequestBehindAnotherDoesNotEndItEarly() throws {
    let channel = try Self.channel()
    try channel.writeInbound(Self.request())
    try channel.writeInbound(HTTPRequestPart.end(nil))
    try channel.writeInbound(Self.request([.connection: "close", .expect: "100-continue"]))
    try channel.writeInbound(HTTPRequestPart.end(nil))
    #expect(try channel.readOutbound(as: HTTPResponsePart.self) == nil)
    try channel.writeOutbound(Self.response())
    try channel.writeOutbound(HTTPResponsePart.end(nil))
    #expect(channel.isActive)
    try channel.writeOutbound(Self.response())
    try channel.writeOutbound(HTTPResponsePart.end(nil))
    #expect(!channel.isActive)
  }

  @Test func aSenderThatIsRefusedMayFinishForAMoment() throws {
    let channel = try Self.channel()
    try channel.writeInbound(Self.request())
    try channel.writeOutbound(Self.response([.connection: "close"]))
    // The embedded channel knows no half of a connection, so only that it is not closed at once can be seen.
    channel.writeAndFlush(HTTPResponsePart.end(nil), promise: nil)
    channel.embeddedEventLoop.advanceTime(by: .seconds(3))
    #expect(!channel.isActive)
  }

  @Test func whoAsksIsToldToGoOn() throws {
    let channel = try Self.channel()
    try channel.writeInbound(Self.request([.expect: "100-Continue"]))
    let part = try channel.readOutbound(as: HTTPResponsePart.self)
    guard case .head(let head)? = part else {
      Issue.record("no response")
      return
    }
    #expect(head.status == .continue)
  }

  @Test func aPeerThatTakesNothingIsCutOff() throws {
    let channel = try Self.channel()
    try channel.writeInbound(Self.request())
    try channel.writeInbound(HTTPRequestPart.end(nil))
    try channel.writeOutbound(Self.response())
    channel.embeddedEventLoop.advanceTime(by: .seconds(9))
    try channel.writeOutbound(HTTPResponsePart.body(ByteBuffer(string: "a")))
    // What is not flushed stands for what the peer does not take.
    channel.write(HTTPResponsePart.body(ByteBuffer(string: "b")), promise: nil)
    channel.embeddedEventLoop.advanceTime(by: .seconds(9))
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .seconds(2))
    #expect(!channel.isActive)
  }
}
