import Fleet
import FleetStore
import Testing
import USP

@testable import USPController

/// How a tree is read: instances first, then values in requests of a bounded size.
@Suite struct AgentTreeReadingTests {
  private static let supported = SupportedObjects([
    "Device.": (.objReadOnly, ["Root": false]),
    "Device.Info.": (.objReadOnly, ["A": false, "B": true]),
    "Device.T.{i}.": (.objAddDelete, ["Name": true]),
    "Device.T.{i}.Part.": (.objReadOnly, ["P": false]),
    "Device.T.{i}.Row.{i}.": (.objReadOnly, ["R": false]),
    "Device.Empty.{i}.": (.objAddDelete, ["E": true]),
  ])

  private static let objects = [
    "Device.": ["Root": "r"], "Device.Info.": ["A": "a", "B": "b"],
    "Device.T.1.": ["Name": "n1"], "Device.T.1.Part.": ["P": "p1"],
    "Device.T.1.Row.4.": ["R": "x"], "Device.T.2.": ["Name": "n2"],
    "Device.T.2.Part.": ["P": "p2"],
  ]

  private func agent(failsAbove limit: Int = .max) -> ScriptedAgent {
    ScriptedAgent { request in
      switch request {
      case .getInstances(let asked):
        var response = USPGetInstancesResp()
        response.reqPathResults = asked.objPaths.map { path in
          var result = USPGetInstancesResp.RequestedPathResult()
          result.requestedPath = path
          result.currInsts = ["Device.T.1.", "Device.T.1.Row.4.", "Device.T.2."]
            .filter { $0.hasPrefix(path) }.map { path in
              var instance = USPGetInstancesResp.CurrInstance()
              instance.instantiatedObjPath = path
              return instance
            }
          return result
        }
        return .response(.getInstancesResp(response))
      case .get(let get):
        guard get.paramPaths.count <= limit else { return .failed(7005) }
        return .got(
          get.paramPaths.map { path in
            let found = Self.objects.filter {
              get.maxDepth == 1 ? $0.key == path : $0.key.hasPrefix(path)
            }
            return (path, found)
          })
      default: return .failed(7001)
      }
    }
  }

  private func read(
    _ path: String, on agent: ScriptedAgent, knowsDepth: Bool = true,
    _ adjust: (inout AgentReadingLimits) -> Void = { _ in }
  ) async -> AgentTreeReading {
    var limits = AgentReadingLimits()
    adjust(&limits)
    let reading = AgentTreeReading(
      path: path, supported: Self.supported, knowsDepth: knowsDepth, limits: limits)
    #expect(await reading.run(agent.ask) == nil)
    return reading
  }

  @Test(arguments: [true, false])
  func theWholeTree(knowsDepth: Bool) async {
    let reading = await read("", on: agent(), knowsDepth: knowsDepth)
    let update = reading.update(now: 5)
    #expect(update.completeBelow == "Device.")
    #expect(
      update.names.map { "\($0.path) \($0.writable ? "w" : "-")" } == [
        "Device. -", "Device.Empty. w", "Device.Info. -", "Device.Info.A -", "Device.Info.B w",
        "Device.Root -", "Device.T. w", "Device.T.1. w", "Device.T.1.Name w", "Device.T.1.Part. -",
        "Device.T.1.Part.P -", "Device.T.1.Row. -", "Device.T.1.Row.4. -", "Device.T.1.Row.4.R -",
        "Device.T.2. w", "Device.T.2.Name w", "Device.T.2.Part. -", "Device.T.2.Part.P -",
        "Device.T.2.Row. -",
      ])
    #expect(
      Dictionary(uniqueKeysWithValues: update.values.map { ($0.path, $0.value) })
        == Dictionary(
          uniqueKeysWithValues: Self.objects.flatMap { object, parameters in
            parameters.map { (object + $0.key, $0.value) }
          }))
  }

  @Test func anInstanceByItself() async {
    let reading = await read("Device.T.1.", on: agent())
    #expect(
      reading.update(now: 5).values.map(\.path).sorted() == [
        "Device.T.1.Name", "Device.T.1.Part.P", "Device.T.1.Row.4.R",
      ])
    #expect(reading.update(now: 5).completeBelow == "Device.T.1.")
  }

  @Test func requestsAreBounded() async {
    let agent = agent()
    let reading = await read("", on: agent) { $0.valuesPerRequest = 2 }
    let counts = agent.asked.compactMap { request -> Int? in
      guard case .get(let get) = request else { return nil }
      return get.paramPaths.count
    }
    #expect(counts.count > 3)
    #expect(counts.allSatisfy { $0 <= 2 })
    #expect(reading.values.count == 8)
  }

  @Test func whatIsTooMuchIsAskedForInHalves() async {
    let agent = agent(failsAbove: 1)
    let reading = await read("", on: agent)
    #expect(reading.values.count == 8)
    #expect(reading.isComplete)
  }

  @Test func anAgentThatTellsTooMuchIsCut() async {
    let reading = await read("", on: agent()) { $0.parameters = 5 }
    #expect(reading.isCut)
    #expect(!reading.isComplete)
    #expect(reading.update(now: 1).completeBelow == nil)
  }

  @Test func whatWasNotAskedForIsLeftOut() async {
    let supported = SupportedObjects(["Device.A.": (.objReadOnly, ["X": false])])
    let agent = ScriptedAgent { _ in
      .got([("Device.A.", ["Device.B.": ["Y": "1"], "Device.A.": ["X": "2"]])])
    }
    let reading = AgentTreeReading(
      path: "Device.A.", supported: supported, knowsDepth: true, limits: AgentReadingLimits())
    #expect(await reading.run(agent.ask) == nil)
    #expect(reading.values.map(\.path) == ["Device.A.X"])
  }

  @Test func withoutAModelNothingIsKnownToBeGone() async {
    let reading = AgentTreeReading(
      path: "Device.T.1.", supported: SupportedObjects(), knowsDepth: true,
      limits: AgentReadingLimits())
    guard case .broken = await reading.run(agent().ask) else { return #expect(Bool(false)) }
    #expect(reading.update(now: 1).isEmpty)
  }

  /// An agent that refuses some paths of a tree.
  private func refusing(_ code: UInt32, _ isRefused: @escaping (String) -> Bool) -> ScriptedAgent {
    let whole = agent()
    return ScriptedAgent { request in
      switch request {
      case .get(let get) where get.paramPaths.contains(where: isRefused): .failed(code)
      case .getInstances(let asked) where asked.objPaths.contains(where: isRefused): .failed(code)
      default: whole.answer(request)
      }
    }
  }

  @Test func oneRefusedPathDoesNotSpoilTheOthers() async {
    let reading = await read(
      "", on: refusing(7026) { $0 == "Device.Info." || $0 == "Device.Empty." })
    let names = reading.update(now: 1).names.map(\.path)
    #expect(names.contains("Device.T.1.Name"))
    #expect(!names.contains("Device.Info.") && !names.contains("Device.Empty."))
    #expect(reading.isComplete)
    #expect(reading.refusedCount == 2)
  }

  @Test func whatCouldNotBeReadForNowIsNotGone() async {
    let reading = await read("", on: refusing(7003) { $0 == "Device.Info." })
    #expect(!reading.isComplete)
    #expect(reading.update(now: 1).completeBelow == nil)
  }

  @Test func whereEverythingIsRefusedTheReadingIs() async {
    let reading = AgentTreeReading(
      path: "Device.T.9.", supported: Self.supported, knowsDepth: true,
      limits: AgentReadingLimits())
    guard case .refused(let fault)? = await reading.run(refusing(7016) { _ in true }.ask) else {
      return #expect(Bool(false))
    }
    #expect(fault.isMissingPath)
  }

  @Test func instancesThatAreTooManyDoNotEndTheReadingOfValues() async {
    let reading = await read("Device.T.", on: agent()) {
      $0.parameters = 2
      $0.pathsPerRequest = 1
    }
    #expect(reading.isCut)
    #expect(reading.values.count == 2)
  }

  @Test func nothingThereIsAFault() async {
    let reading = AgentTreeReading(
      path: "Device.Nowhere.", supported: Self.supported, knowsDepth: true,
      limits: AgentReadingLimits())
    guard case .refused(let fault)? = await reading.run(agent().ask) else {
      return #expect(Bool(false))
    }
    #expect(fault.code == "usp.7016")
  }
}
