import Logging
import NIOConcurrencyHelpers
import NIOCore

/// Counts what a server refuses, and tells of it: of each kind a line in so many seconds, since whoever can make a server
/// refuse something can otherwise fill its log.
final class RefusalTally: Sendable {
  enum Kind: String, Sendable, CaseIterable {
    case handshakeLimit = "a connection was closed: too many handshakes are under way"
    case linkLimit = "an endpoint was asked to come later: there are too many links"
    case tls = "a TLS handshake failed"
    case slow = "a handshake took too long"
    case request = "a request was refused"
    case unauthorized = "an endpoint was not let in"
  }

  private struct Entry {
    var count = 0
    var told = 0
    var quietUntil: NIODeadline?
  }

  private let logger: Logger
  private let interval: TimeAmount
  private let entries = NIOLockedValueBox<[Kind: Entry]>([:])

  init(logger: Logger, interval: TimeAmount = .seconds(10)) {
    self.logger = logger
    self.interval = interval
  }

  /// How often that was refused since the start.
  func count(_ kind: Kind) -> Int { entries.withLockedValue { $0[kind]?.count ?? 0 } }

  func note(_ kind: Kind, peer: String, _ reason: String = "", now: NIODeadline = .now()) {
    let unsaid: Int? = entries.withLockedValue { entries in
      var entry = entries[kind] ?? Entry()
      defer { entries[kind] = entry }
      entry.count += 1
      if let end = entry.quietUntil, now < end { return nil }
      entry.quietUntil = now + interval
      defer { entry.told = entry.count }
      return entry.count - entry.told - 1
    }
    guard let unsaid else { return }
    var metadata: Logger.Metadata = ["peer": "\(peer)"]
    if !reason.isEmpty { metadata["reason"] = "\(reason)" }
    if unsaid > 0 { metadata["more of them before"] = "\(unsaid)" }
    logger.notice("\(kind.rawValue)", metadata: metadata)
  }
}
