import Foundation
import ManagementTypes
import Testing

@testable import OperatorCommands

@Suite struct DescribeTests {
  private static let time = Timestamp(0)

  private func task(state: String, endedAt: Timestamp?) -> TaskDetail {
    TaskDetail(
      id: 7, device: "N", order: TaskOrder(kind: "set", ["values": [["path": "P", "value": "1"]]]),
      state: state, waitingFor: nil, attempts: 1, maxAttempts: 3, dueAt: Self.time,
      deadline: Self.time, createdAt: Self.time, startedAt: Self.time, endedAt: endedAt,
      orderedBy: "a", rollout: nil, result: nil,
      fault: .init(
        code: "cwmp.9002", text: "Internal\u{1B} error",
        parameters: [.init(path: "P", code: "cwmp.9007", text: "odd")]))
  }

  @Test func aTaskThatIsToBeTriedAgainShowsItsLastFault() {
    let lines = DescribeTask.lines(task(state: "queued", endedAt: nil))
    #expect(lines.contains(#"Last fault:        cwmp.9002: Internal\u{1B} error"#), "\(lines)")
    #expect(lines.contains("  Parameter:       P: cwmp.9007: odd"), "\(lines)")
  }

  @Test func aTaskThatHasEndedShowsItsFaultOnce() {
    let lines = DescribeTask.lines(task(state: "failed", endedAt: Self.time))
    #expect(lines.filter { $0.contains("cwmp.9002") }.count == 1, "\(lines)")
    #expect(!lines.contains { $0.hasPrefix("Last fault") })
  }

  private func device(_ presence: PresenceDetail?) -> DeviceDetail {
    DeviceDetail(
      name: "N", manufacturer: "", oui: "", productClass: "", serialNumber: "", tags: [],
      facts: [:], protocol: "usp", root: "Device.", address: "", createdAt: Self.time,
      lastContact: nil, lastBoot: nil, lastRead: nil, readDue: nil, isReachable: false,
      openTasks: 0, presence: presence)
  }

  private func presence(node: String?) -> PresenceDetail {
    PresenceDetail(
      online: node != nil, since: Self.time, transport: "mqtt", endpoint: "self::a", node: node,
      lastHeard: Self.time)
  }

  @Test func whetherAnAgentIsConnectedIsShown() {
    func lines(_ presence: PresenceDetail?) -> [String] {
      DescribeDevice.lines(device(presence), tasks: [], events: [])
    }
    let online = lines(presence(node: "here:1"))
    #expect(
      online.contains { $0.hasPrefix("Online:            by mqtt at here:1, since 1970-01-01") },
      "\(online)")
    #expect(online.contains { $0.hasPrefix("Last heard:        1970-01-01") }, "\(online)")
    let offline = lines(presence(node: nil))
    #expect(
      offline.contains {
        $0.hasPrefix("Offline:           since 1970-01-01") && $0.hasSuffix(", before by mqtt")
      }, "\(offline)")
    #expect(!lines(nil).contains { $0.lowercased().contains("line:") })
  }

  @Test func aListHasAWordForIt() {
    let table = GetDevices.table(
      [presence(node: "n"), presence(node: nil), nil].map {
        DeviceSummary(name: "N", tags: ["t"], lastContact: nil, facts: [:], presence: $0)
      }, isWide: false)
    let lines = table.lines()
    #expect(lines.first?.contains("AGENT") == true)
    #expect(lines[1].contains("online") && lines[2].contains("offline"), "\(lines)")
    #expect(!lines[3].contains("line") && lines[3].hasSuffix("t"), "\(lines)")
  }

  @Test func aRolloutShowsEachFactOnce() {
    let rollout = RolloutDetail(
      name: "spring", state: "paused", reason: "too many failures", selector: "tag=pilot",
      version: "2.0.1", file: "abcdef", counts: .init(pending: 2, done: 3, failed: 1),
      appliedBy: "anna", createdAt: Self.time, endedAt: nil, document: "kind: X\n\nspec: 1")
    let failures = [
      RolloutTargetDetail(
        device: "N", state: "failed", task: 7, fromVersion: "1.9", detail: "refused",
        updatedAt: Self.time)
    ]
    let lines = DescribeRollout.lines(rollout, failures: failures, isWide: false)
    let text = lines.joined(separator: "\n")
    for fact in [
      "spring", "paused", "too many failures", "tag=pilot", "2.0.1", "abcdef", "anna",
      "3 of 6 done, 2 pending, 1 failed", "refused",
    ] {
      #expect(text.components(separatedBy: fact).count == 2, "\(fact) in \(text)")
    }
    #expect(!text.contains("kind: X"))
    let wide = DescribeRollout.lines(rollout, failures: failures, isWide: true)
    #expect(wide == lines + ["Applied:", "  kind: X", "", "  spec: 1"])
  }

  @Test func timesAndSizesHaveTheirUnits() {
    var download = task(state: "queued", endedAt: nil)
    download.reason = "not before tomorrow"
    download.order = TaskOrder(
      kind: "download",
      [
        "url": "http://a/f", "size": 2048,
        "windows": [
          ["start": 3600, "end": 10_800, "mode": "whenIdle"], ["start": 10_800, "end": 86_400],
        ],
      ])
    let lines = DescribeTask.lines(download)
    for line in [
      "  windows:         60m to 3h (3600–10800 s) after the order, whenIdle; 3h to 24h (10800–86400 s) after the order",
      "  size:            2048 B", "Because:           not before tomorrow",
      "Order:             download http://a/f within 60m to 3h or 3h to 24h",
    ] { #expect(lines.contains(line), "\(line)\n\(lines)") }
    download.order = TaskOrder(kind: "upload", ["fileType": "2 Vendor Log File", "delay": 600])
    let delayed = DescribeTask.lines(download)
    #expect(delayed.contains("  delay:           10m (600 s)"), "\(delayed)")
    #expect(delayed.contains("Order:             upload 2 Vendor Log File after 10m"), "\(delayed)")
    let probe = TaskText.argument("timeout", 500)
    #expect(probe == "500 ms")
  }

  @Test func aTableTellsWhyATaskWaits() {
    var open = task(state: "queued", endedAt: nil)
    open.reason = "retry at noon"
    #expect(TaskText.outcome(open) == "retry at noon")
    let ended = task(state: "failed", endedAt: Self.time)
    #expect(TaskText.outcome(ended).hasPrefix("cwmp.9002"))
  }

  @Test func theSwitchesOfADeviceAreShown() {
    var device = DeviceDetail(
      name: "N", manufacturer: "M", oui: "00D09E", productClass: "P", serialNumber: "1", tags: [],
      facts: [:], protocol: "cwmp", root: "Device.", address: "", createdAt: Self.time,
      lastContact: nil, lastBoot: nil, lastRead: nil, readDue: nil, isReachable: false,
      openTasks: 0)
    #expect(
      DescribeDevice.lines(device, tasks: [], events: []).contains("Switches:          none"))
    device.switches = SwitchesInForce(
      documents: ["maker", "model"],
      values: ["reading.batchSize": 10, "connectionRequests.methods": ["udp", "http"]])
    let lines = DescribeDevice.lines(device, tasks: [], events: [])
    let first = lines.firstIndex(of: "Switches:          from maker, model") ?? lines.count
    #expect(
      lines[first...].prefix(3).dropFirst() == [
        "  connectionRequests.methods: udp, http", "  reading.batchSize: 10",
      ], "\(lines)")
  }
}
