import NIOConcurrencyHelpers
import NIOCore
import USPTransports

/// Takes links and keeps what comes over them, in its order.
final class LinkRecorder: Sendable {
  enum Event: Equatable, Sendable {
    case record([UInt8])
    case closed(String)
  }

  /// One link and what has come over it.
  final class Entry: LinkReceiver, Sendable {
    let link: any Link
    private let continuation: AsyncStream<Event>.Continuation
    private let events: AsyncStream<Event>
    private let reaction: @Sendable (any Link, [UInt8]) -> Void

    init(_ link: any Link, reaction: @escaping @Sendable (any Link, [UInt8]) -> Void) {
      self.link = link
      self.reaction = reaction
      (events, continuation) = AsyncStream.makeStream()
    }

    func received(_ record: [UInt8]) {
      link.eventLoop.preconditionInEventLoop()
      continuation.yield(.record(record))
      reaction(link, record)
    }

    func closed(_ why: String) {
      link.eventLoop.preconditionInEventLoop()
      continuation.yield(.closed(why))
      continuation.finish()
    }

    /// The next event; nil after the link has closed.
    func next() async -> Event? {
      var iterator = events.makeAsyncIterator()
      return await iterator.next()
    }

    func record() async -> [UInt8]? {
      if case .record(let record)? = await next() { record } else { nil }
    }

    /// Why the link has closed; records before that are passed over.
    func closed() async -> String? {
      while let event = await next() {
        if case .closed(let why) = event { return why }
      }
      return nil
    }
  }

  private let continuation: AsyncStream<Entry>.Continuation
  private let entries: AsyncStream<Entry>
  private let reaction: @Sendable (any Link, [UInt8]) -> Void

  /// - Parameter reaction: what is done at once with each Record.
  init(reaction: @escaping @Sendable (any Link, [UInt8]) -> Void = { _, _ in }) {
    self.reaction = reaction
    (entries, continuation) = AsyncStream.makeStream()
  }

  var accept: LinkAcceptor {
    { link in
      let entry = Entry(link, reaction: self.reaction)
      self.continuation.yield(entry)
      return entry
    }
  }

  /// The next link that comes about.
  func next() async -> Entry? {
    var iterator = entries.makeAsyncIterator()
    return await iterator.next()
  }
}
