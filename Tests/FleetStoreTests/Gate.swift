import Foundation

/// Lets a test hold a thread of the store at a certain place.
///
/// Every access to the state is under the condition's lock, which makes the class safe to share.
final class Gate: @unchecked Sendable {
  private let condition = NSCondition()
  private var isOpen = false
  private var isClosed = false

  func open() {
    condition.withLock {
      isOpen = true
      condition.broadcast()
    }
  }

  func close() {
    condition.withLock {
      isClosed = true
      condition.broadcast()
    }
  }

  /// Blocks the calling thread, which must be one of the store's.
  func waitUntilClosed() {
    condition.lock()
    while !isClosed { condition.wait() }
    condition.unlock()
  }

  func waitUntilOpen() async {
    while !condition.withLock({ isOpen }) { await Task.yield() }
  }
}
