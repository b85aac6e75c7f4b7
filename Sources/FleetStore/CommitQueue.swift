import Postgres

/// Jobs for a committer, gathered so that many share one transaction.
final class CommitQueue<Job>: Sendable {
  private struct Content {
    var jobs: [Job] = []
    var isClosed = false
    /// How many jobs wake the committer: one while it is idle, a full batch while it waits for company. Each wake-up that is saved
    /// is a switch of threads less.
    var wakeUpAt = 1
  }

  private let content = Monitor(Content())
  private let limit: Int

  init(limit: Int) {
    self.limit = limit
  }

  /// - Parameter beyondLimit: takes the job although the queue is full.
  /// - Returns: false if the queue is full or closed; the job was not taken.
  func add(_ job: Job, beyondLimit: Bool = false) -> Bool {
    let limit = beyondLimit ? Int.max : limit
    let (isTaken, wakesUp) = content.withLock { content in
      guard !content.isClosed, content.jobs.count < limit else { return (false, false) }
      content.jobs.append(job)
      return (true, content.jobs.count >= content.wakeUpAt)
    }
    if wakesUp { content.signal() }
    return isTaken
  }

  /// Puts jobs back that a batch could not take, ahead of the others.
  func putBack(_ deferred: [Job]) {
    content.withLock { $0.jobs.insert(contentsOf: deferred, at: 0) }
    content.signal()
  }

  var count: Int { content.withLock { $0.jobs.count } }

  func close() {
    content.withLock { $0.isClosed = true }
    content.broadcast()
  }

  /// Waits for jobs; once one is there, waits for more until the batch is full or the delay is over.
  /// - Parameter patience: a first job that comes later than this is taken at once: it is alone.
  /// - Returns: nil once the queue is closed and empty.
  func next(atMost size: Int, delay: Duration, patience: Duration? = nil) -> [Job]? {
    let lonely = patience.map { MonotonicTime.now + $0 }
    let hasJobs = content.wait { content -> Bool? in
      if !content.jobs.isEmpty { return true }
      return content.isClosed ? false : nil
    }
    guard hasJobs == true else { return nil }
    if delay > .zero, lonely.map({ .now < $0 }) ?? true {
      content.withLock { $0.wakeUpAt = size }
      _ = content.wait(until: .now + delay) { content -> Bool? in
        content.jobs.count >= size || content.isClosed ? true : nil
      }
    }
    return content.withLock { content in
      content.wakeUpAt = 1
      let batch = Array(content.jobs.prefix(size))
      content.jobs.removeFirst(batch.count)
      return batch
    }
  }
}
