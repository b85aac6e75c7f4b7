import Foundation

/// A TCP connection to 127.0.0.1 that sends whatever it is told to.
///
/// It blocks threads of its own, never those on which the tests run.
final class RawConnection: Sendable {
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  struct Response: Sendable {
    var status: Int
    /// The header fields as they came.
    var head: String
    var body: String
  }

  /// Seconds that a silence may last; far more than any server needs.
  private static let patience: Int32 = 120

  private let descriptor: Int32

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// - Parameter source: an address of 127.0.0.0/8, by which the server tells its peers apart.
  static func open(_ port: Int, from source: String = "127.0.0.1") async throws -> RawConnection {
    try await onThread {
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      guard descriptor >= 0 else { throw Failure(description: "no socket: \(errno)") }
      let connection = RawConnection(descriptor)
      guard call(bind, descriptor, source, 0), call(connect, descriptor, "127.0.0.1", port) else {
        throw Failure(description: "can't connect from \(source): \(errno)")
      }
      return connection
    }
  }

  private static func call(
    _ function: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32, _ descriptor: Int32,
    _ host: String, _ port: Int
  ) -> Bool {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr(host)
    address.sin_port = UInt16(port).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }

  private static func onThread<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      // A queue has 64 threads at the most; a peer that waited for one of them would be slow without meaning to.
      let thread = Thread { continuation.resume(with: Swift.Result { try body() }) }
      thread.stackSize = 512 << 10
      thread.start()
    }
  }

  // MARK: - Sending and receiving

  /// Sends a text so many times, or until the server says something or hangs up.
  func send(_ bytes: [UInt8], times: Int = 1) async throws {
    let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
    try await Self.onThread { [descriptor] in
      for _ in 0..<times {
        var rest = bytes[...]
        while !rest.isEmpty {
          guard try Self.wait(descriptor, for: POLLIN | POLLOUT) & POLLIN == 0 else { return }
          let count = rest.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, flags)
          }
          if count < 0, errno != EAGAIN { return }
          rest = rest.dropFirst(max(0, count))
        }
      }
    }
  }

  func send(_ text: String, times: Int = 1) async throws {
    try await send(Array(text.utf8), times: times)
  }

  /// - Returns: nil where the server closes without an answer.
  func receive() async throws -> Response? {
    try await Self.onThread { [descriptor] in
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 64 << 10)
      while true {
        if let response = Self.response(in: bytes) { return response }
        _ = try Self.wait(descriptor, for: POLLIN)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        bytes += buffer[..<count]
      }
    }
  }

  /// Sends a request with a body and awaits the answer.
  func post(_ body: [UInt8], headers: [String] = []) async throws -> Response? {
    let lines =
      ["POST / HTTP/1.1", "Host: acs", "Content-Length: \(body.count)"] + headers + ["", ""]
    try await send(Array(lines.joined(separator: "\r\n").utf8) + body)
    return try await receive()
  }

  func post(_ body: String, headers: [String] = ["Content-Type: text/xml; charset=utf-8"])
    async throws -> Response?
  {
    try await post(Array(body.utf8), headers: headers)
  }

  private static func wait(_ descriptor: Int32, for events: Int32) throws -> Int32 {
    var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    guard poll(&entry, 1, patience * 1_000) > 0 else {
      throw Failure(description: "nothing has happened for \(patience) s")
    }
    return Int32(entry.revents)
  }

  private static func response(in bytes: [UInt8]) -> Response? {
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
    let lines = head.components(separatedBy: "\r\n")
    let length = lines.compactMap { line -> Int? in
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0].lowercased() == "content-length" else { return nil }
      return Int(parts[1].trimmingCharacters(in: .whitespaces))
    }.first
    let body = bytes[end.upperBound...]
    guard let status = lines[0].split(separator: " ").dropFirst().first.flatMap({ Int($0) }),
      body.count >= length ?? 0
    else { return nil }
    return Response(
      status: status, head: head, body: String(decoding: body.prefix(length ?? 0), as: UTF8.self))
  }
}
