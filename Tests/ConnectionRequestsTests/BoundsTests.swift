import Testing

@testable import ConnectionRequests

/// What keeps memory and traffic bounded.
@Suite struct BoundsTests {
  @Test func aTableForgetsTheOldest() {
    var table = RecentTable<Int, Int>(limit: 10)
    for number in 0..<1000 {
      table[number] = number
      #expect(table.count <= 10)
    }
    #expect((995..<1000).allSatisfy { table[$0] == $0 })
    #expect(table[900] == nil)
    table[999] = nil
    #expect(table[999] == nil)
    table[995] = 7
    #expect(table[995] == 7)
  }

  @Test func whatIsWrittenAgainStays() {
    var table = RecentTable<Int, Int>(limit: 10)
    for number in 1..<1000 {
      table[0] = number
      table[number] = number
    }
    #expect(table[0] == 999)
  }

  @Test func aSourceHasItsRateAndItsBurst() {
    var allowance = SourceAllowance(rate: 10)
    let source: [UInt8] = [192, 0, 2, 1]
    let atOnce = (0..<100).count { _ in allowance.take(from: source, now: 5) }
    #expect(atOnce == 20)
    let later = (0..<100).count { _ in allowance.take(from: source, now: 6) }
    #expect(later == 10)
    // A clock that goes back gives nothing.
    let before = (0..<100).count { _ in allowance.take(from: source, now: 1) }
    #expect(before == 0)
  }

  @Test func addressesOfOneIPv6NetworkAreOneSource() {
    var allowance = SourceAllowance(rate: 10)
    let network: [UInt8] = [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 1]
    let taken = (UInt8(0)..<100).count { number in
      allowance.take(from: network + Array(repeating: number, count: 8), now: 1)
    }
    #expect(taken == 20)
  }

  @Test func theQueueKeepsItsOrder() {
    var queue = ConnectionRequestQueue()
    var taken: [Int] = []
    for round in 0..<5000 {
      queue.append(.init(device: 1, round: round, method: nil))
      if round % 3 != 0, let step = queue.popFirst() { taken.append(step.round) }
    }
    while let step = queue.popFirst() { taken.append(step.round) }
    #expect(taken == Array(0..<5000))
    #expect(queue.isEmpty)
  }
}
