import CWMP
import Foundation
import NIOCore
import Testing

@testable import DeviceSimulator

@Suite struct ArrivalScheduleTests {
  static let seed: UInt64 = 5

  @Test func evenArrivals() throws {
    let schedule = try ArrivalSchedule(
      rate: 4, duration: 1, limit: .max, spacing: .even, seed: Self.seed)
    #expect(schedule.times == [0, 250_000_000, 500_000_000, 750_000_000])
  }

  @Test func poissonArrivalsHaveTheirRateAndRepeat() throws {
    let make = {
      try ArrivalSchedule(
        rate: 1000, duration: 20, limit: .max, spacing: .poisson, seed: Self.seed)
    }
    let schedule = try make()
    #expect((19_000...21_000).contains(schedule.times.count))
    #expect(schedule.times == schedule.times.sorted())
    #expect(try make() == schedule)
  }

  @Test func limits() throws {
    let schedule = try ArrivalSchedule(
      rate: 100, duration: nil, limit: 7, spacing: .poisson, seed: Self.seed)
    #expect(schedule.times.count == 7)
    #expect(throws: SimulatorError.self) {
      try ArrivalSchedule(rate: 0, duration: 1, limit: 1, spacing: .even, seed: 1)
    }
    #expect(throws: SimulatorError.self) {
      try ArrivalSchedule(rate: 1_000_000, duration: 86400, limit: .max, spacing: .even, seed: 1)
    }
  }
}

@Suite struct LatenciesTests {
  @Test func percentilesByNearestRank() throws {
    var latencies = Latencies()
    #expect(latencies.summary() == nil)
    for milliseconds in (1...1000).reversed() {
      latencies.record(nanoseconds: Int64(milliseconds) * 1_000_000)
    }
    let summary = try #require(latencies.summary())
    #expect(
      summary
        == .init(p50: 500, p90: 900, p99: 990, p999: 999, maximum: 1000))
  }

  @Test func oneValueIsEveryPercentile() throws {
    var latencies = Latencies()
    latencies.record(nanoseconds: 2_500_000)
    #expect(
      latencies.summary() == .init(p50: 2.5, p90: 2.5, p99: 2.5, p999: 2.5, maximum: 2.5))
  }

  @Test func numbersAreRounded() {
    #expect(fixed(1.2345, 2) == "1.23")
    #expect(fixed(0.005, 2) == "0.01")
    #expect(fixed(12, 0) == "12")
    #expect(fixed(-0.06, 1) == "-0.1")
    #expect(fixed(.nan, 1) == "–")
  }
}

@Suite struct ProcessAccountingTests {
  /// A made-up /proc with a postmaster (10) and two children (11, 12).
  private func withProc(_ body: (URL) throws -> Void) throws {
    let root = FileManager.default.temporaryDirectory
      .appendingPathComponent("cpesim-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    try write(root, pid: 10, parent: 1, thread: "5000000 1 2", ticks: (1, 1, 30, 20))
    try write(root, pid: 11, parent: 10, thread: "7000000 1 2", ticks: (9, 9, 0, 0))
    try write(root, pid: 12, parent: 10, thread: nil, ticks: (3, 1, 0, 0))
    try write(root, pid: 13, parent: 11, thread: "1000000000 1 2", ticks: (9, 9, 0, 0))
    try body(root)
  }

  private func write(
    _ root: URL, pid: Int, parent: Int, thread: String?, ticks: (Int, Int, Int, Int)
  ) throws {
    let folder = root.appendingPathComponent("\(pid)/task/\(pid)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let stat =
      "\(pid) (post) (gres) S \(parent) 1 1 0 -1 0 0 0 0 0 \(ticks.0) \(ticks.1) \(ticks.2) \(ticks.3) 20 0 1"
    try Data(stat.utf8).write(to: root.appendingPathComponent("\(pid)/stat"))
    if let thread {
      try Data(thread.utf8).write(to: folder.appendingPathComponent("schedstat"))
    }
  }

  @Test func aProcessIsTheSumOfItsThreads() throws {
    try withProc { root in
      let second = root.appendingPathComponent("11/task/99")
      try FileManager.default.createDirectory(at: second, withIntermediateDirectories: true)
      try Data("500 0 0\n".utf8).write(to: second.appendingPathComponent("schedstat"))
      let accounting = ProcessAccounting(root: root.path, ticksPerSecond: 100)
      let sum = try accounting.nanoseconds(of: 11)
      #expect(sum == 7_000_500)
    }
  }

  @Test func withoutSchedstatTheTicksCount() throws {
    try withProc { root in
      let accounting = ProcessAccounting(root: root.path, ticksPerSecond: 100)
      let sum = try accounting.nanoseconds(of: 12)
      #expect(sum == 40_000_000)
    }
  }

  @Test func aFamilyIncludesItsLivingAndItsDead() throws {
    try withProc { root in
      let accounting = ProcessAccounting(root: root.path, ticksPerSecond: 100)
      let sum = try accounting.nanosecondsOfFamily(10)
      #expect(sum == 5_000_000 + 500_000_000 + 7_000_000 + 40_000_000)
    }
  }

  @Test func whatIsNotThere() throws {
    try withProc { root in
      let accounting = ProcessAccounting(root: root.path, ticksPerSecond: 100)
      #expect(throws: SimulatorError.self) { try accounting.nanoseconds(of: 77) }
      #expect(throws: SimulatorError.self) { try accounting.nanosecondsOfFamily(77) }
    }
  }

  @Test func thisProcessUsesCPU() throws {
    let accounting = ProcessAccounting()
    let pid = ProcessInfo.processInfo.processIdentifier
    #expect(try accounting.nanoseconds(of: pid) > 0)
  }
}

@Suite struct AnswerBookTests {
  private let encoder = EnvelopeEncoder()

  private func body(_ request: Request, id: String) -> ByteBuffer {
    var bytes: [UInt8] = []
    encoder.encode(Envelope(namespace: .v1_2, id: id, message: .request(request)), into: &bytes)
    return ByteBuffer(bytes: bytes)
  }

  /// What is said by heart must be what a device with a tree of its own says.
  @Test(arguments: ["tr181", "tr098"])
  func answersByHeartAreThoseOfARealTree(name: String) throws {
    let model = try name == "tr181" ? DeviceModel.tr181() : DeviceModel.tr098()
    let book = AnswerBook(model: model)
    let decoder = EnvelopeDecoder()
    let time = ReadingTime(uptime: 77, clock: Devices.clockStart)
    let requests: [Request] = [
      .getParameterNames(path: "", nextLevel: false),
      .getParameterNames(path: model.root, nextLevel: true),
      .getParameterValues(names: [""]),
      .getParameterValues(names: model.informParameters),
      .getParameterValues(names: ["No.Such"]),
      .setParameterValues(SetParameterValues(parameters: [])),
    ]
    for index in 1...3 {
      let context = DeviceContext(
        model: model, serialNumber: "A&B<\(index)", index: index, seed: 4,
        acsURL: "http://acs.test/")
      let tree = DeviceTree(model: model, context: context)
      for (number, request) in requests.enumerated() {
        let id = "id-\(index)-\(number)"
        let view = body(request, id: id).readableBytesView
        let sketch = try #require(EnvelopeSketch(view))
        #expect(sketch.id == id)
        #expect(sketch.method == request.method)
        var buffer = ByteBuffer()
        try book.answer(sketch, body: view)
          .write(.init(id: id, context: context, time: time), into: &buffer)
        let answer = try decoder.decode(Array(buffer.readableBytesView))
        #expect(answer.id == id)
        let isSame = answer.message == expected(request, tree, time)
        #expect(isSame, "\(request.method) of \(context.serialNumber)")
      }
    }
  }

  private func expected(_ request: Request, _ tree: DeviceTree, _ time: ReadingTime) -> Message? {
    switch request {
    case .getParameterNames(let path, let nextLevel):
      (try? tree.names(path: path, nextLevel: nextLevel)).map {
        .response(.getParameterNames($0))
      }
    case .getParameterValues(["No.Such"]): .fault(Fault(.cpeInvalidParameterName))
    case .getParameterValues(let names):
      (try? tree.values(of: names, at: time)).map { .response(.getParameterValues($0)) }
    default: .response(.setParameterValues(.applied))
    }
  }

  @Test func informsAreThoseOfARealDevice() throws {
    let model = try DeviceModel.tr181()
    let context = DeviceContext(
      model: model, serialNumber: "S9", index: 9, seed: 4, acsURL: "http://acs.test/")
    let tree = DeviceTree(model: model, context: context)
    let time = ReadingTime(uptime: 77, clock: Devices.clockStart)
    var buffer = ByteBuffer()
    AnswerBook(model: model).inform(isFirst: true)
      .write(.init(id: "1", context: context, time: time), into: &buffer)
    let envelope = try EnvelopeDecoder().decode(Array(buffer.readableBytesView))
    guard case .request(.inform(let inform)) = envelope.message else {
      Issue.record("no Inform")
      return
    }
    #expect(inform.codes == ["0 BOOTSTRAP", "1 BOOT"])
    #expect(inform.deviceID.serialNumber == "S9")
    #expect(inform.currentTime == DateTimeText.format(Devices.clockStart))
    #expect(inform.parameters == model.informParameters.compactMap { tree.read($0, at: time) })
  }

  @Test func twoOfTwelveParametersChangeEachTime() throws {
    let model = try DeviceModel.tr181()
    let context = DeviceContext(
      model: model, serialNumber: "S9", index: 9, seed: 4, acsURL: "http://acs.test/")
    let tree = DeviceTree(model: model, context: context)
    let changed = model.informParameters.filter {
      tree.read($0, at: .init(uptime: 1, clock: 1)) != tree.read($0, at: .init(uptime: 9, clock: 9))
    }
    #expect(model.informParameters.count == 12)
    #expect(changed.count == 2)
  }

  @Test func sketchesWithoutAnID() throws {
    let text = "<e:Envelope><e:Body><c:GetRPCMethods/></e:Body></e:Envelope>"
    let sketch = try #require(EnvelopeSketch(ByteBuffer(string: text).readableBytesView))
    #expect(sketch.method == "GetRPCMethods")
    #expect(sketch.id == "")
    #expect(EnvelopeSketch(ByteBuffer(string: "nothing").readableBytesView) == nil)
  }
}
