import Foundation
import Glibc
import Hummingbird
import NIOCore
import NIOPosix

/// Runs an application on a free port for as long as a test needs it.
enum LiveServer {
  static func run<Application: ApplicationProtocol>(
    _ make: (@escaping @Sendable (Int) async -> Void) -> Application,
    _ body: (Int) async throws -> Void
  ) async throws {
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let application = make { continuation.yield($0) }
    let service = Task { try await application.run() }
    do {
      var iterator = ports.makeAsyncIterator()
      guard let port = await iterator.next() else { throw CancellationError() }
      try await body(port)
    } catch {
      service.cancel()
      _ = await service.result
      throw error
    }
    service.cancel()
    _ = await service.result
  }
}

/// Sends bytes to a local port and reads until the other side closes.
enum RawClient {
  struct Answer: Sendable {
    var head: String
    var body: Data
  }

  struct Failure: Error {
    var what: String
    var code: Int32
  }

  /// Seconds without a byte after which an exchange fails.
  private static let timeout = 10

  static func exchange(port: Int, _ request: String) async throws -> Answer {
    // Threads of its own: the servers under test need the shared ones.
    let threads = NIOThreadPool(numberOfThreads: 1)
    threads.start()
    do {
      let answer = try await threads.runIfActive { try blocking(port, Data(request.utf8)) }
      try await threads.shutdownGracefully()
      return answer
    } catch {
      try await threads.shutdownGracefully()
      throw error
    }
  }

  private static func blocking(_ port: Int, _ request: Data) throws -> Answer {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(what: "socket", code: errno) }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: timeout, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw Failure(what: "connect", code: errno) }
    let sent = request.withUnsafeBytes {
      send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    guard sent == request.count else { throw Failure(what: "send", code: errno) }
    var received = Data()
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0 { throw Failure(what: "recv", code: errno) }
      if count == 0 { break }
      received.append(contentsOf: buffer[..<count])
    }
    guard let end = received.range(of: Data("\r\n\r\n".utf8)) else {
      throw Failure(what: "answer", code: 0)
    }
    return Answer(
      head: String(decoding: received[..<end.lowerBound], as: UTF8.self),
      body: Data(received[end.upperBound...]))
  }
}
