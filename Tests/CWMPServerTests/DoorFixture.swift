import CWMP
import Fleet
import FleetStore
import Foundation
import HTTPAuthentication
import Logging
import NIOCore
import NIOPosix
import Postgres

@testable import CWMPServer

/// A door on a free port of 127.0.0.1 with a store of its own.
struct DoorFixture: Sendable {
  let store: FleetStore
  let server: CWMPServer

  static let username = "enrol"
  static let password = "secret word"

  /// - Parameters:
  ///   - adjust: changes the settings; without it every device is let in.
  ///   - now: the door's clock.
  static func run<Result>(
    _ adjust: (inout DoorSettings) -> Void = { $0.enrolment = .open },
    now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 },
    logger: Logger = silentLogger,
    _ body: (DoorFixture) async throws -> Result
  ) async throws -> Result {
    var settings = DoorSettings()
    settings.host = "127.0.0.1"
    settings.port = 0
    settings.provisionsCredential = false
    adjust(&settings)
    var storeSettings = FleetStore.Settings()
    storeSettings.connections = 2
    return try await TemporaryCluster.withDatabase { database in
      let store = try await FleetStore.open(database, settings: storeSettings, logger: logger)
      _ = try await store.setCredential(
        NewCredentialRecord(
          username: username, password: password, realm: settings.realm, deviceName: nil),
        by: "test")
      do {
        let server = try await start(settings, store: store, now: now, logger: logger)
        let fixture = DoorFixture(store: store, server: server)
        do {
          let result = try await body(fixture)
          await server.stop(patience: 0)
          await store.close()
          return result
        } catch {
          await server.stop(patience: 0)
          throw error
        }
      } catch {
        await store.close()
        throw error
      }
    }
  }

  /// Another door, as another node would open it, on the same store.
  static func start(
    _ settings: DoorSettings, store: FleetStore,
    now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 },
    switches: DeviceSwitchesTable = DeviceSwitchesTable(), traces: TraceRecorder? = nil,
    bindingCredential: (@Sendable (String) -> ConnectionCredential)? = nil,
    logger: Logger = silentLogger
  ) async throws -> CWMPServer {
    try await CWMPServer.start(
      settings: settings,
      environment: DoorEnvironment(
        store: store,
        source: { order, address in
          DownloadSource(url: "http://\(address)/files/\(order.file)", size: 10)
        },
        destination: { task, address in "http://\(address)/uploads/\(task.id)/file" },
        credential: {
          ConnectionCredential(deviceName: $0, secret: Array(repeating: 7, count: 32))
        },
        bindingCredential: bindingCredential, switches: { switches }, traces: traces, now: now),
      key: Array(repeating: 9, count: 32), group: MultiThreadedEventLoopGroup.singleton,
      logger: logger)
  }

  static let silentLogger: Logger = {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
  }()

  func connect() async throws -> TestCPE { try await TestCPE(port: server.port) }

  func device(_ serial: String) async throws -> Device.ID {
    let rows = try await store.pool.query(
      "SELECT device_id FROM device WHERE serial_number = $1", .text(serial))
    return try rows[0].int64(0)
  }

  func order(_ operation: Fleet.Operation, for serial: String) async throws -> DeviceTask.ID {
    let now = Date().timeIntervalSince1970
    return try await store.createTask(
      for: "00D09E-Box-\(serial)",
      TaskRequest(operation: operation, dueAt: now, deadline: now + 3_600, maxAttempts: 3),
      by: "test"
    ).task.id
  }

  func task(_ id: DeviceTask.ID, of serial: String) async throws -> DeviceTask? {
    try await store.task(id, of: "00D09E-Box-\(serial)")?.task
  }
}

/// A response as it came over the wire.
struct TestResponse: Sendable {
  var status: Int
  var headers: [(name: String, value: String)]
  var body: [UInt8]

  func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  /// The decoded envelope of the body.
  var envelope: Envelope? { try? EnvelopeDecoder().decode(body) }
  var message: Message? { envelope?.message }
}

/// A CPE made by hand: sends what a test says, byte for byte, over a socket of its own.
///
/// Its blocking calls run on a thread of their own, so that no test keeps the server from running.
final class TestCPE: Sendable {
  private let descriptor: Int32
  let serial: String
  private let port: Int

  init(port: Int, serial: String = "1") async throws {
    self.port = port
    self.serial = serial
    descriptor = try await Self.blocking {
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      var timeout = timeval(tv_sec: 60, tv_usec: 0)
      setsockopt(
        descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = in_port_t(UInt16(port).bigEndian)
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      guard result == 0 else { throw TestError("can't connect: \(errno)") }
      return descriptor
    }
  }

  deinit { close(descriptor) }

  func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// Sends bytes as they are.
  func send(_ bytes: [UInt8]) async throws {
    try await send(bytes, inPiecesOf: max(1, bytes.count), pause: 0)
  }

  /// Sends as over a slow line; on a thread of its own, whose pauses nobody else makes longer.
  /// - Parameter pause: seconds after each piece.
  func send(_ bytes: [UInt8], inPiecesOf size: Int, pause: Double) async throws {
    let descriptor = descriptor
    try await Self.blocking {
      for start in stride(from: 0, to: bytes.count, by: size) {
        try Self.send(bytes[start..<min(start + size, bytes.count)], to: descriptor)
        if pause > 0 { Thread.sleep(forTimeInterval: pause) }
      }
    }
  }

  private static func send(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw TestError("can't send: \(errno)") }
      rest = rest.dropFirst(count)
    }
  }

  func send(_ text: String) async throws { try await send(Array(text.utf8)) }

  /// Reads one response; nil where the server closed the connection instead.
  func receive() async throws -> TestResponse? {
    let descriptor = descriptor
    return try await Self.blocking {
      var bytes: [UInt8] = []
      func readMore() throws -> Bool {
        var piece = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &piece, piece.count, 0)
        if count < 0 {
          if errno == ECONNRESET { return false }
          throw TestError("can't receive: \(errno)")
        }
        bytes += piece[..<count]
        return count > 0
      }
      func headEnd() -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (0...(bytes.count - 4)).first {
          bytes[$0..<($0 + 4)].elementsEqual([13, 10, 13, 10])
        }
      }
      while headEnd() == nil { guard try readMore() else { return nil } }
      guard let end = headEnd() else { return nil }
      let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
      let headers = lines.dropFirst().map { line -> (name: String, value: String) in
        let parts = line.split(separator: ":", maxSplits: 1)
        return (String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces))
      }
      let length =
        headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
      while bytes.count < end + 4 + length { guard try readMore() else { return nil } }
      return TestResponse(
        status: Int(lines[0].split(separator: " ")[1]) ?? 0, headers: headers,
        body: Array(bytes[(end + 4)..<(end + 4 + length)]))
    }
  }

  /// Posts a body and waits for the answer.
  func post(_ body: [UInt8], headers: [String] = [], path: String = "/") async throws
    -> TestResponse
  {
    let head =
      (["POST \(path) HTTP/1.1", "Host: acs", "Content-Length: \(body.count)"] + headers)
      .joined(separator: "\r\n")
    try await send(Array((head + "\r\n\r\n").utf8) + body)
    guard let response = try await receive() else {
      throw TestError("the server closed the connection")
    }
    return response
  }

  func post(_ message: Message, headers: [String] = []) async throws -> TestResponse {
    try await post(Self.body(message), headers: headers)
  }

  /// What a request with a message carries.
  static func body(_ message: Message, id: String = "17") -> [UInt8] {
    var bytes: [UInt8] = []
    EnvelopeEncoder().encode(Envelope(namespace: .v1_0, id: id, message: message), into: &bytes)
    return bytes
  }

  func postNothing(headers: [String] = []) async throws -> TestResponse {
    try await post([UInt8](), headers: headers)
  }

  static func inform(
    _ serial: String = "1", _ events: [Event] = [Event(Event.periodic)], version: String = "1.0"
  ) -> Message {
    .request(
      .inform(
        Inform(
          deviceID: DeviceID(
            manufacturer: "Acme", oui: "00D09E", productClass: "Box", serialNumber: serial),
          events: events, currentTime: "2026-11-23T00:00:00Z",
          parameters: [
            ParameterValue(name: "Device.DeviceInfo.SoftwareVersion", value: version)
          ])))
  }

  private static func blocking<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
  }
}

struct TestError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
