import NIOConcurrencyHelpers
import NIOCore
import USP

/// What the links of one server, or the one of a client, go by.
struct UnixTerms: Sendable {
  enum Role: Sendable {
    case server
    /// - Parameter promise: is given the link once both have shaken hands.
    case client(promise: EventLoopPromise<any Link>)
  }

  let role: Role
  let path: String
  let own: EndpointID
  let limits: LinkLimits
  let handshakeTimeout: TimeAmount
  let open: OpenUnixLinks
  let accept: LinkAcceptor
}

/// The links of a server that are open.
final class OpenUnixLinks: Sendable {
  private let links = NIOLockedValueBox<[ObjectIdentifier: UnixLink]>([:])

  var count: Int { links.withLockedValue { $0.count } }
  var all: [UnixLink] { links.withLockedValue { Array($0.values) } }

  func add(_ link: UnixLink) { links.withLockedValue { $0[ObjectIdentifier(link)] = link } }
  func remove(_ link: UnixLink) { links.withLockedValue { $0[ObjectIdentifier(link)] = nil } }
}

/// A value that is set at most once, and read by anybody.
final class SetOnce<Value: Sendable>: Sendable {
  private let box = NIOLockedValueBox<Value?>(nil)

  var value: Value? { box.withLockedValue { $0 } }

  func set(_ value: Value) {
    box.withLockedValue { if $0 == nil { $0 = value } }
  }
}
