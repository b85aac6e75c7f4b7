import CLibPQ
import Glibc

/// A thread of its own for calls that block.
enum OwnThread {
  /// Runs `body` on a new thread, which ends with it.
  ///
  /// Threads of this kind have all signals blocked, so that a signal always reaches the threads that
  /// expect it and never interrupts a call to the server.
  ///
  /// - Parameter name: At most 15 bytes are shown.
  static func start(name: String, _ body: @escaping @Sendable () -> Void) throws(PostgresError) {
    var thread = pthread_t()
    let start = Start(name: name, body: body)
    let argument = Unmanaged.passRetained(start)
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        fairlead_name_thread(start.name)
        start.body()
        return nil
      }, argument.toOpaque())
    pthread_sigmask(SIG_SETMASK, &before, nil)
    guard code == 0 else {
      argument.release()
      throw PostgresError(
        .insufficientResources, "no thread could be started: \(String(cString: strerror(code)))")
    }
    pthread_detach(thread)
  }

  /// Runs `body` on a new thread and waits for its result without blocking a thread of tasks.
  static func result<Result: Sendable>(
    name: String, _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      do {
        try start(name: name) {
          continuation.resume(with: Swift.Result { try body() })
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  private final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }
}
