import Foundation

/// Jobs for a committer, gathered so that many share one transaction.
///
/// Every access to the state is under the condition's lock, which makes the class safe to share.
final class CommitQueue<Job>: @unchecked Sendable {
  private let condition = NSCondition()
  private var jobs: [Job] = []
  private var isClosed = false
  /// How many jobs wake the committer: one while it is idle, a full batch while it waits for company. Each wake-up that is saved is a
  /// switch of threads less.
  private var wakeUpAt = 1
  private let limit: Int

  init(limit: Int) {
    self.limit = limit
  }

  /// - Returns: false if the queue is full or closed; the job was not taken.
  func add(_ job: sending Job) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    guard !isClosed, jobs.count < limit else { return false }
    jobs.append(job)
    if jobs.count >= wakeUpAt { condition.signal() }
    return true
  }

  /// Puts jobs back that a batch could not take, ahead of the others.
  func putBack(_ deferred: [Job]) {
    condition.lock()
    defer { condition.unlock() }
    jobs.insert(contentsOf: deferred, at: 0)
    condition.signal()
  }

  func close() {
    condition.lock()
    defer { condition.unlock() }
    isClosed = true
    condition.broadcast()
  }

  /// Waits for jobs; once one is there, waits for more until the batch is full or the delay is over.
  /// - Parameter delay: seconds; 0 takes what is there.
  /// - Parameter patience: seconds; a first job that comes later than this is taken at once: it is alone.
  /// - Returns: nil once the queue is closed and empty.
  func next(atMost size: Int, delay: Double, patience: Double = .infinity) -> [Job]? {
    condition.lock()
    defer { condition.unlock() }
    let idleSince = monotonicSeconds()
    while jobs.isEmpty {
      if isClosed { return nil }
      condition.wait()
    }
    if delay > 0, monotonicSeconds() - idleSince <= patience {
      let end = Date(timeIntervalSinceNow: delay)
      wakeUpAt = size
      while jobs.count < size, !isClosed, condition.wait(until: end) {}
      wakeUpAt = 1
    }
    let batch = Array(jobs.prefix(size))
    jobs.removeFirst(batch.count)
    return batch
  }
}
