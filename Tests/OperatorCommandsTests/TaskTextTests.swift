import Foundation
import ManagementTypes
import Testing

@testable import OperatorCommands

@Suite struct TaskTextTests {
  private static let time = Timestamp(0)

  private func task(_ order: String, _ result: TaskDetail.Result = .init()) throws -> TaskDetail {
    TaskDetail(
      id: 7, device: "N",
      order: try JSONDecoder().decode(TaskOrder.self, from: Data(order.utf8)), state: "done",
      waitingFor: nil, attempts: 1, maxAttempts: 3, dueAt: Self.time, deadline: Self.time,
      createdAt: Self.time, startedAt: Self.time, endedAt: Self.time, orderedBy: "a",
      rollout: nil, result: result, fault: nil)
  }

  @Test(arguments: [
    (#"{"kind":"get","paths":["A","B"]}"#, "get A +1"),
    (#"{"kind":"refresh"}"#, "refresh"),
    (#"{"kind":"set","values":[{"path":"A","value":"1"}]}"#, "set A"),
    (#"{"kind":"setAttributes","attributes":[{"path":"A"}]}"#, "set attributes A"),
    (
      #"{"kind":"download","file":"0123456789abcdef","expectedVersion":"2"}"#,
      "download 0123456789ab (2)"
    ),
    (#"{"kind":"download","url":"http://a/f"}"#, "download http://a/f"),
    (#"{"kind":"upload","fileType":"2 Vendor Log File"}"#, "upload 2 Vendor Log File"),
    (#"{"kind":"scheduleContact","delay":90}"#, "call in 90s"),
    (
      #"{"kind":"changeSoftware","changes":[{"action":"install","url":"http://a/"},{"action":"update"}]}"#,
      "install http://a/ +1"
    ),
    (#"{"kind":"setVouchers","vouchers":["AA=="]}"#, "set 1 voucher"),
    (#"{"kind":"diagnose","diagnosis":"ping","host":"a"}"#, "diagnose ping a"),
    (#"{"kind":"fromALaterRelease","x":1}"#, "fromALaterRelease"),
  ]) func ordersInALine(order: String, expected: String) throws {
    #expect(TaskText.summary(try task(order).order) == expected)
  }

  @Test func resultsAreTables() throws {
    #expect(
      TaskText.report(
        try task(
          #"{"kind":"getAttributes","paths":["A"]}"#,
          .init(attributes: [.init(path: "A", notification: 2, accessList: ["Subscriber"])])))
        == ["PATH   NOTIFICATION   ACCESS", "A      active         Subscriber"])
    #expect(
      TaskText.report(
        try task(
          #"{"kind":"listTransfers"}"#,
          .init(transfers: [
            .init(commandKey: "fl-7", state: "inProgress", isDownload: true, size: 2048)
          ])))
        == [
          "KEY    STATE        DIRECTION   TYPE   SIZE      NAME",
          "fl-7   inProgress   download           2.0 KiB",
        ])
    #expect(
      TaskText.report(try task(#"{"kind":"listTransfers"}"#, .init(transfers: []))) == [
        "N: 0 transfers"
      ])
    #expect(
      TaskText.report(try task(#"{"kind":"listMethods"}"#, .init(methods: ["Reboot\u{1B}"])))
        == ["METHOD", #"Reboot\u{1B}"#])
    #expect(
      TaskText.report(
        try task(
          #"{"kind":"changeSoftware","changes":[]}"#,
          .init(software: [
            .init(
              uuid: "u", version: "1", state: "Failed", path: "", isResolved: false,
              fault: .init(code: "cwmp.9032", text: "no room"))
          ])))
        == [
          "UUID   VERSION   STATE    RESOLVED   PATH   FAULT",
          "u      1         Failed   no                cwmp.9032: no room",
        ])
    #expect(
      TaskText.report(
        try task(
          #"{"kind":"getOptions"}"#,
          .init(options: [
            .init(
              name: "o", voucherSerialNumber: "5", isEnabled: true, isSetUp: false,
              startDate: "s", isTransferable: false)
          ]))
      ).last == "o        5         yes       no       s")
    #expect(
      TaskText.report(
        try task(#"{"kind":"upload","fileType":"1"}"#, .init(file: "0123456789abcdef")))
        == ["N: sent a file: acsctl get file 0123456789ab --save PATH"])
  }

  @Test func aFailureShowsWhatWasDone() throws {
    var task = try task(
      #"{"kind":"changeSoftware","changes":[]}"#,
      .init(software: [.init(uuid: "u", version: "1", state: "Installed", path: "P.")]))
    task.state = "failed"
    task.fault = .init(code: "cwmp.9032", text: "no room")
    #expect(
      TaskText.report(task) == [
        "N: failed: cwmp.9032: no room",
        "UUID   VERSION   STATE       RESOLVED   PATH   FAULT",
        "u      1         Installed              P.",
      ])
  }

  @Test func parametersShowHowTheyAreReported() {
    func parameter(_ path: String, _ notification: Int?) -> ParameterDetail {
      ParameterDetail(
        path: path, value: "v", type: path.hasSuffix(".") ? nil : "int", writable: true,
        notification: notification, changedAt: Timestamp(0))
    }
    let parameters = [
      parameter("A", 0), parameter("B", 2), parameter("C", 9), parameter("D", nil),
      parameter("E.", nil),
    ]
    let cells = GetParameters.table(parameters, isWide: true).lines().map {
      $0.split(separator: " ").dropFirst(4).first.map(String.init) ?? ""
    }
    #expect(cells == ["NOTIFICATION", "off", "active", "9", "?", "v"])
    #expect(
      !GetParameters.table(parameters, isWide: false).lines()[0].contains("NOTIFICATION"))
  }

  @Test func severalMeasurementsAreALineEach() throws {
    let ping = try task(
      #"{"kind":"diagnose","diagnosis":"ping","host":"a"}"#,
      .init(values: [.init(path: "X.SuccessCount", value: "3")]))
    #expect(TaskText.outcome(ping) == "3 answered, ? did not")
  }

  @Test func aTaskIsDescribedWithAllOfItsOrder() throws {
    let lines = DescribeTask.lines(
      try task(
        #"{"kind":"download","url":"http://a/","password":"","windows":[{"start":0,"end":9}]}"#))
    #expect(lines.contains("  url:             http://a/"), "\(lines)")
    #expect(lines.contains("  windows:         0s to 9s (0–9 s) after the order"), "\(lines)")
    #expect(lines.contains("  password:        (not shown)"), "\(lines)")
  }
}
