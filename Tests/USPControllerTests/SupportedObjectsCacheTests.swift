import Fleet
import NIOConcurrencyHelpers
import Testing
import USP

@testable import USPController

/// What firmwares support is asked of few agents, and kept within bounds.
@Suite(.timeLimit(.minutes(1))) struct SupportedObjectsCacheTests {
  private static let model = SupportedObjects(["Device.A.": (.objReadOnly, ["X": false])])

  private func isAsked(_ answer: SupportedObjectsCache.Answer) -> Bool {
    if case .ask = answer { true } else { false }
  }

  @Test func othersGetWhatOneHasTold() async {
    let cache = SupportedObjectsCache(limit: 100)
    #expect(isAsked(await cache.objects(of: "f")))
    async let second = cache.objects(of: "f")
    cache.settle("f", Self.model)
    #expect(!isAsked(await second))
    #expect(!isAsked(await cache.objects(of: "f")))
  }

  /// Twice as many ask each time, so that no few keep all the others waiting.
  @Test func whereNobodyTellsMoreAndMoreAreAsked() async throws {
    let cache = SupportedObjectsCache(limit: 100)
    #expect(isAsked(await cache.objects(of: "f")))
    let asked = NIOLockedValueBox(0)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<7 {
        group.addTask {
          if isAsked(await cache.objects(of: "f")) { asked.withLockedValue { $0 += 1 } }
        }
      }
      // Until all wait.
      try await Task.sleep(for: .milliseconds(300))
      var expected = 0
      for (silent, next) in [(1, 2), (2, 4), (4, 1)] {
        for _ in 0..<silent { cache.settle("f", nil) }
        expected += next
        while asked.withLockedValue({ $0 }) < expected { await Task.yield() }
        #expect(asked.withLockedValue { $0 } == expected)
      }
      cache.settle("f", nil)
      try await group.waitForAll()
    }
    #expect(isAsked(await cache.objects(of: "f")))
  }

  @Test func theFirmwareThatWasUsedLeastIsForgotten() async {
    let cache = SupportedObjectsCache(limit: 2 * Self.model.itemCount)
    for key in ["a", "b"] {
      _ = await cache.objects(of: key)
      cache.settle(key, Self.model)
    }
    #expect(!isAsked(await cache.objects(of: "a")))
    _ = await cache.objects(of: "c")
    cache.settle("c", Self.model)
    #expect(isAsked(await cache.objects(of: "b")))
    #expect(!isAsked(await cache.objects(of: "a")))
    #expect(!isAsked(await cache.objects(of: "c")))
  }

  @Test func endlessArgumentsAreCut() {
    var command = USPGetSupportedDMResp.SupportedCommandResult()
    command.commandName = "Do()"
    command.inputArgNames = (0..<30_000).map { "A\($0)" }
    var object = USPGetSupportedDMResp.SupportedObjectResult()
    object.supportedObjPath = "Device.X."
    object.supportedCommands = [command]
    var result = USPGetSupportedDMResp.RequestedObjectResult()
    result.supportedObjs = [object]
    var supported = SupportedObjects()
    supported.take(result)
    #expect(supported.isCut)
    #expect(supported.itemCount == SupportedModel.maxItems)
    #expect(supported["Device.X."]?.commands["Do()"]?.inputs.count == SupportedModel.maxItems - 2)
  }

  @Test func anAgentHasOnlySoMuchTime() async {
    let agent = ScriptedAgent { request in
      guard case .getSupportedDm(let asked) = request, asked.firstLevelOnly else {
        return .failed(7005)
      }
      var object = USPGetSupportedDMResp.SupportedObjectResult()
      object.supportedObjPath = "Device.X."
      var result = USPGetSupportedDMResp.RequestedObjectResult()
      result.supportedObjs = [object]
      var response = USPGetSupportedDMResp()
      response.reqObjResults = [result]
      return .response(.getSupportedDmResp(response))
    }
    guard
      case .failure(.broken) = await SupportedObjects.read(
        below: "Device.", isInTime: { false }, agent.ask)
    else { return #expect(Bool(false)) }
    #expect(agent.asked.count == 2)
  }
}
