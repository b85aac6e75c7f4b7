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
    -> EventLoopFuture<ConnectionRequestReply>?
  {
    // Who is alone needs no path.
    let found = hosts.withLock { hosts in
      hosts[path] ?? (path == "/" && hosts.count == 1 ? hosts.values.first : nil)
    }
    guard let host = found else { return nil }
    return host.eventLoop.submit {
      host.value.connectionRequest(authorization: authorization, uri: uri)
    }
  }
}
