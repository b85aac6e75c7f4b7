import Glibc
import NIOCore
import NIOPosix
import TLSIdentity

/// Why a transport could not be started, or no link came about.
package enum TransportError: Error, Equatable, CustomStringConvertible {
  /// An address, a path, a file or another setting that can't be used; it says which and why.
  case unusable(String)
  /// Nobody answers there, or the connection broke.
  case unreachable(String)
  /// The peer answered and refused.
  /// - Parameter status: of HTTP; 0 where the transport has none.
  case refused(status: Int, String)
  /// What the peer answered is not what the transport demands.
  case violation(String)
  case timedOut(String)

  package var description: String {
    switch self {
    case .unusable(let text): text
    case .unreachable(let text): "no connection: \(text)"
    case .refused(let status, let text):
      status == 0 ? "refused: \(text)" : "refused (\(status)): \(text)"
    case .violation(let text): "the peer breaks the protocol: \(text)"
    case .timedOut(let text): "took too long: \(text)"
    }
  }
}

extension TransportError {
  /// Why a connection did not come about.
  /// - Parameter place: where it should have led to; empty: whoever is told knows that.
  init(connecting error: any Error, to place: String = "") {
    if let error = error as? TransportError {
      self = error
    } else {
      self = .unreachable((place.isEmpty ? "" : "\(place): ") + Self.reason(of: error))
    }
  }

  /// Reads what TLS is to be spoken with; it blocks for a moment.
  static func credentials(
    _ files: TLSClientFiles
  ) throws(TransportError) -> TLSClientCredentials {
    do throws(TLSCredentials.Problem) {
      return try TLSClientCredentials(files)
    } catch {
      throw .unusable("\(error)")
    }
  }

  /// For a person, in the words of the system where it has some.
  static func reason(of error: any Error) -> String {
    switch error {
    case let error as IOError: return String(cString: strerror(error.errnoCode)).lowercased()
    case let error as NIOConnectionError:
      var reasons: [String] = []
      for failure in error.connectionErrors {
        let reason = Self.reason(of: failure.error)
        if !reasons.contains(reason) { reasons.append(reason) }
      }
      return reasons.isEmpty
        ? "\(error.host) has no address" : reasons.joined(separator: ", ")
    case ChannelError.connectTimeout: return "nobody answers"
    default: return String("\(error)".prefix(300))
    }
  }
}
