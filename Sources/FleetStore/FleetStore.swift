import Cryptography
import Fleet
import Foundation
import Logging
import Migrations
import Postgres

/// The fleet in PostgreSQL: devices, trees, work, history.
///
/// Reads and rare writes borrow a connection of the pool; what sessions bring home goes through committers, which gather the
/// writes of many sessions into one transaction.
package final class FleetStore: Sendable {
  package struct Settings: Sendable {
    package var connections = 8
    /// Threads that commit what sessions bring home, each with a connection of its own.
    package var committers = 1
    /// Seconds that a committer waits for company while the traffic is such that company comes.
    package var commitDelay = 0.005
    /// Devices in one transaction at the most.
    package var commitBatch = 128
    /// Sessions that wait for a committer at the most; further ones are refused.
    package var queueLimit = 10_000
    /// Bytes of the values that stand above the tree in a device's hot row.
    package var maxVolatileSize = 4_096
    package var statementTimeout = Duration.seconds(30)
    /// Names of the parameters by which devices are searched; see ``Facts``.
    package var facts = Facts.standard
    /// Values asked for in one request of a device that is new.
    package var initialBatchSize = 256
    /// Seconds before the tree of a device is read again after an attempt that did not come to its end.
    package var readRetryDelay = 60.0
    package var policy = TaskPolicy.standard
    /// Seconds that a device has to call for the task of a rollout before its place goes to another.
    package var rolloutCallWithin = 600.0
    /// Seconds until a device that found no place in its rollout is asked to call again.
    package var rolloutPlacePause = 300.0
    /// Seconds that a session waits while a rollout is busy giving places to others.
    package var rolloutPlaceWait = 10.0
    /// Seconds that a rollout's own turn waits while devices are given its places: each holds its row for a moment, and more may
    /// come without end.
    package var rolloutTurnWait = 2.0
    /// Devices of one rollout that have not called in time and hold no place, at the most.
    package var rolloutMaxAbsent = RolloutPlan.standardMaxAbsent

    package init() {}
  }

  package let pool: Pool
  package let settings: Settings
  let facts: FactTable
  let logger: Logger
  let rolloutTurns = RolloutTurns()
  private let queues: [CommitQueue<Committer.Job>]
  private let committers = DispatchGroup()

  private init(
    pool: Pool, settings: Settings, facts: FactTable, queues: [CommitQueue<Committer.Job>],
    logger: Logger
  ) {
    self.pool = pool
    self.settings = settings
    self.facts = facts
    self.queues = queues
    self.logger = logger
  }

  /// Migrates the database and gets ready.
  /// - Parameter connectionString: libpq's form.
  /// - Throws: ``PostgresError``, for example where the schema is newer than this release.
  package static func open(
    _ connectionString: String, settings: Settings = Settings(), logger: Logger
  ) async throws -> FleetStore {
    let configuration = ConnectionConfiguration(
      connectionString, statementTimeout: settings.statementTimeout)
    let migrator = try Migrator(
      embeddedMigrations.map {
        Migration(
          version: $0.version, name: $0.name, sql: String(decoding: $0.sql, as: UTF8.self))
      }, logger: logger)
    // It blocks, perhaps for as long as another node migrates.
    _ = try await Task.detached(operation: { try migrator.migrate(configuration) }).value
    let pool = try Pool(
      configuration, limits: PoolLimits(connections: settings.connections), logger: logger)
    do {
      let facts = try await FactTable.load(naming: settings.facts, from: pool)
      let store = FleetStore(
        pool: pool, settings: settings, facts: facts,
        queues: (0..<max(1, settings.committers)).map { _ in
          CommitQueue(limit: settings.queueLimit)
        },
        logger: logger)
      store.startCommitters(configuration)
      return store
    } catch {
      await pool.close()
      throw error
    }
  }

  /// Jobs that wait for a committer.
  package var queuedJobs: Int { queues.reduce(0) { $0 + $1.count } }

  private func startCommitters(_ configuration: ConnectionConfiguration) {
    for (number, queue) in queues.enumerated() {
      let committerSettings = Committer.Settings(
        delay: .seconds(settings.commitDelay), batch: settings.commitBatch,
        maxVolatileSize: settings.maxVolatileSize, readRetryDelay: settings.readRetryDelay,
        initialBatchSize: settings.initialBatchSize)
      let facts = facts
      let logger = logger
      let committers = committers
      committers.enter()
      let thread = Thread {
        defer { committers.leave() }
        Committer(
          queue: queue, configuration: configuration, settings: committerSettings, facts: facts,
          logger: logger
        ).run()
      }
      thread.name = "committer-\(number)"
      thread.stackSize = 1 << 20
      thread.start()
    }
  }

  /// Commits what is queued, then ends the connections.
  package func close() async {
    for queue in queues { queue.close() }
    await withCheckedContinuation { continuation in
      committers.notify(queue: .global()) { continuation.resume() }
    }
    await pool.close()
  }

  /// Commits a device's contact, together with the contacts of others.
  /// - Parameter mayCreate: makes a device known that is not; else that fails with `unknownDevice`.
  /// - Parameter proof: by what the device proved who it is.
  /// - Parameter answer: to the challenge with which it did; one that was taken before fails with `replayed`.
  /// - Parameter completion: runs after COMMIT, on a thread of the store; it must not block.
  package func admit(
    _ contact: Contact, mayCreate: Bool, proof: ContactProof = .nothing,
    answer: ChallengeAnswer? = nil,
    completion: @escaping @Sendable (Result<AdmittedContact, StoreError>) -> Void
  ) {
    let job = Committer.ContactJob(
      contact: contact, mayCreate: mayCreate, proof: proof, answer: answer, completion: completion)
    if !queue(for: contact.identity.name.utf8).add(.contact(job)) {
      completion(.failure(StoreError(.overloaded, "too many sessions wait for the database")))
    }
  }

  /// Commits what a session brings home.
  /// - Parameter completion: runs after COMMIT, on a thread of the store; it must not block.
  package func commit(
    _ write: SessionWrite,
    completion: @escaping @Sendable (Result<Void, StoreError>) -> Void
  ) {
    let job = Committer.WriteJob(write: write, completion: completion)
    // A session under way is not turned away; how many there are is bounded at the door.
    if !queue(for: write.deviceName.utf8).add(.write(job), beyondLimit: true) {
      completion(.failure(StoreError(.unavailable, "the store is closed")))
    }
  }

  package func admit(
    _ contact: Contact, mayCreate: Bool, proof: ContactProof = .nothing,
    answer: ChallengeAnswer? = nil
  ) async throws -> AdmittedContact {
    try await withCheckedThrowingContinuation { continuation in
      admit(contact, mayCreate: mayCreate, proof: proof, answer: answer) {
        continuation.resume(with: $0)
      }
    }
  }

  package func commit(_ write: SessionWrite) async throws {
    try await withCheckedThrowingContinuation { continuation in
      commit(write) { continuation.resume(with: $0) }
    }
  }

  private func queue(for name: String.UTF8View) -> CommitQueue<Committer.Job> {
    guard queues.count > 1 else { return queues[0] }
    var hash: UInt64 = 14_695_981_039_346_656_037
    for byte in name { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
    return queues[Int(truncatingIfNeeded: hash % UInt64(queues.count))]
  }
}
