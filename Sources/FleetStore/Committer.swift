import Fleet
import Foundation
import Logging
import Postgres

/// Commits what sessions bring in batches: one read, one transaction, and only then the answers.
///
/// It has a thread and a connection of its own. Contacts and writes are spread over committers by the device's name, so that neither
/// overtakes the other; a session waits for one before it comes with the next. `device_state.revision` tells a writer that another one, here or on another node, was
/// faster.
final class Committer {
  struct Settings: Sendable {
    /// How long to wait for company once a first job is there, while the traffic is such that company comes.
    var delay: Duration
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
    var proof: ContactProof
    var answer: ChallengeAnswer?
    var attempts = 0
    /// Set once the job turned out to need the device's tree.
    var needsChunks = false
    var completion: @Sendable (Result<AdmittedContact, StoreError>) -> Void
  }

  struct WriteJob {
    var write: SessionWrite
    var attempts = 0
    var completion: @Sendable (Result<Void, StoreError>) -> Void
  }

  /// Delays after a lone job in which the next one counts as company.
  private static let patience = 4

  /// How often a job starts again because another writer was faster.
  private static let maxAttempts = 25

  let settings: Settings
  let facts: FactTable
  private let queue: CommitQueue<Job>
  private let configuration: ConnectionConfiguration
  let logger: Logger
  private var connection: Connection?
  /// Whether the last batch failed because the database is away; said once.
  private var isAway = false
  let codec = TreeCodec()
  /// Answers that were committed with the names of new devices, while the calls that brought them are not: a batch may start again
  /// after that, and must not take them for shown twice.
  var takenWithNames: Set<Int64> = []

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
      patience: lastSize > 1 ? nil : settings.delay * Self.patience)
    {
      commit(jobs)
      takenWithNames = []
      lastSize = jobs.count
    }
    connection = nil
  }

  private func commit(_ jobs: [Job], attempt: Int = 1) {
    do {
      try commitTogether(jobs)
      isAway = false
    } catch let error as PostgresError {
      // Two nodes were shown one answer in the same moment: the next load knows it.
      let isAnswerTaken = error.code == .constraint("taken_answer_pkey")
      if error.code == .serialization || isAnswerTaken, attempt < Self.maxAttempts {
        commit(jobs, attempt: attempt + 1)
        return
      }
      let storeError = StoreError(error)
      if storeError.code == .unavailable {
        connection = nil
        if !isAway { logger.error("batches can't be committed", metadata: ["error": "\(error)"]) }
        isAway = true
        for job in jobs { job.fail(storeError) }
      } else if jobs.count == 1 {
        logger.error("a write was refused", metadata: ["error": "\(error)"])
        jobs[0].fail(storeError)
      } else {
        // One job that the database refuses must take neither the others with it nor much of the committer's time.
        let (first, second) = (jobs[..<(jobs.count / 2)], jobs[(jobs.count / 2)...])
        commit(Array(first))
        // Whoever shows one of these in the second half has not been the first.
        takenWithNames.subtract(first.compactMap { $0.answer?.fingerprint })
        commit(Array(second))
      }
    } catch {
      for job in jobs { job.fail(StoreError(.database, "\(error)")) }
    }
  }

  private func commitTogether(_ jobs: [Job]) throws {
    let start = ContinuousClock.now
    let connection = try openConnection()
    var batch = try load(jobs, on: connection)
    try loadChunks(for: &batch, on: connection)
    let changes = plan(&batch)
    let written = try write(changes, on: connection)
    StoreMetrics.committed(jobs: jobs.count, in: ContinuousClock.now - start)
    StoreMetrics.count(changes.tasks.lazy.filter { written[$0.deviceID] != nil })
    finish(batch, written: written)
  }

  private func openConnection() throws -> Connection {
    // One that was idle while the server restarted would fail the next batch for nothing.
    if let connection, connection.isAlive() { return connection }
    let opened = try Connection.connect(configuration)
    connection = opened
    return opened
  }

  /// Answers the jobs that are committed and sends those back that read too early or share a device with another.
  /// - Parameter written: for each device that was written, whether it has open work.
  private func finish(_ batch: Batch, written: [Device.ID: Bool]) {
    for job in batch.superseded {
      job.fail(StoreError(.superseded, "a newer session of the device has begun"))
    }
    for job in batch.replayed {
      job.fail(StoreError(.replayed, "the answer to a challenge has been taken before"))
    }
    var again: [Job] = []
    for item in batch.items {
      if let failure = item.failure {
        item.job.fail(failure)
      } else if let hasOpenWork = written[item.deviceID], !item.needsRetry {
        StoreMetrics.count(.committed)
        item.succeed(hasOpenWork: hasOpenWork)
      } else {
        var job = item.job
        job.countAttempt(needsChunks: item.needsRetry)
        // Taken when the device was made known.
        if item.answers.isEmpty { job.answer = nil }
        if job.attempts < Self.maxAttempts {
          again.append(job)
        } else {
          job.fail(StoreError(.unavailable, "too many writers contend for one device"))
        }
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

  var answer: ChallengeAnswer? {
    get {
      if case .contact(let job) = self { job.answer } else { nil }
    }
    set {
      guard case .contact(var job) = self else { return }
      job.answer = newValue
      self = .contact(job)
    }
  }

  mutating func countAttempt(needsChunks: Bool) {
    switch self {
    case .contact(var job):
      job.attempts += 1
      job.needsChunks = job.needsChunks || needsChunks
      self = .contact(job)
    case .write(var job):
      job.attempts += 1
      self = .write(job)
    }
  }

  func fail(_ error: StoreError) {
    StoreMetrics.count(error.isRefusal ? .refused : .failed)
    switch self {
    case .contact(let job): job.completion(.failure(error))
    case .write(let job): job.completion(.failure(error))
    }
  }
}
