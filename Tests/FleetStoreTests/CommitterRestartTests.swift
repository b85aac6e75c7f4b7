import Fleet
import Foundation
import Logging
import Postgres
import Synchronization
import Testing

@testable import FleetStore

/// Batches that start again after the names of new devices, and the answers with which they came, are committed.
@Suite struct CommitterRestartTests {
  private static let now = StoreFixture.start

  private static func contact(_ serial: String, session: Int64, address: String = "192.0.2.1")
    -> Contact
  {
    Contact(
      identity: DeviceIdentity(
        name: "00D09E-Box-\(serial)", manufacturer: "Acme", oui: "00D09E", productClass: "Box",
        serialNumber: serial),
      protocolName: "cwmp", root: "Device.", reasons: .periodic, reasonTexts: ["test"],
      values: [], session: session, address: address, at: now)
  }

  /// One call of a batch.
  private struct Call {
    var serial: String
    var answer: Int64?
    var session: Int64 = 1
    var address = "192.0.2.1"

    /// PostgreSQL can't hold what it tells.
    static func refused(_ serial: String) -> Call {
      Call(serial: serial, address: "\u{0}")
    }
  }

  private enum End: Equatable {
    case admitted
    case failed(StoreError.Code)
  }

  /// What becomes of calls that are one batch.
  private static func ends(of calls: [Call], in store: FleetStore, at database: String) async
    -> [End?]
  {
    let queue = CommitQueue<Committer.Job>(limit: 100)
    let ends = Mutex<[End?]>(Array(repeating: nil, count: calls.count))
    for (index, call) in calls.enumerated() {
      let job = Committer.ContactJob(
        contact: contact(call.serial, session: call.session, address: call.address),
        mayCreate: true, proof: .shared,
        answer: call.answer.map { ChallengeAnswer(fingerprint: $0, until: now + 60) }
      ) { result in
        let end: End =
          switch result {
          case .success: .admitted
          case .failure(let error): .failed(error.code)
          }
        ends.withLock { $0[index] = end }
      }
      _ = queue.add(.contact(job))
    }
    queue.close()
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let quiet = logger
    let facts = store.facts
    await withCheckedContinuation { continuation in
      Thread {
        Committer(
          queue: queue, configuration: ConnectionConfiguration(database),
          settings: .init(
            delay: .zero, batch: 100, maxVolatileSize: 4_096, readRetryDelay: 60,
            initialBatchSize: 256),
          facts: facts, logger: quiet
        ).run()
        continuation.resume()
      }.start()
    }
    return ends.withLock { $0 }
  }

  private static func run(_ calls: [Call], _ body: ([End?], FleetStore) async throws -> Void)
    async throws
  {
    let database = try await TemporaryCluster.newDatabase()
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let store = try await FleetStore.open(
      database, settings: StoreFixture.settings, logger: logger)
    try await body(await ends(of: calls, in: store, at: database), store)
    await store.close()
  }

  private static func taken(_ store: FleetStore) async throws -> [Int64] {
    try await store.pool.query("SELECT answer FROM taken_answer ORDER BY answer")
      .map { try $0.int64(0) }
  }

  @Test func aCallThatTheDatabaseRefusesMakesNoReplayOfTheOthers() async throws {
    let calls = [Call(serial: "1", answer: 1), Call(serial: "2", answer: 2), .refused("3")]
    try await Self.run(calls + [Call(serial: "4", answer: 4)]) {
      (ends: [End?], store: FleetStore) async throws in
      #expect(ends == [.admitted, .admitted, .failed(.database), .admitted])
      #expect(try await Self.taken(store) == [1, 2, 4])
    }
  }

  /// Also where the two come into different halves of the batch.
  @Test(arguments: ["1", "2"])
  func anAnswerThatIsShownTwiceStaysAReplay(second: String) async throws {
    let calls = [
      Call(serial: "1", answer: 1), Call(serial: second, answer: 1, session: 2), .refused("3"),
      .refused("4"),
    ]
    try await Self.run(calls) { (ends: [End?], store: FleetStore) async throws in
      #expect(
        ends == [.admitted, .failed(.replayed), .failed(.database), .failed(.database)])
      #expect(try await Self.taken(store) == [1])
    }
    try await Self.run([calls[0], .refused("5"), calls[1]]) { ends, _ in
      #expect(ends == [.admitted, .failed(.database), .failed(.replayed)])
    }
  }

  /// The one that makes the device known shows a certificate, the other an answer.
  @Test func theAnswerOfASecondCallIsTakenToo() async throws {
    try await Self.run([Call(serial: "1"), Call(serial: "1", answer: 5, session: 2)]) {
      (ends: [End?], store: FleetStore) async throws in
      #expect(ends == [.failed(.superseded), .admitted])
      #expect(try await Self.taken(store) == [5])
    }
  }
}
