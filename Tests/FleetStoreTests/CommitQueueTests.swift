import Foundation
import Testing

@testable import FleetStore

@Suite struct CommitQueueTests {
  @Test func itTakesNoMoreThanItsLimit() {
    let queue = CommitQueue<Int>(limit: 2)
    #expect(queue.add(1))
    #expect(queue.add(2))
    #expect(!queue.add(3))
    #expect(queue.next(atMost: 1, delay: .zero) == [1])
    #expect(queue.add(4))
  }

  @Test func aClosedQueueIsEmptiedAndTakesNothing() {
    let queue = CommitQueue<Int>(limit: 10)
    #expect(queue.add(1))
    queue.close()
    #expect(!queue.add(2))
    #expect(queue.next(atMost: 10, delay: .seconds(60)) == [1])
    #expect(queue.next(atMost: 10, delay: .seconds(60)) == nil)
  }

  @Test func aFullBatchDoesNotWait() {
    let queue = CommitQueue<Int>(limit: 10)
    for job in 1...3 { _ = queue.add(job) }
    #expect(queue.next(atMost: 3, delay: .seconds(3_600)) == [1, 2, 3])
  }

  @Test func companyIsWaitedFor() async {
    let queue = CommitQueue<Int>(limit: 10)
    _ = queue.add(1)
    let batch = await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(returning: queue.next(atMost: 2, delay: .seconds(3_600)))
      }
      Thread.detachNewThread { _ = queue.add(2) }
    }
    #expect(batch == [1, 2])
  }

  @Test func nobodyIsWaitedForLongerThanTheDelay() {
    let queue = CommitQueue<Int>(limit: 10)
    _ = queue.add(1)
    #expect(queue.next(atMost: 2, delay: .milliseconds(1)) == [1])
  }

  @Test func whatIsPutBackComesFirst() {
    let queue = CommitQueue<Int>(limit: 10)
    _ = queue.add(3)
    queue.putBack([1, 2])
    #expect(queue.next(atMost: 10, delay: .zero) == [1, 2, 3])
  }
}
