import Glibc

/// State behind a lock, with conditions that threads wait for.
///
/// `@unchecked Sendable`: `state` is touched only with the mutex held, and mutex and conditions live
/// at fixed addresses until the last reference is gone.
package final class Monitor<State>: @unchecked Sendable {
  private var state: State
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let conditions: UnsafeMutablePointer<pthread_cond_t>
  private let conditionCount: Int

  /// - Parameter conditions: How many conditions there are to wait for; they are named 0 and up.
  package init(_ state: State, conditions conditionCount: Int = 1) {
    self.state = state
    self.conditionCount = conditionCount
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    conditions = .allocate(capacity: conditionCount)
    conditions.initialize(repeating: pthread_cond_t(), count: conditionCount)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    for index in 0..<conditionCount { pthread_cond_init(conditions + index, &attributes) }
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    for index in 0..<conditionCount { pthread_cond_destroy(conditions + index) }
    conditions.deallocate()
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  package func withLock<Result>(_ body: (inout State) -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body(&state)
  }

  /// Tries `body` again each time the condition is signalled until it gives a value; nil when
  /// `deadline` passes first.
  package func wait<Result>(
    for condition: Int = 0, until deadline: MonotonicTime? = nil,
    _ body: (inout State) -> Result?
  ) -> Result? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let result = body(&state) { return result }
      if let deadline {
        if deadline <= .now { return nil }
        var time = deadline.timespec
        pthread_cond_timedwait(conditions + condition, mutex, &time)
      } else {
        pthread_cond_wait(conditions + condition, mutex)
      }
    }
  }

  package func signal(_ condition: Int = 0) {
    pthread_cond_signal(conditions + condition)
  }

  package func broadcast(_ condition: Int = 0) {
    pthread_cond_broadcast(conditions + condition)
  }
}
