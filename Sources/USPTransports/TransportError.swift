/// Why a transport could not be started, or no link came about.
package enum TransportError: Error, Equatable, CustomStringConvertible {
  /// An address, a URL or a path that can't be used; it says which and why.
  case invalidAddress(String)
  /// Nobody answers there, or the connection broke.
  case unreachable(String)
  /// The peer answered and refused.
  /// - Parameter status: of HTTP; 0 where the transport has none.
  case refused(status: Int, String)
  /// What the peer answered is not what the transport demands.
  case violation(String)
  case timedOut(String)
  /// A limit of this side, by the name that it has here.
  case limit(String)

  package var description: String {
    switch self {
    case .invalidAddress(let text): text
    case .unreachable(let text): "no connection: \(text)"
    case .refused(let status, let text):
      status == 0 ? "refused: \(text)" : "refused (\(status)): \(text)"
    case .violation(let text): "the peer breaks the protocol: \(text)"
    case .timedOut(let text): "took too long: \(text)"
    case .limit(let name): "the limit \(name) is reached"
    }
  }
}
