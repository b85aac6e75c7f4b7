import CWMP
import Fleet
import FleetStore
import Logging
import NIOCore

/// How a session waits for the store.
extension Conversation {
  /// Runs work of the store off the loop and goes on, on the loop, with what it returns.
  func attempt<Value: Sendable>(
    _ failure: String, _ work: @escaping @Sendable (Door) async throws -> Value,
    then next: @escaping @Sendable (Conversation, Value) -> Void
  ) {
    let loop = loop
    let door = door
    Task {
      let result: Result<Value, any Error>
      do {
        result = .success(try await work(door))
      } catch {
        result = .failure(error)
      }
      loop.execute { [self] in
        guard !session.isOver else { return }
        switch result {
        case .success(let value): next(self, value)
        case .failure(let error):
          giveUp(error as? StoreError ?? StoreError(.database, "\(failure): \(error)"))
        }
      }
    }
  }

  /// Ends the session because the store can't take or give what it needs; the device comes again later.
  func giveUp(_ error: StoreError) {
    if error.code == .superseded {
      perform(session.superseded())
      return
    }
    door.logger.error(
      "a session can't go on",
      metadata: ["device": "\(name)", "peer": "\(peer)", "error": "\(error)"])
    _ = session.timedOut()
    run = nil
    purpose = nil
    end()
    answer(device == nil ? door.postponed() : .busy(retryAfter: door.retryDelay()))
  }
}
