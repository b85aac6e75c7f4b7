import Testing
import USP

@Suite struct PendingRequestsTests {
  @Test func aResponseTakesItsRequestOnce() {
    var pending = PendingRequests<Int>()
    pending.add("a", 1, deadline: 10)
    pending.add("b", 2, deadline: 5)
    #expect(pending.nextDeadline == 5)
    #expect(pending.take("c") == nil)
    #expect(pending.take("b") == 2)
    #expect(pending.take("b") == nil)
    #expect(pending.nextDeadline == 10)
    #expect(pending.take("a") == 1)
    #expect(pending.nextDeadline == nil)
    #expect(pending.isEmpty)
  }

  @Test func whatIsLateIsGivenUpInItsOrder() {
    var pending = PendingRequests<Int>()
    for (index, deadline) in [4.0, 2, 3, 2, 9].enumerated() {
      pending.add("\(index)", index, deadline: deadline)
    }
    #expect(pending.expired(now: 1.9).isEmpty)
    #expect(pending.expired(now: 3).map(\.0) == ["1", "3", "2"])
    #expect(pending.nextDeadline == 4)
    #expect(pending.expired(now: 3).isEmpty)
    #expect(pending.takeAll().map(\.1) == [0, 4])
    #expect(pending.nextDeadline == nil)
  }

  @Test func noMoreWaitThanMay() {
    var pending = PendingRequests<Int>(limit: 2)
    let first = pending.add("a", 1, deadline: 1)
    let again = pending.add("a", 2, deadline: 1)
    let second = pending.add("b", 2, deadline: 1)
    let third = pending.add("c", 3, deadline: 1)
    #expect([first, again, second, third] == [true, false, true, false])
    #expect(pending.count == 2)
    #expect(pending.take("a") == 1)
    let later = pending.add("c", 3, deadline: 1)
    #expect(later)
  }
}

@Suite struct RecentMessagesTests {
  @Test func aRequestThatComesAgainIsKnown() {
    var recent = RecentMessages(capacity: 3, lifetime: 100)
    #expect(recent.received("a", now: 0) == .new)
    #expect(recent.received("a", now: 1) == .underWay)
    recent.answered("a")
    #expect(recent.received("a", now: 2) == .answered)
    recent.forget("a")
    #expect(recent.received("a", now: 3) == .new)
    recent.answered("nobody")
    #expect(recent.count == 1)
  }

  @Test func theOldestOfTheAnsweredIsForgottenFirst() {
    var recent = RecentMessages(capacity: 2, lifetime: 100)
    for id in ["a", "b"] {
      #expect(recent.received(id, now: 0) == .new)
      recent.answered(id)
    }
    #expect(recent.received("a", now: 2) == .answered)
    #expect(recent.received("c", now: 3) == .new)
    #expect(recent.count == 3)
    recent.answered("c")
    #expect(recent.count == 2)
    #expect(recent.received("a", now: 4) == .answered)
    #expect(recent.received("b", now: 5) == .new)
  }

  @Test func whatIsUnderWayIsNotForgotten() {
    var recent = RecentMessages(capacity: 2, lifetime: 100)
    for id in ["a", "b", "c"] { #expect(recent.received(id, now: 0) == .new) }
    #expect(recent.received("a", now: 1) == .underWay)
    for id in ["a", "b", "c"] { recent.answered(id) }
    #expect(recent.count == 2)
    #expect(recent.received("a", now: 2) == .new)
    #expect(recent.received("b", now: 2) == .answered)
    #expect(recent.received("a", now: 1000) == .underWay)
  }

  @Test func whatCameLongAgoIsForgotten() {
    var recent = RecentMessages(capacity: 10, lifetime: 100)
    #expect(recent.received("a", now: 0) == .new)
    #expect(recent.received("b", now: 50) == .new)
    recent.answered("b")
    recent.answered("a")
    #expect(recent.received("a", now: 100) == .new)
    recent.answered("a")
    #expect(recent.received("b", now: 149) == .answered)
    #expect(recent.received("b", now: 500) == .new)
    #expect(recent.count == 1)
  }

  /// Whoever repeats one for ever uses up no memory, and one whose answer is told twice counts once.
  @Test func repetitionsCostNothing() {
    var recent = RecentMessages(capacity: 2, lifetime: 100)
    for id in ["a", "b"] {
      _ = recent.received(id, now: 0)
      recent.answered(id)
    }
    for round in 0..<10_000 {
      #expect(recent.received("a", now: Double(round) / 1000) == .answered)
      recent.answered("a")
    }
    #expect(recent.count == 2)
    #expect(recent.received("b", now: 11) == .answered)
    #expect(recent.received("c", now: 12) == .new)
    recent.answered("c")
    #expect(recent.received("a", now: 13) == .new)
  }
}
