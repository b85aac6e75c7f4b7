import ContentCoding
import Fleet
import NIOCore
import NIOHTTP1

/// How an answer becomes a response on the connection.
extension ConnectionHandler {
  /// Bytes below which compression saves nothing.
  private static let leastToCompress = 512

  /// - Parameters:
  ///   - head: the request's; nil where it could not be read.
  ///   - traced: keeps the exchange.
  ///   - switches: what the device needs differently.
  func respond(
    _ reply: DoorReply, to head: HTTPRequestHead?, traced: TracedRequest.Exchange? = nil,
    bears switches: DeviceSwitches = DeviceSwitches()
  ) {
    guard let context, !isClosed else {
      traced?.recordUnanswered()
      return
    }
    releaseBody()
    let keepsAlive = !reply.closes && head?.isKeepAlive ?? false
    var headers = HTTPHeaders()
    var body = reply.body
    if switches.compression != false, let plain = reply.body,
      let packed = compressed(plain, for: head)
    {
      body = packed
      headers.add(name: "Content-Encoding", value: "gzip")
    }
    if let body {
      headers.add(name: "Content-Type", value: "text/xml; charset=\"utf-8\"")
      headers.add(name: "Content-Length", value: String(body.readableBytes))
    } else if reply.status != .noContent {
      headers.add(name: "Content-Length", value: "0")
    }
    if let cookie = reply.cookie {
      headers.add(name: "Set-Cookie", value: SessionCookie.header(cookie, isEncrypted: isEncrypted))
    }
    for (name, value) in reply.headers { headers.add(name: name, value: value) }
    headers.add(name: "Connection", value: keepsAlive ? "keep-alive" : "close")
    traced?.record(
      status: reply.status, headers: headers, body: reply.body, now: door.environment.now())
    context.write(
      wrapOutboundOut(
        .head(HTTPResponseHead(version: .http1_1, status: reply.status, headers: headers))),
      promise: nil)
    if let body {
      context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }
    since = .now()
    if keepsAlive {
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      state = .idle
    } else {
      state = .ignoring
      let promise = context.eventLoop.makePromise(of: Void.self)
      let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
      promise.futureResult.whenComplete { _ in bound.value.close(promise: nil) }
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
    }
  }

  /// The body for a device that takes gzip: it says so, and has shown that it knows what that is.
  private func compressed(_ body: ByteBuffer, for head: HTTPRequestHead?) -> ByteBuffer? {
    guard door.settings.compression == .both, compresses,
      body.readableBytes >= Self.leastToCompress, let head,
      ContentCoding.acceptsGzip(head.headers[canonicalForm: "accept-encoding"]),
      let packed = body.withUnsafeReadableBytes({ Gzip.compress($0) }),
      packed.count < body.readableBytes
    else { return nil }
    return ByteBuffer(bytes: packed)
  }
}
