import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Ends HTTP/1 connections where their server says so or where the peer has stopped reading, and lets senders who
/// wait for `100 Continue` go on.
///
/// It stands between the HTTP codec and the server, one on each connection.
package final class ConnectionPolicy: ChannelDuplexHandler, RemovableChannelHandler {
  package typealias InboundIn = HTTPRequestPart
  package typealias InboundOut = HTTPRequestPart
  package typealias OutboundIn = HTTPResponsePart
  package typealias OutboundOut = HTTPResponsePart

  /// How long a sender may go on after the response that ends its connection.
  private static let lingering = TimeAmount.seconds(2)

  private let stallTimeout: TimeAmount
  /// For each request that waits for its response, in their order: whether it is the last of its connection.
  private var requests: [Bool] = []
  private var closesAfterResponse = false
  private var lastProgress = NIODeadline.uptimeNanoseconds(0)
  private var isResponding = false
  private var isReceiving = false
  private var check: Scheduled<Void>?

  /// - Parameter stallTimeout: how long a response under way may wait for the peer to take more of it.
  package init(stallTimeout: TimeAmount) {
    self.stallTimeout = stallTimeout
  }

  package func handlerRemoved(context: ChannelHandlerContext) {
    check?.cancel()
    check = nil
  }

  package func channelInactive(context: ChannelHandlerContext) {
    check?.cancel()
    check = nil
    context.fireChannelInactive()
  }

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      isReceiving = true
      // Between the parts of another response it would be taken for one of them.
      if requests.isEmpty, head.headerFields[.expect]?.lowercased() == "100-continue" {
        context.writeAndFlush(wrapOutboundOut(.head(.init(status: .continue))), promise: nil)
      }
      // RFC 9112, 9.6: options are compared without regard to case.
      requests.append(Self.says(close: head.headerFields[.connection]))
    case .body:
      break
    case .end:
      isReceiving = false
    }
    context.fireChannelRead(data)
  }

  package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?)
  {
    let part = unwrapOutboundIn(data)
    switch part {
    case .head(let head):
      if Self.says(close: head.headerFields[.connection]) { closesAfterResponse = true }
      isResponding = true
      lastProgress = context.eventLoop.now
      schedule(context: context)
      context.write(data, promise: watched(promise, context: context))
    case .body:
      context.write(data, promise: watched(promise, context: context))
    case .end:
      if !requests.isEmpty, requests.removeFirst() { closesAfterResponse = true }
      let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
      let promise = promise ?? context.eventLoop.makePromise()
      promise.futureResult.whenComplete { _ in
        let (policy, context) = bound.value
        policy.isResponding = false
        if policy.closesAfterResponse { policy.close(context: context) }
      }
      if closesAfterResponse {
        context.writeAndFlush(data, promise: promise)
      } else {
        context.write(data, promise: promise)
      }
    }
  }

  private func watched(_ promise: EventLoopPromise<Void>?, context: ChannelHandlerContext)
    -> EventLoopPromise<Void>
  {
    let bound = NIOLoopBound((self, context.eventLoop), eventLoop: context.eventLoop)
    let promise = promise ?? context.eventLoop.makePromise()
    promise.futureResult.whenComplete { _ in
      let (policy, loop) = bound.value
      policy.lastProgress = loop.now
    }
    return promise
  }

  private func close(context: ChannelHandlerContext) {
    guard isReceiving else {
      context.close(promise: nil)
      return
    }
    // A peer that is still sending would lose the response to a reset if both directions were closed at once.
    context.close(mode: .output, promise: nil)
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    check?.cancel()
    check = context.eventLoop.scheduleTask(in: Self.lingering) {
      bound.value.close(promise: nil)
    }
  }

  private func schedule(context: ChannelHandlerContext) {
    guard check == nil else { return }
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    check = context.eventLoop.scheduleTask(deadline: lastProgress + stallTimeout) {
      let (policy, context) = bound.value
      policy.check = nil
      guard policy.isResponding else { return }
      if context.eventLoop.now >= policy.lastProgress + policy.stallTimeout {
        context.close(promise: nil)
      } else {
        policy.schedule(context: context)
      }
    }
  }

  private static func says(close field: String?) -> Bool {
    guard let field else { return false }
    return field.split(separator: ",").contains { option in
      option.split(separator: " ").joined().lowercased() == "close"
    }
  }
}

@available(*, unavailable)
extension ConnectionPolicy: Sendable {}
