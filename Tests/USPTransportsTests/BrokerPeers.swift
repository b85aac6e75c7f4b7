import Foundation
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import USP

@testable import USPTransports

/// What a test needs to be or to watch an endpoint at a broker.
enum BrokerSamples {
  static let controllerID = "self::controller"

  static func endpoint(_ text: String) throws -> EndpointID {
    guard let endpoint = EndpointID(text) else { throw BrokerTestFailure("no endpoint: \(text)") }
    return endpoint
  }

  /// A Record without session context (TR-369, usp-record).
  static func record(from sender: String, to recipient: String, _ payload: [UInt8] = [1, 2, 3])
    -> [UInt8]
  {
    field(1, Array("1.3".utf8)) + field(2, Array(recipient.utf8)) + field(3, Array(sender.utf8))
      + field(7, field(2, payload))
  }

  static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
    var length = content.count
    var bytes = [number << 3 | 2]
    while length >= 0x80 {
      bytes.append(UInt8(length & 0x7F) | 0x80)
      length >>= 7
    }
    bytes.append(UInt8(length))
    return bytes + content
  }

  static var logger: Logger { Logger(label: "broker-tests") { _ in SwiftLogNoOpLogHandler() } }
}

struct BrokerTestFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// One end of a link as a test sees it.
final class BrokerEnd: LinkReceiver {
  enum Event: Equatable {
    case record([UInt8])
    case closed(String)
  }

  let link: any Link
  /// Called on the link's event loop for each Record.
  private let answer: @Sendable (any Link, [UInt8]) -> Void
  private let continuation: AsyncStream<Event>.Continuation
  private let events: AsyncStream<Event>
  private let ended = NIOLockedValueBox(false)

  init(_ link: any Link, answer: @escaping @Sendable (any Link, [UInt8]) -> Void) {
    self.link = link
    self.answer = answer
    (events, continuation) = AsyncStream.makeStream()
  }

  func received(_ record: [UInt8]) {
    precondition(link.eventLoop.inEventLoop && !ended.withLockedValue { $0 })
    answer(link, record)
    continuation.yield(.record(record))
  }

  func closed(_ why: String) {
    precondition(link.eventLoop.inEventLoop)
    let wasEnded = ended.withLockedValue { ended in
      defer { ended = true }
      return ended
    }
    precondition(!wasEnded, "told twice")
    continuation.yield(.closed(why))
    continuation.finish()
  }

  var hasClosed: Bool { ended.withLockedValue { $0 } }

  /// The next event; one at a time.
  func next() async throws -> Event {
    var iterator = events.makeAsyncIterator()
    guard let event = await iterator.next() else { throw BrokerTestFailure("nothing comes") }
    return event
  }

  func nextRecord() async throws -> [UInt8] {
    switch try await next() {
    case .record(let record): return record
    case .closed(let why): throw BrokerTestFailure("closed: \(why)")
    }
  }

  func nextClosing() async throws -> String {
    switch try await next() {
    case .closed(let why): return why
    case .record: throw BrokerTestFailure("a Record instead of the end")
    }
  }
}

/// Takes the links of a transport in the order in which they come.
final class BrokerEnds: Sendable {
  private let continuation: AsyncStream<BrokerEnd>.Continuation
  private let ends: AsyncStream<BrokerEnd>
  private let answer: @Sendable (any Link, [UInt8]) -> Void

  init(answer: @escaping @Sendable (any Link, [UInt8]) -> Void = { _, _ in }) {
    self.answer = answer
    (ends, continuation) = AsyncStream.makeStream()
  }

  var accept: LinkAcceptor {
    { [continuation, answer] link in
      precondition(link.eventLoop.inEventLoop)
      let end = BrokerEnd(link, answer: answer)
      continuation.yield(end)
      return end
    }
  }

  func next() async throws -> BrokerEnd {
    var iterator = ends.makeAsyncIterator()
    guard let end = await iterator.next() else { throw BrokerTestFailure("no link comes") }
    return end
  }
}
