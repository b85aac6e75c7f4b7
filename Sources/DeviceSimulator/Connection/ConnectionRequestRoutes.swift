import NIOCore
import Synchronization

/// Finds the device of a connection request by its path, on whatever loop it lives.
final class ConnectionRequestRoutes: Sendable {
  private let hosts = Mutex<[String: NIOLoopBound<CPEHost>]>([:])

  func add(_ paths: [(String, NIOLoopBound<CPEHost>)]) {
    hosts.withLock { hosts in
      for (path, host) in paths { hosts[path] = host }
    }
  }

  func ask(_ path: String, authorization: String?, uri: String)
    -> EventLoopFuture<ConnectionRequestAnswer>?
  {
    guard let host = hosts.withLock({ $0[path] }) else { return nil }
    return host.eventLoop.submit {
      host.value.connectionRequest(authorization: authorization, uri: uri)
    }
  }
}
