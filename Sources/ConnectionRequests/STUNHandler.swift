import HTTPClient
import Logging
import NIOCore
import STUN

/// The end of the STUN socket's pipeline: bounds, answers, reports what was learned.
final class STUNHandler: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>
  typealias OutboundOut = AddressedEnvelope<ByteBuffer>

  enum Event {
    case answered, ignored, dropped
    case learned(STUNResponder.Binding)
  }

  private let responder: STUNResponder
  private var allowance: SourceAllowance
  private let logger: Logger
  private let report: (Event) -> Void
  private var hasWritten = false

  init(
    responder: STUNResponder, allowance: SourceAllowance, logger: Logger,
    report: @escaping (Event) -> Void
  ) {
    self.responder = responder
    self.allowance = allowance
    self.logger = logger
    self.report = report
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let envelope = unwrapInboundIn(data)
    guard let source = TransportAddress(envelope.remoteAddress) else { return }
    let now = Double(context.eventLoop.now.uptimeNanoseconds) / 1e9
    guard allowance.take(from: source.address, now: now), context.channel.isWritable else {
      report(.dropped)
      return
    }
    switch responder.respond(to: Array(envelope.data.readableBytesView), from: source) {
    case .ignored:
      report(.ignored)
    case .answer(let answer, let learned):
      if let learned { report(.learned(learned)) }
      report(.answered)
      var destination = envelope.remoteAddress
      destination.port = Int(answer.destination.port)
      context.write(
        wrapOutboundOut(
          AddressedEnvelope(
            remoteAddress: destination,
            data: context.channel.allocator.buffer(bytes: answer.datagram))), promise: nil)
      hasWritten = true
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    guard hasWritten else { return }
    hasWritten = false
    context.flush()
  }

  /// A destination that answers with ICMP, or a full socket buffer: nothing that should close the socket.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    logger.debug("the STUN socket has told an error", metadata: ["error": "\(error)"])
  }
}

extension TransportAddress {
  /// An IPv4 address that came over an IPv6 socket is that IPv4 address.
  init?(_ address: SocketAddress) {
    guard let port = address.port.flatMap({ UInt16(exactly: $0) }),
      let ip = address.ipAddress.flatMap({ IPAddress($0) })
    else { return nil }
    self.init(address: ip.bytes, port: port)
  }
}
