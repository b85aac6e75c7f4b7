import NIOCore
import Synchronization

/// Lets tasks reach an event loop as long as it is there.
final class LoopGate: Sendable {
  private let isOpen = Mutex(true)
  private let eventLoop: any EventLoop

  init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

  /// Runs something on the loop; what comes after ``close()`` is dropped.
  func execute(_ body: @escaping @Sendable () -> Void) {
    isOpen.withLock { isOpen in
      if isOpen { eventLoop.execute(body) }
    }
  }

  /// Called before the loop ends.
  func close() { isOpen.withLock { $0 = false } }
}
