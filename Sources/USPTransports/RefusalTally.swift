import Logging
import NIOConcurrencyHelpers
import Refusals

/// Counts what a server refuses, and tells of it as far as its log's allowance goes.
final class RefusalTally: Sendable {
  enum Kind: String, Sendable, CaseIterable {
    case handshakeLimit = "a connection was closed: too many handshakes are under way"
    case linkLimit = "a connection was closed: there are too many links"
    case tls = "a TLS handshake failed"
    case slow = "a handshake took too long"
    case request = "a request was refused"
    /// Told by whoever has judged the credentials.
    case unauthorized = "an endpoint was not let in"
  }

  private let log: RefusalLog
  private let counts = NIOLockedValueBox<[Kind: Int]>([:])

  init(log: RefusalLog) { self.log = log }

  /// How often that was refused since the start.
  func count(_ kind: Kind) -> Int { counts.withLockedValue { $0[kind] ?? 0 } }

  func note(_ kind: Kind, peer: String, _ reason: String = "") {
    counts.withLockedValue { $0[kind, default: 0] += 1 }
    guard kind != .unauthorized else { return }
    log.note("\(kind.rawValue)", peer: peer, reason.isEmpty ? [:] : ["reason": "\(reason)"])
  }
}
