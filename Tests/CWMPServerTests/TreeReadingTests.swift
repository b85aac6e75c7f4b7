import CWMP
import Fleet
import Testing

@testable import CWMPServer

@Suite struct TreeReadingTests {
  private static func names(_ paths: String...) -> Session.Answer {
    .response(.getParameterNames(paths.map { ParameterInfo(name: $0, writable: true) }))
  }

  private static func values(_ paths: String...) -> Session.Answer {
    .response(.getParameterValues(paths.map { ParameterValue(name: $0, value: "v") }))
  }

  private static func fault(_ code: Int) -> Session.Answer {
    .fault(Fault(code: code, text: "no"))
  }

  private static func list(_ path: String, nextLevel: Bool = false) -> TreeReading.Progress {
    .request(.getParameterNames(path: path, nextLevel: nextLevel))
  }

  private static func read(_ paths: String...) -> TreeReading.Progress {
    .request(.getParameterValues(names: paths))
  }

  @Test func aWholeTreeInTwoSteps() {
    var reading = TreeReading(path: "Device.", batchSize: 10)
    #expect(reading.begin() == Self.list("Device."))
    #expect(
      reading.received(Self.names("Device.", "Device.A", "Device.B.", "Device.B.C"))
        == Self.read("Device.A", "Device.B.C"))
    #expect(reading.received(Self.values("Device.A", "Device.B.C")) == .finished)
    #expect(reading.values.map(\.path) == ["Device.A", "Device.B.C"])
    #expect(reading.names.count == 4)
    #expect(reading.isListingComplete)
    #expect(reading.refusedCount == 0)
  }

  @Test func valuesAreAskedForInBatches() {
    var reading = TreeReading(path: "D.", batchSize: 2)
    _ = reading.begin()
    #expect(reading.received(Self.names("D.A", "D.B", "D.C")) == Self.read("D.A", "D.B"))
    #expect(reading.received(Self.values("D.A", "D.B")) == Self.read("D.C"))
    #expect(reading.received(Self.values("D.C")) == .finished)
  }

  @Test func aRequestStaysBelowItsBytes() {
    var limits = TreeReadingLimits()
    limits.requestBytes = 60
    var reading = TreeReading(path: "D.", batchSize: 100, limits: limits)
    _ = reading.begin()
    #expect(
      reading.received(Self.names("D.First", "D.Second", "D.Third"))
        == Self.read("D.First", "D.Second"))
    #expect(reading.received(Self.values("D.First", "D.Second")) == Self.read("D.Third"))
  }

  @Test func aDeviceThatNeedsItIsWalkedFromTheBeginning() {
    var limits = TreeReadingLimits()
    limits.listsByLevel = true
    var reading = TreeReading(path: "D.", batchSize: 10, limits: limits)
    #expect(reading.begin() == Self.list("D.", nextLevel: true))
    #expect(reading.received(Self.names("D.A", "D.B.")) == Self.list("D.B.", nextLevel: true))
    #expect(reading.received(Self.names("D.B.C")) == Self.read("D.A", "D.B.C"))
    #expect(reading.received(Self.values("D.A", "D.B.C")) == .finished)
    #expect(reading.isListingComplete)
  }

  @Test func aDeviceThatRefusesTheWholeListIsWalked() {
    var reading = TreeReading(path: "D.", batchSize: 10)
    _ = reading.begin()
    #expect(reading.received(Self.fault(9002)) == Self.list("D.", nextLevel: true))
    #expect(reading.received(Self.names("D.A", "D.O.")) == Self.list("D.O.", nextLevel: true))
    #expect(reading.received(Self.names("D.O.B")) == Self.read("D.A", "D.O.B"))
    #expect(reading.isListingComplete)
  }

  @Test func aDeviceThatListsOnlyItsRootIsWalked() {
    var reading = TreeReading(path: "D.", batchSize: 10)
    _ = reading.begin()
    #expect(reading.received(Self.names("D.")) == Self.list("D.", nextLevel: true))
    #expect(reading.received(Self.names("D.A")) == Self.read("D.A"))
  }

  @Test func aPartThatCannotBeListedLeavesTheRest() {
    var reading = TreeReading(path: "D.", batchSize: 10)
    _ = reading.begin()
    _ = reading.received(Self.fault(9004))
    #expect(reading.received(Self.names("D.A", "D.O.")) == Self.list("D.O.", nextLevel: true))
    #expect(reading.received(Self.fault(9002)) == Self.read("D.A"))
    #expect(reading.received(Self.values("D.A")) == .finished)
    #expect(!reading.isListingComplete, "what is stored below D.O. must not be taken for gone")
  }

  /// Some devices answer 9002 for one parameter; that says nothing about how much they bear.
  @Test func aNameThatCannotBeReadLeavesRequestsAsLargeAsTheyWere() {
    var reading = TreeReading(path: "D.", batchSize: 4)
    _ = reading.begin()
    let names = ["D.A", "D.B", "D.C", "D.D", "D.E", "D.F", "D.G", "D.H"]
    var progress = reading.received(
      .response(.getParameterNames(names.map { ParameterInfo(name: $0, writable: true) })))
    var requests: [[String]] = []
    while case .request(.getParameterValues(let asked)) = progress {
      requests.append(asked)
      progress = reading.received(
        asked.contains("D.B")
          ? Self.fault(9002)
          : .response(.getParameterValues(asked.map { ParameterValue(name: $0, value: "v") })))
    }
    #expect(
      requests == [
        ["D.A", "D.B", "D.C", "D.D"], ["D.A", "D.B"], ["D.A"], ["D.B"], ["D.C", "D.D"],
        ["D.E", "D.F", "D.G", "D.H"],
      ])
    #expect(reading.batchSize == 4)
    #expect(reading.refusedCount == 1)
  }

  @Test func aDeviceThatListsNothingFails() {
    var reading = TreeReading(path: "D.", batchSize: 10)
    _ = reading.begin()
    _ = reading.received(Self.fault(9002))
    let progress = reading.received(Self.fault(9005))
    guard case .failed(let fault) = progress else {
      Issue.record("\(progress)")
      return
    }
    #expect(fault.code == "cwmp.9005")
    #expect(fault.text == "no")
  }

  @Test func oneBadNameIsFoundByHalves() {
    var reading = TreeReading(path: "D.", batchSize: 4)
    _ = reading.begin()
    #expect(
      reading.received(Self.names("D.A", "D.B", "D.Bad", "D.C"))
        == Self.read("D.A", "D.B", "D.Bad", "D.C"))
    #expect(reading.received(Self.fault(9005)) == Self.read("D.A", "D.B"))
    #expect(reading.received(Self.values("D.A", "D.B")) == Self.read("D.Bad", "D.C"))
    #expect(reading.received(Self.fault(9005)) == Self.read("D.Bad"))
    #expect(reading.received(Self.fault(9005)) == Self.read("D.C"))
    #expect(reading.received(Self.values("D.C")) == .finished)
    #expect(reading.values.map(\.path) == ["D.A", "D.B", "D.C"])
    #expect(reading.refusedCount == 1)
    #expect(reading.batchSize == 4, "a bad name says nothing about the size")
  }

  @Test func aDeviceThatIsOverchargedGetsSmallerRequests() {
    var reading = TreeReading(path: "D.", batchSize: 4)
    _ = reading.begin()
    _ = reading.received(Self.names("D.A", "D.B", "D.C", "D.D", "D.E", "D.F"))
    #expect(reading.received(Self.fault(9004)) == Self.read("D.A", "D.B"))
    #expect(reading.batchSize == 2)
    #expect(reading.received(Self.values("D.A", "D.B")) == Self.read("D.C", "D.D"))
    #expect(reading.received(Self.values("D.C", "D.D")) == Self.read("D.E", "D.F"))
  }

  @Test func anEmptyAnswerCountsAsRefusal() {
    var reading = TreeReading(path: "D.", batchSize: 4)
    _ = reading.begin()
    _ = reading.received(Self.names("D.A"))
    #expect(reading.received(.nothing) == .finished)
    #expect(reading.refusedCount == 1)
  }

  @Test func whatLiesOutsideIsNotTakenIn() {
    var reading = TreeReading(path: "Device.WiFi.", batchSize: 4)
    _ = reading.begin()
    #expect(
      reading.received(Self.names("Device.WiFi.A", "Device.Other", "", "Device.WiFi.A"))
        == Self.read("Device.WiFi.A"))
    #expect(reading.received(Self.values("Device.WiFi.A", "Device.Evil")) == .finished)
    #expect(reading.values.map(\.path) == ["Device.WiFi.A"])
  }

  @Test func moreNamesThanTheLimitAreCut() {
    var limits = TreeReadingLimits()
    limits.parameters = 2
    var reading = TreeReading(path: "D.", batchSize: 10, limits: limits)
    _ = reading.begin()
    #expect(reading.received(Self.names("D.A", "D.B", "D.C")) == Self.read("D.A", "D.B"))
    #expect(reading.isCut)
    #expect(!reading.isListingComplete)
  }

  @Test func moreBytesThanTheLimitEndTheReading() {
    var limits = TreeReadingLimits()
    limits.valueBytes = 3
    var reading = TreeReading(path: "D.", batchSize: 2, limits: limits)
    _ = reading.begin()
    _ = reading.received(Self.names("D.A", "D.B", "D.C", "D.D", "D.E"))
    #expect(reading.received(Self.values("D.A", "D.B")) == Self.read("D.C", "D.D"))
    #expect(reading.received(Self.values("D.C", "D.D")) == .finished)
    #expect(reading.isCut)
  }

  @Test func aValueCountsOnceHoweverOftenItComes() {
    var reading = TreeReading(path: "D.", batchSize: 10)
    _ = reading.begin()
    _ = reading.received(Self.names("D.A"))
    #expect(reading.received(Self.values("D.A", "D.A", "D.A")) == .finished)
    #expect(reading.values.count == 1)
  }

  @Test func aParameterIsReadWithoutAList() {
    var reading = TreeReading(path: "D.A", batchSize: 10)
    #expect(reading.begin() == Self.read("D.A"))
    #expect(reading.received(Self.values("D.A")) == .finished)
  }
}
