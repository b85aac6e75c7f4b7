import Foundation
import Synchronization

/// A broker that says exactly what a test wants, to one client after another, on 127.0.0.1.
///
/// `@unchecked Sendable`: the descriptor is set once, and the thread alone reads from it; the rest is behind a lock.
final class ScriptedBroker: @unchecked Sendable {
  /// A packet as it came: the first byte, and what follows the length.
  struct Packet: Equatable {
    var type: UInt8
    var body: [UInt8]

    static let connect: UInt8 = 0x10
    static let publish: UInt8 = 0x30
    static let subscribe: UInt8 = 0x80
    static let disconnect: UInt8 = 0xE0

    var kind: UInt8 { type & 0xF0 }
  }

  /// What to do once a packet was read.
  enum Reaction {
    case answer([UInt8])
    /// And then end the connection.
    case close([UInt8])
  }

  let port: UInt16
  let packets: AsyncStream<Packet>
  private let listener: Int32
  private let continuation: AsyncStream<Packet>.Continuation
  private let react: @Sendable (Packet) -> Reaction

  init(_ react: @escaping @Sendable (Packet) -> Reaction) throws {
    self.react = react
    (packets, continuation) = AsyncStream.makeStream()
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let status = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) | listen(listener, 8) | getsockname(listener, $0, &length)
      }
    }
    guard listener >= 0, status == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
    port = UInt16(bigEndian: address.sin_port)
    let thread = Thread { [self] in serve() }
    thread.name = "scripted broker"
    thread.start()
  }

  /// Ends the thread once the present client has gone.
  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  /// A whole packet: the length is added.
  static func packet(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
    var bytes = [type]
    var length = body.count
    repeat {
      let rest = length >> 7
      bytes.append(UInt8(length & 0x7F) | (rest > 0 ? 0x80 : 0))
      length = rest
    } while length > 0
    return bytes + body
  }

  static func text(_ text: String) -> [UInt8] {
    [UInt8(text.utf8.count >> 8), UInt8(text.utf8.count & 0xFF)] + text.utf8
  }

  // MARK: The thread

  private func serve() {
    while true {
      let client = accept(listener, nil, nil)
      guard client >= 0 else { break }
      _ = fcntl(client, F_SETFD, FD_CLOEXEC)
      converse(client)
      close(client)
    }
    close(listener)
    continuation.finish()
  }

  private func converse(_ client: Int32) {
    while let packet = read(client) {
      continuation.yield(packet)
      switch react(packet) {
      case .answer(let bytes):
        if !write(bytes, client) { return }
      case .close(let bytes):
        _ = write(bytes, client)
        return
      }
    }
  }

  private func read(_ client: Int32) -> Packet? {
    guard let type = read(1, client)?.first else { return nil }
    var length = 0
    var shift = 0
    while true {
      guard let byte = read(1, client)?.first else { return nil }
      length |= Int(byte & 0x7F) << shift
      shift += 7
      if byte & 0x80 == 0 { break }
    }
    guard let body = read(length, client) else { return nil }
    return Packet(type: type, body: body)
  }

  private func read(_ count: Int, _ client: Int32) -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count < count {
      var part = [UInt8](repeating: 0, count: count - bytes.count)
      let read = recv(client, &part, part.count, 0)
      guard read > 0 else { return nil }
      bytes += part.prefix(read)
    }
    return bytes
  }

  private func write(_ bytes: [UInt8], _ client: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes {
        send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }
}
