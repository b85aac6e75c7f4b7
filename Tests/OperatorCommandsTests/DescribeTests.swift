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
}
