import CLibPQ

/// Stops what a connection is doing, from any thread.
///
/// `@unchecked Sendable`: the PGcancel is reached inside the monitor only, and libpq allows `PQcancel`
/// on any thread.
package final class StatementCanceller: @unchecked Sendable {
  private struct State {
    var handle: OpaquePointer?
    var isRequested = false
    var use = 0
  }

  private let state = Monitor(State())

  init() {}

  deinit {
    state.withLock { PQfreeCancel($0.handle) }
  }

  /// True once `cancel` was called, until `reset`. While a cancellation is on its way, this waits for
  /// it, so that it can't hit a statement that is sent afterwards.
  package var isRequested: Bool { state.withLock { $0.isRequested } }

  /// Asks the server to stop the statement under way, and has the connection refuse further
  /// statements until `reset`. Blocks for a round trip to the server.
  package func cancel() {
    state.withLock { Self.cancel(&$0) }
  }

  /// Lets the connection take statements again.
  package func reset() {
    state.withLock { $0.isRequested = false }
  }

  /// Begins a use of the connection by someone, who is known by the number returned.
  func beginUse() -> Int {
    state.withLock { state in
      state.isRequested = false
      state.use += 1
      return state.use
    }
  }

  /// After this, `cancel(use:)` with the number of the use that ends does nothing.
  func endUse() {
    state.withLock { state in
      state.isRequested = false
      state.use += 1
    }
  }

  /// `cancel` if the connection is still used by the same.
  func cancel(use: Int) {
    state.withLock { if $0.use == use { Self.cancel(&$0) } }
  }

  /// Follows the connection to a new session, or to none.
  func attach(to connection: OpaquePointer?) {
    state.withLock { state in
      PQfreeCancel(state.handle)
      state.handle = connection.flatMap { PQgetCancel($0) }
    }
  }

  private static func cancel(_ state: inout State) {
    state.isRequested = true
    guard let handle = state.handle else { return }
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { reason in
      // A server that can't be reached is noticed by the connection itself.
      _ = PQcancel(handle, reason.baseAddress, Int32(reason.count))
    }
  }
}
