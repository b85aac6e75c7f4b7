import NIOCore
import NIOPosix

/// The other end of a connection, which sends and sees bytes as they are.
final class RawPeer: Sendable {
  struct Gone: Error {}

  private let channel: any Channel
  private let inbox: NIOLoopBound<Inbox>

  /// - Parameter isReading: false: what comes stays in the sockets.
  init(port: Int, isReading: Bool = true) async throws {
    (channel, inbox) = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .channelOption(.autoRead, value: isReading)
      .connect(host: "127.0.0.1", port: port) { Inbox.begin(on: $0) }
  }

  init(path: String, isReading: Bool = true) async throws {
    (channel, inbox) = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .channelOption(.autoRead, value: isReading)
      .connect(unixDomainSocketPath: path) { Inbox.begin(on: $0) }
  }

  /// - Parameter channel: one that a server has taken, and whose bytes go to the inbox.
  init(_ channel: any Channel, _ inbox: NIOLoopBound<Inbox>) {
    self.channel = channel
    self.inbox = inbox
  }

  deinit { channel.close(promise: nil) }

  func send(_ bytes: some Sequence<UInt8>) {
    channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
  }

  func send(_ text: String) { send(text.utf8) }

  /// - Parameter isReading: false: what comes stays in the sockets.
  func set(isReading: Bool) async throws {
    try await channel.setOption(.autoRead, value: isReading).get()
  }

  func cut() { channel.close(promise: nil) }

  /// Waits until the other side has ended the connection.
  func gone() async { try? await channel.closeFuture.get() }

  /// Waits for bytes.
  /// - Parameter length: how many of what is there belong together; nil: not all are there.
  func receive(_ length: @escaping @Sendable ([UInt8]) -> Int?) async throws -> [UInt8] {
    let inbox = inbox
    return try await channel.eventLoop.flatSubmit { inbox.value.take(length) }.get()
  }

  func bytes(_ count: Int) async throws -> [UInt8] {
    try await receive { $0.count >= count ? count : nil }
  }

  /// What comes until the other side ends the connection.
  func rest() async throws -> [UInt8] {
    await gone()
    return try await receive { $0.count }
  }

  /// The head of an HTTP message, without the empty line.
  func head() async throws -> [String] {
    let bytes = try await receive { bytes in
      bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound
    }
    return String(decoding: bytes.dropLast(4), as: UTF8.self).split(separator: "\r\n").map(
      String.init)
  }

  func frame() async throws -> RawFrame {
    let bytes = try await receive { RawFrame.length(of: $0) }
    return RawFrame(bytes)
  }

  final class Inbox: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var bytes: [UInt8] = []
    private var waiting: (length: ([UInt8]) -> Int?, promise: EventLoopPromise<[UInt8]>)?
    private var isGone = false
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    static func begin(on channel: any Channel) -> EventLoopFuture<
      (any Channel, NIOLoopBound<Inbox>)
    > {
      channel.eventLoop.makeCompletedFuture {
        let inbox = Inbox(channel.eventLoop)
        try channel.pipeline.syncOperations.addHandler(inbox)
        return (channel, NIOLoopBound(inbox, eventLoop: channel.eventLoop))
      }
    }

    func take(_ length: @escaping ([UInt8]) -> Int?) -> EventLoopFuture<[UInt8]> {
      let promise = loop.makePromise(of: [UInt8].self)
      waiting = (length, promise)
      look()
      return promise.futureResult
    }

    private func look() {
      guard let (length, promise) = waiting else { return }
      if let count = length(bytes) {
        waiting = nil
        let piece = Array(bytes.prefix(count))
        bytes.removeFirst(count)
        promise.succeed(piece)
      } else if isGone {
        waiting = nil
        promise.fail(Gone())
      }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      bytes += unwrapInboundIn(data).readableBytesView
      look()
    }

    func channelInactive(context: ChannelHandlerContext) {
      isGone = true
      look()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }
}

/// A frame of RFC 6455, section 5.2, put together and taken apart by hand.
struct RawFrame: Equatable, Sendable {
  /// FIN, reserved bits and opcode.
  var first: UInt8
  var payload: [UInt8]
  var isMasked = true

  static let key: [UInt8] = [0x12, 0x34, 0x56, 0x78]

  init(_ first: UInt8, _ payload: [UInt8] = [], isMasked: Bool = true) {
    self.first = first
    self.payload = payload
    self.isMasked = isMasked
  }

  static func binary(_ payload: [UInt8]) -> RawFrame { RawFrame(0x82, payload) }

  var wire: [UInt8] {
    var bytes = [first]
    let mask: UInt8 = isMasked ? 0x80 : 0
    switch payload.count {
    case 0...125: bytes.append(mask | UInt8(payload.count))
    case 126...0xFFFF:
      bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    default:
      bytes.append(mask | 127)
      bytes += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
    }
    guard isMasked else { return bytes + payload }
    return bytes + Self.key + payload.enumerated().map { $1 ^ Self.key[$0 % 4] }
  }

  var code: Int? {
    first == 0x88 && payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil
  }

  /// The length of the frame at the beginning, where it is there in full.
  static func length(of bytes: [UInt8]) -> Int? {
    guard let header = header(of: bytes), bytes.count >= header.start + header.count else {
      return nil
    }
    return header.start + header.count
  }

  private static func header(of bytes: [UInt8]) -> (start: Int, count: Int)? {
    guard bytes.count >= 2 else { return nil }
    let mask = bytes[1] & 0x80 == 0 ? 0 : 4
    let short = Int(bytes[1] & 0x7F)
    let width = short == 126 ? 2 : short == 127 ? 8 : 0
    guard bytes.count >= 2 + width + mask else { return nil }
    let count = width == 0 ? short : bytes[2..<(2 + width)].reduce(0) { $0 << 8 | Int($1) }
    return (2 + width + mask, count)
  }

  /// - Parameter bytes: one frame in full.
  init(_ bytes: [UInt8]) {
    first = bytes[0]
    isMasked = bytes[1] & 0x80 != 0
    let start = Self.header(of: bytes)?.start ?? bytes.count
    payload = Array(bytes[start...])
    if isMasked {
      let key = Array(bytes[(start - 4)..<start])
      payload = payload.enumerated().map { $1 ^ key[$0 % 4] }
    }
  }
}
