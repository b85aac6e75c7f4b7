import Fleet
import FleetStore
import Testing

@testable import USPController

/// What has become of links, and what of that is to be written.
@Suite struct PresenceLedgerTests {
  private final class Link {}

  private let first = Link()
  private let second = Link()
  private var ledger = PresenceLedger()

  private func stay(_ device: Device.ID, session: Int64 = 1, since: Double) -> AgentStay {
    AgentStay(
      device: device, session: session, endpoint: "self::\(device)", transport: "mqtt",
      since: since)
  }

  private mutating func begin(
    _ device: Device.ID, _ link: Link, session: Int64 = 1, at time: Double
  ) {
    ledger.begin(stay(device, session: session, since: time), over: ObjectIdentifier(link))
  }

  private mutating func end(_ device: Device.ID, _ link: Link, at time: Double) {
    ledger.end(device, over: ObjectIdentifier(link), at: time)
  }

  @Test mutating func whatComesAndGoesIsWrittenOnce() {
    #expect(!ledger.isDue)
    begin(1, first, at: 10)
    #expect(ledger.isDue && ledger.counts == ["mqtt": 1])
    #expect(ledger.take(atMost: 9) == .init(stays: [stay(1, since: 10)]))
    #expect(!ledger.isDue && ledger.take(atMost: 9).isEmpty)
    end(1, first, at: 20)
    #expect(ledger.take(atMost: 9) == .init(leaves: [AgentLeave(device: 1, at: 20)]))
    #expect(!ledger.isDue && ledger.count == 0)
  }

  @Test mutating func onlyWhatIsSoAtTheEndIsWritten() {
    begin(1, first, at: 10)
    end(1, first, at: 11)
    begin(2, first, at: 10)
    end(2, first, at: 11)
    begin(2, first, at: 12)
    #expect(
      ledger.take(atMost: 9)
        == .init(stays: [stay(2, since: 12)], leaves: [AgentLeave(device: 1, at: 11)]))
  }

  @Test mutating func theEndOfAnOlderLinkChangesNothing() {
    begin(1, first, at: 10)
    begin(1, second, session: 2, at: 20)
    end(1, first, at: 30)
    end(7, first, at: 30)
    #expect(ledger.take(atMost: 9) == .init(stays: [stay(1, session: 2, since: 20)]))
  }

  @Test mutating func aLinkThatGoesOnIsAsOldAsItWas() {
    begin(1, first, at: 10)
    begin(1, first, session: 2, at: 20)
    #expect(ledger.take(atMost: 9) == .init(stays: [stay(1, session: 2, since: 10)]))
  }

  @Test mutating func aBatchHasABound() {
    for device in 1...5 { begin(Device.ID(device), first, at: 10) }
    for device in 6...8 {
      begin(Device.ID(device), first, at: 10)
      end(Device.ID(device), first, at: 11)
    }
    var sizes: [Int] = []
    while ledger.isDue {
      let batch = ledger.take(atMost: 3)
      sizes.append(batch.stays.count + batch.leaves.count)
    }
    #expect(sizes == [3, 3, 2])
  }

  @Test mutating func whatCouldNotBeWrittenIsWrittenLaterAsItIsThen() {
    begin(1, first, at: 10)
    begin(2, first, at: 10)
    begin(3, first, at: 10)
    end(3, first, at: 11)
    begin(4, first, at: 10)
    end(4, first, at: 11)
    let batch = ledger.take(atMost: 9)
    end(1, first, at: 12)
    begin(4, second, at: 13)
    ledger.putBack(batch)
    let again = ledger.take(atMost: 9)
    #expect(
      again.stays.sorted { $0.device < $1.device } == [stay(2, since: 10), stay(4, since: 13)])
    #expect(
      again.leaves.sorted { $0.device < $1.device }
        == [AgentLeave(device: 1, at: 12), AgentLeave(device: 3, at: 11)])
  }

  @Test mutating func aNewLifeHasAllThatAreThere() {
    begin(1, first, at: 10)
    begin(2, first, at: 10)
    _ = ledger.take(atMost: 9)
    end(2, first, at: 11)
    ledger.beginAnew()
    #expect(ledger.take(atMost: 9) == .init(stays: [stay(1, since: 10)]))
  }

  @Test mutating func whenAgentsWereHeardIsWrittenWhereThatIsNew() {
    begin(1, first, at: 10)
    begin(2, first, at: 10)
    begin(3, second, at: 10)
    _ = ledger.take(atMost: 9)
    // Not written at all yet.
    begin(4, first, at: 10)
    let link = ObjectIdentifier(first)
    let heard: [(device: Device.ID, link: ObjectIdentifier, at: Double)] = [
      (1, link, 15), (2, link, 10), (3, link, 15), (4, link, 15), (5, link, 15),
    ]
    let news = ledger.heard(heard)
    #expect(news.map(\.stay) == [stay(1, since: 10)] && news.map(\.at) == [15])
    ledger.wrote(news)
    #expect(ledger.heard(heard).isEmpty)
    #expect(ledger.heard([(1, link, 16)]).count == 1)
  }
}
