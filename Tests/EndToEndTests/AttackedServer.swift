import Foundation
import Synchronization
import Testing

/// The server as it runs for an operator, open to every device, with what an attack costs it.
struct AttackedServer: Sendable {
  @TaskLocal static var current: AttackedServer?

  /// Resident memory of the server's process, in KiB.
  struct Cost: Sendable, CustomStringConvertible {
    var before = 0
    var peak = 0
    var after = 0

    var growth: Int { peak - before }

    var description: String {
      [before, peak, after].map { String(format: "%.1f", Double($0) / 1024) }
        .joined(separator: " → ") + " MiB"
    }
  }

  let site: Installation
  let program: RunningProgram

  var port: Int { site.ports.cwmp }

  // MARK: - Measures

  private func status(_ name: String) throws -> Int {
    let text = try String(contentsOfFile: "/proc/\(program.identifier)/status", encoding: .utf8)
    let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
    return try #require(
      line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) })
  }

  /// Descriptors that the process has open.
  func descriptors() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/\(program.identifier)/fd").count
  }

  func eventually(_ holds: () throws -> Bool) async throws -> Bool {
    for _ in 0..<600 {
      if try holds() { return true }
      try await Task.sleep(for: .milliseconds(100))
    }
    return false
  }

  /// What it costs the server to go through something, against a bound in MiB.
  func cost(
    of name: String, atMost bound: Int, _ body: () async throws -> Void
  ) async throws {
    let began = ContinuousClock.now
    var cost = Cost()
    cost.before = try status("VmRSS")
    // The peak begins anew.
    try "5".write(
      toFile: "/proc/\(program.identifier)/clear_refs", atomically: false, encoding: .utf8)
    try await body()
    cost.peak = try status("VmHWM")
    cost.after = try status("VmRSS")
    print("hostile input: \(name): \(cost), \(began.duration(to: .now))")
    #expect(cost.growth <= bound << 10, "\(name): \(cost)")
  }

  // MARK: - Log

  /// Bytes of the log so far.
  func logSize() throws -> UInt64 {
    try FileHandle(forReadingFrom: program.output).seekToEnd()
  }

  /// The lines of the log beyond a place in it, by the peers that they name.
  private func linesByPeer(after start: UInt64) throws -> [String: [String]] {
    let log = try FileHandle(forReadingFrom: program.output)
    try log.seek(toOffset: start)
    let text = String(decoding: try log.readToEnd() ?? Data(), as: UTF8.self)
    var lines: [String: [String]] = [:]
    for line in text.components(separatedBy: "\n") {
      let words = line.components(separatedBy: " ")
      guard let peer = words.first(where: { $0.hasPrefix("peer=") }) else { continue }
      lines[String(peer.dropFirst("peer=".count)), default: []].append(line)
    }
    return lines
  }

  /// That the log has one line about each peer, which tells the reason; or none at all, where there is none to tell.
  ///
  /// - Parameter start: bytes of the log before that.
  func expectOneLine(
    about peers: [String], telling reason: String?, after start: UInt64
  ) async throws {
    var lines = try linesByPeer(after: start)
    for _ in 0..<200 where reason != nil && !peers.allSatisfy(lines.keys.contains) {
      try await Task.sleep(for: .milliseconds(100))
      lines = try linesByPeer(after: start)
    }
    for peer in peers {
      let told = lines[peer] ?? []
      #expect(told.count == (reason == nil ? 0 : 1), "\(peer): \(told)")
      if let reason { #expect(told.allSatisfy { $0.contains(reason) }, "\(told)") }
    }
  }

  // MARK: - Attacks

  /// The device that goes through its sessions during an attack.
  private final class Neighbour: Sendable {
    private struct State {
      var isAttacked = false
      var served = 0
      var isDone = false
    }

    private let state = Mutex(State())

    /// Sessions that began and ended while the attack went on.
    var served: Int { state.withLock(\.served) }
    var isDone: Bool { state.withLock(\.isDone) }

    func attackBegins() { state.withLock { $0.isAttacked = true } }
    func attackEnds() { state.withLock { $0.isDone = true } }

    func live(_ port: Int) async throws {
      let device = PlainDevice(serial: "NEIGHBOUR")
      defer { attackEnds() }
      while !state.withLock(\.isDone) {
        let isMeanwhile = state.withLock(\.isAttacked)
        try await device.callHome(port)
        if isMeanwhile { state.withLock { $0.served += 1 } }
      }
    }
  }

  /// Attacks again and again, each time from another address, until a device that behaves has been served meanwhile.
  ///
  /// - Parameters:
  ///   - number: tells the addresses of this attack from those of others.
  ///   - bound: MiB.
  ///   - times: how often at the least.
  ///   - reason: what the one line about each address tells; nil: there is none.
  ///   - shot: returns the status of the answer, if any.
  func withstands(
    _ name: String, number: Int, atMost bound: Int, times: Int = 3, status: Int,
    reason: String?, _ shot: @escaping @Sendable (_ source: String) async throws -> Int?
  ) async throws {
    let neighbour = Neighbour()
    try await PlainDevice(serial: "NEIGHBOUR").callHome(port)
    let logSize = try logSize()
    var sources: [String] = []
    try await cost(of: name, atMost: bound) {
      async let life: Void = neighbour.live(port)
      defer { neighbour.attackEnds() }
      while sources.count < times || (neighbour.served == 0 && !neighbour.isDone) {
        let source = "127.\(number).\(sources.count / 250 + 1).\(sources.count % 250 + 1)"
        sources.append(source)
        neighbour.attackBegins()
        #expect(try await shot(source) == status, "\(name)")
        guard sources.count < 5_000, program.isRunning else { break }
      }
      neighbour.attackEnds()
      try await life
    }
    #expect(neighbour.served > 0, "\(name): no other device was served")
    try await expectOneLine(about: sources, telling: reason, after: logSize)
  }
}

/// Runs a suite against one server.
struct ServerUnderAttack: SuiteTrait, TestScoping {
  /// How long a request may take to arrive.
  var patience: String

  func provideScope(
    for test: Test, testCase: Test.Case?, performing tests: @Sendable () async throws -> Void
  ) async throws {
    let site = try Installation()
    defer { site.remove() }
    let program = try site.startFromShell([
      "--cwmp-enrolment", "open", "--cwmp-request-timeout", patience, "--log-level", "notice",
      "--cwmp-refusal-lines", "100000",
      // All files that the process may open are for CPEs.
      "--usp-web-socket", "false",
    ])
    try #require(try await program.waits(for: "acsctl --help"), "\(program.text)")
    do {
      try await AttackedServer.$current.withValue(AttackedServer(site: site, program: program)) {
        try await tests()
      }
    } catch {
      // What the server has to say about it goes with it.
      print(program.text.suffix(4_000))
      throw error
    }
    program.signal(SIGTERM)
    #expect(try await program.wait() == 0, "\(program.text.suffix(4_000))")
  }
}

extension Trait where Self == ServerUnderAttack {
  static func serverUnderAttack(patience: String) -> ServerUnderAttack {
    ServerUnderAttack(patience: patience)
  }
}
