import Foundation
import Synchronization

/// A management API on 127.0.0.1 that gives prepared answers, one request a connection.
final class StubServer: Sendable {
  struct Answer: Sendable {
    var status = 200
    var body: String
  }

  let port: UInt16
  private let listener: Int32
  private let requests = Mutex<[String]>([])

  /// - Parameter answers: By the beginning of the request line, for example `GET /api/v1/devices`; the longest
  ///   match counts, and without one the answer is 404.
  init(_ answers: [String: Answer]) throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(listener, pointer, length) | listen(listener, 64)
          | getsockname(listener, pointer, &length)
      }
    }
    guard status == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
    port = UInt16(bigEndian: address.sin_port)
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
        serve(connection, answers)
        close(connection)
      }
    }
  }

  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
  }

  /// Head and body of what came in.
  var received: [String] { requests.withLock { $0 } }

  private func serve(_ connection: Int32, _ answers: [String: Answer]) {
    var patience = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(
      connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while !Self.isComplete(bytes) {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      bytes += buffer.prefix(count)
    }
    let request = String(decoding: bytes, as: UTF8.self)
    requests.withLock { $0.append(request) }
    let match = answers.keys.filter { request.hasPrefix($0) }.max { $0.count < $1.count }
    let answer =
      match.flatMap { answers[$0] }
      ?? Answer(
        status: 404, body: #"{"type":"t","title":"T","status":404,"code":"not-found","detail":"D"}"#
      )
    let text =
      "HTTP/1.1 \(answer.status) X\r\nContent-Length: \(answer.body.utf8.count)\r\nConnection: close\r\n\r\n"
      + answer.body
    _ = Array(text.utf8).withUnsafeBytes {
      send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
  }

  private static func isComplete(_ bytes: [UInt8]) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.range(of: "\r\n\r\n") else { return false }
    let head = text[..<end.lowerBound].lowercased()
    guard let field = head.range(of: "content-length: ") else { return true }
    let length = Int(head[field.upperBound...].prefix { $0.isNumber }) ?? 0
    return text[end.upperBound...].utf8.count >= length
  }
}
