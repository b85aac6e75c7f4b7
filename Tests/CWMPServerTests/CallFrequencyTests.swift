import NIOCore
import Testing

@testable import CWMPServer

@Suite struct CallFrequencyTests {
  private static let start = NIODeadline.uptimeNanoseconds(1_000)

  @Test func itIsNoticedOnceAMinute() {
    let frequency = CallFrequency(limit: 3)
    func call(_ device: Int64, after seconds: Int64) -> Bool {
      frequency.reachesLimit(device, now: Self.start + .seconds(seconds))
    }
    #expect([0, 1, 2, 3, 59].map { call(7, after: $0) } == [false, false, true, false, false])
    // Another device, and another minute.
    #expect([0, 1, 2].map { call(8, after: $0) } == [false, false, true])
    #expect([60, 61, 119].map { call(7, after: $0) } == [false, false, true])
  }

  @Test func itCanBeTurnedOff() {
    let frequency = CallFrequency(limit: 0)
    #expect(!(0..<100).contains { _ in frequency.reachesLimit(1, now: Self.start) })
  }
}
