import Foundation
import Glibc
import NIOCore
import Synchronization

/// A port on 127.0.0.1 at which nobody listens, and which no other test is given.
final class ClosedPort: Sendable {
  let port: UInt16
  private let descriptor: Int32

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard let port = ScriptedServer.bindToLoopback(descriptor) else {
      throw POSIXError(.EADDRNOTAVAIL)
    }
    self.port = port
  }

  deinit { close(descriptor) }
}

/// A tiny HTTP server on 127.0.0.1 that answers as a test's script says, one connection at a time.
///
/// One at a time like many CPEs: a client that keeps an idle connection open makes the next one wait.
final class ScriptedServer: Sendable {
  struct Reply: Sendable {
    enum End: Sendable { case keep, close, reset }
    var text: String
    var end: End = .keep

    static func status(_ code: Int, _ headers: String..., end: End = .keep) -> Reply {
      let lines = ["HTTP/1.1 \(code) X", "Content-Length: 0"] + headers
      return Reply(text: lines.joined(separator: "\r\n") + "\r\n\r\n", end: end)
    }
  }

  /// Gets a request's head (and the body, if it has a Content-Length) and its number from 0 on.
  typealias Script = @Sendable (_ request: String, _ number: Int) -> Reply

  let port: UInt16
  private let listener: Int32
  private let requests = Mutex<[String]>([])
  private let connections = Mutex(0)

  init(_ script: @escaping Script) throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard let port = Self.bindToLoopback(listener), listen(listener, 128) == 0 else {
      throw POSIXError(.EADDRNOTAVAIL)
    }
    self.port = port
    Thread.detachNewThread { [self] in
      while true {
        // No program that another test starts may keep the connection open.
        let connection = accept(listener, nil, nil)
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        guard connection >= 0 else {
          // Closed only here: its number may at once belong to another test's socket.
          close(listener)
          return
        }
        connections.withLock { $0 += 1 }
        serve(connection, script)
      }
    }
  }

  /// The port that the system chose; nil where there is none.
  fileprivate static func bindToLoopback(_ descriptor: Int32) -> UInt16? {
    // NIO has its own view of the C structures, and a file may name the members of but one.
    guard let loopback = try? SocketAddress(ipAddress: "127.0.0.1", port: 0),
      loopback.withSockAddr({ bind(descriptor, $0, socklen_t($1)) }) == 0
    else { return nil }
    var bytes = [UInt8](repeating: 0, count: 16)
    var length = socklen_t(bytes.count)
    let status = bytes.withUnsafeMutableBytes { buffer in
      getsockname(descriptor, buffer.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
    }
    return status == 0 ? UInt16(bytes[2]) << 8 | UInt16(bytes[3]) : nil
  }

  /// Stops to listen; the thread ends with the connection it has.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
  }

  var received: [String] { requests.withLock { $0 } }
  var connectionCount: Int { connections.withLock { $0 } }

  private func serve(_ connection: Int32, _ script: Script) {
    defer { close(connection) }
    var patience = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(
      connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    while let request = read(connection) {
      let number = requests.withLock { list in
        list.append(request)
        return list.count - 1
      }
      let reply = script(request, number)
      _ = Array(reply.text.utf8).withUnsafeBytes {
        send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      switch reply.end {
      case .keep: continue
      case .close: return
      case .reset:
        // The answer should be read before the reset overtakes it.
        usleep(reply.text.isEmpty ? 0 : 50_000)
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
          connection, SOL_SOCKET, SO_LINGER, &linger,
          socklen_t(MemoryLayout.size(ofValue: linger)))
        return
      }
    }
  }

  private func read(_ connection: Int32) -> String? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      if let text = complete(bytes) { return text }
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      bytes += buffer.prefix(count)
    }
  }

  private func complete(_ bytes: [UInt8]) -> String? {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.range(of: "\r\n\r\n") else { return nil }
    let head = text[..<end.lowerBound].lowercased()
    guard let field = head.range(of: "content-length: ") else { return text }
    let length = Int(head[field.upperBound...].prefix { $0.isNumber }) ?? 0
    return text[end.upperBound...].utf8.count >= length ? text : nil
  }
}
