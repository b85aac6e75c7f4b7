import FileServer
import Fleet
import Foundation
import ManagementTypes
import Testing

@testable import ManagementAPI

@Suite struct OpenAPITests {
  private static let time = Timestamp(0)
  private static let presence = PresenceDetail(
    online: true, since: time, transport: "mqtt", endpoint: "os::02FA1E-1", node: "n",
    lastHeard: time)
  private static let order = TaskOrder(kind: "refresh", ["path": "p"])

  /// One value of each type with all members present, and the name of its schema.
  private static let samples: [(String, any Encodable & Sendable)] =
    [
      (
        "Problem",
        Problem(
          code: .conflict, status: 409, title: "t", detail: "d",
          diagnostics: [.init(severity: "error", message: "m", line: 1, column: 2)])
      ),
      (
        "ProblemDiagnostic",
        Problem.Diagnostic(severity: "error", message: "m", line: 1, column: 2, file: "f")
      ),
      (
        "DeviceSummary",
        DeviceSummary(
          name: "n", tags: [], lastContact: time, facts: ["a": "b"], presence: presence)
      ),
      ("PresenceDetail", presence),
      (
        "DeviceDetail",
        DeviceDetail(
          name: "n", manufacturer: "m", oui: "o", productClass: "p", serialNumber: "s", tags: [],
          facts: [:], protocol: "cwmp", root: "Device.", address: "a", createdAt: time,
          lastContact: time, lastBoot: time, lastRead: time, readDue: time, isReachable: true,
          openTasks: 1, switches: SwitchesInForce(documents: [], values: [:]),
          agent: AgentDetail(endpoints: ["os::02FA1E-1"], transport: "mqtt", versions: ["1.4"]),
          presence: presence)
      ),
      (
        "AgentDetail",
        AgentDetail(endpoints: ["os::02FA1E-1"], transport: "mqtt", versions: ["1.4"])
      ),
      (
        "NewDevice",
        NewDevice(
          manufacturer: "m", oui: "o", productClass: "p", serialNumber: "s", tags: [],
          credential: .init(username: "u", password: "p"))
      ),
      ("NewDeviceCredential", NewDevice.Credential(username: "u", password: "p")),
      ("DevicePatch", DevicePatch(tags: [], addTags: [], removeTags: [])),
      ("DeviceCount", DeviceCount(count: 1)),
      (
        "ParameterDetail",
        ParameterDetail(
          path: "p", value: "v", type: "int", writable: true, notification: 1, changedAt: time)
      ),
      ("EventDetail", EventDetail(device: "d", at: time, kind: "k", detail: [:])),
      ("TaskValue", TaskOrder.Value(path: "a", value: "b", type: "int", force: true)),
      (
        "NewTask",
        NewTask(
          order: order, connect: true, dueAt: time, expiresIn: 1, maxAttempts: 1, confirmed: true,
          force: true)
      ),
      (
        "NewTasks",
        NewTasks(
          selector: "s", order: order, connect: true, dueAt: time, expiresIn: 1, maxAttempts: 1,
          confirmed: true, force: true, limit: 1, dryRun: true)
      ),
      ("TasksCreated", TasksCreated(matched: 1, tasks: [])),
      ("TaskReference", TasksCreated.Reference(device: "d", id: 1)),
      (
        "TaskDetail",
        TaskDetail(
          id: 1, device: "d", order: order, state: "done", waitingFor: "boot", reason: "r",
          attempts: 1, maxAttempts: 1, dueAt: time, deadline: time, createdAt: time,
          startedAt: time,
          endedAt: time, orderedBy: "o", rollout: "r", result: .init(),
          fault: .init(code: "c", text: "t"))
      ),
      (
        "TaskResult",
        TaskDetail.Result(
          values: [], instance: "i", isPending: true, parametersRead: 1, parametersRefused: 1,
          version: "v", file: "f", attributes: [], transfers: [], software: [], methods: [],
          options: [], isReady: true)
      ),
      ("TaskAttributes", TaskDetail.Attributes(path: "p", notification: 1, accessList: [])),
      (
        "TaskTransfer",
        TaskDetail.Transfer(
          commandKey: "k", state: "unknown", isDownload: true, fileType: "1", size: 1,
          targetFileName: "t")
      ),
      (
        "TaskSoftware",
        TaskDetail.Software(
          uuid: "u", version: "1", state: "Failed", path: "p", isResolved: true,
          executionUnits: [], fault: .init(code: "c", text: "t"))
      ),
      (
        "TaskOption",
        TaskDetail.Option(
          name: "n", voucherSerialNumber: "1", isEnabled: true, isSetUp: true, startDate: "s",
          expirationDate: "e", isTransferable: true)
      ),
      (
        "ConnectionResult",
        ConnectionResult(called: true, method: "http", milliseconds: 1, reason: "r")
      ),
      (
        "TraceEntry",
        TraceEntry(
          id: 1, at: time, session: 1, direction: "in", peer: "p", head: "h", method: "m",
          headers: [], body: "b", bodySize: 1)
      ),
      ("TraceHeader", TraceEntry.Header(name: "n", value: "v")),
      ("NewTrace", NewTrace(seconds: 1)),
      ("TraceState", TraceState(until: time)),
      (
        "SwitchesDetail",
        SwitchesDetail(
          name: "n", selector: "s", document: "d", appliedBy: "a", updatedAt: time)
      ),
      ("SwitchesInForce", SwitchesInForce(documents: [], values: [:])),
      ("SwitchesApplied", SwitchesApplied(name: "n", outcome: "created", diagnostics: [])),
      ("TaskFault", TaskDetail.Fault(code: "c", text: "t", parameters: [])),
      ("ParameterFault", TaskDetail.ParameterFault(path: "p", code: "c", text: "t")),
      (
        "FileDetail",
        FileDetail(sha256: "s", name: "n", version: "v", size: 1, createdBy: "c", createdAt: time)
      ),
      (
        "RolloutDetail",
        RolloutDetail(
          name: "n", state: "done", reason: "r", selector: "tag=x", version: "2", file: "f",
          counts: .init(), appliedBy: "a", createdAt: time, endedAt: time, document: "d")
      ),
      ("RolloutCounts", RolloutDetail.Counts()),
      ("RolloutApplied", RolloutApplied(name: "n", outcome: "created", targets: 1)),
      (
        "RolloutTargetDetail",
        RolloutTargetDetail(
          device: "d", state: "done", task: 1, fromVersion: "1", detail: "d", updatedAt: time)
      ),
      (
        "TokenDetail",
        TokenDetail(name: "n", role: .admin, createdAt: time, lastUsedAt: time, expiresAt: time)
      ),
      ("NewToken", NewToken(name: "n", role: .viewer, expiresAt: time)),
      ("TokenCreated", TokenCreated(name: "n", role: .viewer, token: "t", expiresAt: time)),
      (
        "CredentialDetail",
        CredentialDetail(username: "u", device: "d", realm: "r", createdAt: time)
      ),
      ("NewCredential", NewCredential(username: "u", password: "p", device: "d")),
      (
        "AuditDetail",
        AuditDetail(id: 1, at: time, actor: "a", action: "b", target: "c", detail: [:])
      ),
      ("WhoAmI", WhoAmI(name: "n", role: .viewer)),
      ("ServerVersion", ServerVersion(product: "p", version: "v", api: "v1")),
      (
        "ServerStatus",
        ServerStatus(
          version: "v", uptime: 1, database: .init(state: "ok"),
          fleet: .init(
            devices: 1, devicesSeenToday: 1, openTasks: 1, runningRollouts: 1, pausedRollouts: 1,
            files: 1))
      ),
      ("DatabaseStatus", ServerStatus.Database(state: "ok")),
      (
        "FleetStatus",
        ServerStatus.Fleet(
          devices: 1, devicesSeenToday: 1, openTasks: 1, runningRollouts: 1, pausedRollouts: 1,
          files: 1)
      ),
      ("DeviceSummaryPage", Page<DeviceSummary>(items: [], nextCursor: "c")),
    ] + ConformanceSamples.all + ModelSamples.all

  private static func members(of value: any Encodable) throws -> Set<String> {
    let data = try JSONEncoder().encode(value)
    return Set(try JSONDecoder().decode([String: JSONValue].self, from: data).keys)
  }

  @Test func schemasHaveTheMembersOfTheTypes() throws {
    for (name, sample) in Self.samples {
      guard case .object(let schema)? = OpenAPISchemas.all[name],
        case .object(let properties)? = schema["properties"]
      else {
        Issue.record("no schema \(name)")
        continue
      }
      #expect(Set(properties.keys) == (try Self.members(of: sample)), "\(name)")
    }
    let sampled = Set(Self.samples.map(\.0))
    let elsewhere =
      ["Role", "TaskOrder"] + OpenAPISchemas.orderParts.keys
      + OperationKind.allCases.map(OpenAPISchemas.name)
    for name in OpenAPISchemas.all.keys
    where !name.hasSuffix("Page") && !elsewhere.contains(name) {
      #expect(sampled.contains(name), "no sample of \(name)")
    }
  }

  @Test func whatATaskWaitsForIsListed() throws {
    guard case .object(let schema)? = OpenAPISchemas.all["TaskDetail"],
      case .object(let properties)? = schema["properties"],
      case .object(let waitingFor)? = properties["waitingFor"]
    else {
      Issue.record("no member waitingFor")
      return
    }
    #expect(waitingFor["enum"] == .array(WaitingFor.allCases.map { .string($0.rawValue) }))
    #expect(WaitingFor.allCases.contains(.diagnosisReport))
  }

  @Test func requiredMembersAreRequired() throws {
    // What the decoder demands is what the schema calls required.
    func check<Body: Codable>(_ name: String, _ value: Body) throws {
      guard case .object(let schema)? = OpenAPISchemas.all[name],
        case .array(let required)? = schema["required"]
      else {
        Issue.record("no schema \(name)")
        return
      }
      let all = try JSONDecoder().decode(
        [String: JSONValue].self, from: try JSONEncoder().encode(value))
      for member in all.keys {
        var without = all
        without[member] = nil
        let data = try JSONEncoder().encode(without)
        let isDemanded = (try? JSONDecoder().decode(Body.self, from: data)) == nil
        #expect(isDemanded == required.contains(.string(member)), "\(name).\(member)")
      }
    }
    for (name, sample) in Self.samples {
      func open<Value: Encodable>(_ value: Value) throws {
        guard let codable = value as? any Codable else { return }
        try check(name, codable)
      }
      try open(sample)
    }
  }

  @Test func requestBodiesKnowTheirMembers() throws {
    let known: [(any RequestMembers.Type, String)] = [
      (NewDevice.self, "NewDevice"), (DevicePatch.self, "DevicePatch"), (NewTask.self, "NewTask"),
      (NewTasks.self, "NewTasks"), (NewToken.self, "NewToken"), (NewTrace.self, "NewTrace"),
      (NewCredential.self, "NewCredential"), (NewModel.self, "NewModel"),
    ]
    for (type, name) in known {
      let sample = try #require(Self.samples.first { $0.0 == name })
      #expect(type.members == (try Self.members(of: sample.1)), "\(name)")
    }
  }
}
