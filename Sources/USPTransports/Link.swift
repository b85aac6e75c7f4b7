import NIOCore
import USP

/// Which message transfer protocol carries Records.
package enum TransportKind: String, Sendable, CaseIterable, Codable {
  case webSocket, mqtt, stomp, unix

  /// Whether nobody tells when a peer has gone.
  package var hasBroker: Bool {
    switch self {
    case .mqtt, .stomp: true
    case .webSocket, .unix: false
    }
  }
}

/// One way to one peer over which whole Records go: a WebSocket, a socket, or a pair of topics of a broker.
package protocol Link: AnyObject, Sendable {
  var kind: TransportKind { get }
  /// Where the receiver is called, and only there.
  var eventLoop: any EventLoop { get }
  /// The peer's IP address, the broker's, or the path of the socket.
  var peerAddress: String { get }
  /// Who the peer says it is, where the transport tells before the first Record.
  var claimedEndpoint: EndpointID? { get }
  /// What the transport has proved of the peer.
  var proof: LinkProof { get }
  /// The address at which the peer has reached this side; empty where that is unknown.
  var localAddress: String { get }

  /// Sends a Record after those before it; may be called on any thread. What can't be sent any more is dropped: the receiver is
  /// told that the link has closed.
  func send(_ record: [UInt8])

  /// Ends the link once what was sent before has left; may be called on any thread.
  func close(_ reason: LinkClosing)
}

/// What a transport has proved of a peer.
package enum LinkProof: Sendable, Equatable {
  case nothing
  /// The user name of a credential that was verified.
  case credential(username: String)
  /// A certificate that was verified, and the endpoint IDs in it.
  case certificate([EndpointID])
  /// A broker that this side trusts lets in only whom it knows.
  case broker
  /// A socket that only those reach whom the file system lets.
  case fileSystem
}

/// Why this side ends a link.
package enum LinkClosing: Sendable, Equatable {
  case finished
  /// The server stops.
  case goingAway
  /// What the peer sent can't be read as a Record.
  case undecodable
  /// Another link of the same peer has taken its place, or the peer may not have one.
  case refused(String)
  case timedOut
}

/// Whoever takes what comes over a link; called on the link's event loop.
package protocol LinkReceiver: AnyObject, Sendable {
  /// - Parameter record: the bytes of one Record, no more than the limit of the transport.
  func received(_ record: [UInt8])
  /// Called once, after everything else.
  func closed(_ why: String)
}

/// Takes a link that has come about; called on its event loop, before anything is received.
package typealias LinkAcceptor = @Sendable (any Link) -> any LinkReceiver
