import Fleet
import Foundation
import Logging
import Postgres

/// Commits what sessions bring in batches: one read, one transaction, and only then the answers.
///
/// It has a thread and a connection of its own. Contacts are spread over committers by name, other writes by key; a session waits
/// for one before it comes with the next. `device_state.revision` tells a writer that another one, here or on another node, was
/// faster.
final class Committer {
  struct Settings: Sendable {
    /// Seconds to wait for company once a first job is there, while the traffic is such that company comes.
    var delay: Double
    var batch: Int
    var maxVolatileSize: Int
    /// Seconds before a reading of the tree that did not come to its end is tried again; doubles with each attempt.
    var readRetryDelay: Double
    var initialBatchSize: Int
  }

  enum Job {
    case contact(ContactJob)
    case write(WriteJob)
  }

  struct ContactJob {
    var contact: Contact
    var mayCreate: Bool
    var attempts = 0
    var completion: @Sendable (Result<AdmittedContact, StoreError>) -> Void
  }

  struct WriteJob {
    var write: SessionWrite
    var attempts = 0
    var completion: @Sendable (Result<Void, StoreError>) -> Void
  }

  /// Delays after a lone job in which the next one counts as company.
  private static let patience = 4.0

  /// How often a job starts again because another writer was faster.
  private static let maxAttempts = 5

  let settings: Settings
  let facts: FactTable
  private let queue: CommitQueue<Job>
  private let configuration: ConnectionConfiguration
  private let logger: Logger
  private var connection: Connection?
  let codec = TreeCodec()

  init(
    queue: CommitQueue<Job>, configuration: ConnectionConfiguration, settings: Settings,
    facts: FactTable, logger: Logger
  ) {
    self.queue = queue
    self.configuration = configuration
    self.settings = settings
    self.facts = facts
    self.logger = logger
  }

  /// Runs until the queue is closed and empty.
  func run() {
    var lastSize = 0
    while let jobs = queue.next(
      atMost: settings.batch, delay: settings.delay,
      patience: lastSize > 1 ? .infinity : Self.patience * settings.delay)
    {
      commit(jobs)
      lastSize = jobs.count
    }
    connection = nil
  }

  private func commit(_ jobs: [Job]) {
    do {
      try commitTogether(jobs)
    } catch let error as PostgresError {
      let storeError = StoreError(error)
      if storeError.code == .unavailable {
        connection = nil
        logger.error("a batch could not be committed", metadata: ["error": "\(error)"])
        for job in jobs { job.fail(storeError) }
      } else if jobs.count == 1 {
        logger.error("a write was refused", metadata: ["error": "\(error)"])
        jobs[0].fail(storeError)
      } else {
        // One job that the database refuses must not take the others with it.
        for job in jobs { commit([job]) }
      }
    } catch {
      for job in jobs { job.fail(StoreError(.database, "\(error)")) }
    }
  }

  private func commitTogether(_ jobs: [Job]) throws {
    let connection = try openConnection()
    var batch = try load(jobs, on: connection)
    try loadChunks(for: &batch, on: connection)
    let changes = plan(&batch)
    let stale = try write(changes, of: batch, on: connection)
    finish(batch, stale: stale)
  }

  private func openConnection() throws -> Connection {
    if let connection { return connection }
    let opened = try Connection.connect(configuration)
    connection = opened
    return opened
  }

  /// Answers the jobs that are committed and sends those back that read too early or share a device with another.
  private func finish(_ batch: Batch, stale: Set<Device.ID>) {
    var again: [Job] = []
    for item in batch.items {
      if let failure = item.failure {
        item.job.fail(failure)
      } else if item.state == nil || stale.contains(item.deviceID) {
        var job = item.job
        job.countAttempt()
        if job.attempts < Self.maxAttempts {
          again.append(job)
        } else {
          job.fail(StoreError(.unavailable, "too many writers contend for one device"))
        }
      } else {
        item.succeed()
      }
    }
    // What was deferred came later than what starts again.
    again += batch.deferred
    if !again.isEmpty { queue.putBack(again) }
  }
}

extension Committer.Job {
  var attempts: Int {
    switch self {
    case .contact(let job): job.attempts
    case .write(let job): job.attempts
    }
  }

  mutating func countAttempt() {
    switch self {
    case .contact(var job):
      job.attempts += 1
      self = .contact(job)
    case .write(var job):
      job.attempts += 1
      self = .write(job)
    }
  }

  func fail(_ error: StoreError) {
    switch self {
    case .contact(let job): job.completion(.failure(error))
    case .write(let job): job.completion(.failure(error))
    }
  }
}

/// Seconds of a clock that no one sets.
func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
