import Fleet
import FleetStore
import Foundation
import HTTPTypes
import ManagementTypes
import Postgres
import Testing

@testable import ManagementAPI

@Suite struct TaskRouteTests {
  private static let path = "/devices/00D09E-Box-1/tasks"

  @Test func anOrderIsGivenAndFollowed() async throws {
    try await APIFixture.run { fixture in
      let device = try await fixture.makeDevice()
      let made = try await fixture.send(
        .post, Self.path, as: .operator,
        json: """
          {"order":{"kind":"set","values":[{"path":"Device.X","value":"1"},{"path":"Device.Y","value":"2","type":"int"}]},
           "expiresIn":60,"maxAttempts":2}
          """)
      #expect(made.status == 201)
      let task = try made.decoded(TaskDetail.self)
      #expect(task.state == "queued" && task.maxAttempts == 2 && task.orderedBy == "the-operator")
      #expect(task.order.values.map(\.type) == [nil, "int"])
      #expect(abs(task.deadline.secondsSince1970 - task.dueAt.secondsSince1970 - 60) < 0.01)
      #expect(fixture.woken.all == [device.id])
      #expect(made.headers[.location] == "/api/v1\(Self.path)/\(task.id)")
      _ = try await fixture.send(
        .post, Self.path, json: #"{"order":{"kind":"reboot"},"connect":false}"#)
      #expect(fixture.woken.all == [device.id])
      let list = try await fixture.send(.get, Self.path + "?limit=1").decoded(Page<TaskDetail>.self)
      #expect(list.items.map(\.order.kind) == ["reboot"])
      let next = try await fixture.send(
        .get, "/tasks?state=open&cursor=\(try #require(list.nextCursor))"
      ).decoded(Page<TaskDetail>.self)
      #expect(next.items == [task] && next.nextCursor == nil)
      #expect(try await fixture.send(.get, Self.path + "?state=sleeping").status == 400)
      let cancelled = try await fixture.send(.delete, "\(Self.path)/\(task.id)", as: .operator)
      #expect(try cancelled.decoded(TaskDetail.self).state == "cancelled")
      #expect(try await fixture.send(.delete, "\(Self.path)/\(task.id)").status == 409)
      #expect(try await fixture.send(.get, "\(Self.path)/999").status == 404)
      #expect(try await fixture.send(.get, "\(Self.path)/x").status == 400)
      #expect(try await fixture.send(.get, "/devices/nobody/tasks/\(task.id)").status == 404)
      #expect(
        try await fixture.send(
          .post, "/devices/nobody/tasks", json: #"{"order":{"kind":"reboot"}}"#
        )
        .status == 404)
    }
  }

  private static let refused: [(body: String, status: Int)] = [
    (#"{"order":{"kind":"explode"}}"#, 422), (#"{"order":{"kind":"get"}}"#, 422),
    (#"{"order":{"kind":"get","paths":[]}}"#, 422),
    (#"{"order":{"kind":"reboot","paths":["Device."]}}"#, 422),
    (#"{"order":{"kind":"set","values":[{"path":"Device.X","value":"x","type":"int"}]}}"#, 422),
    (#"{"order":{"kind":"download","file":"00"}}"#, 422),
    (
      #"{"order":{"kind":"download","file":"0000000000000000000000000000000000000000000000000000000000000000"}}"#,
      422
    ),
    (#"{"order":{"kind":"reboot"},"conect":true}"#, 400), (#"{"kind":"reboot"}"#, 400),
    (#"{"order":{"kind":"reboot","expectedVerison":"2"}}"#, 422), (#"{"order":{}}"#, 400),
    (#"{"order":{"kind":1}}"#, 400), (#"{"order":"reboot"}"#, 400),
    (#"{"order":{"kind":"set","values":[{"path":"Device.X","value":"x","typ":"int"}]}}"#, 422),
    (#"{"order":{"kind":"set","values":{"path":"Device.X"}}}"#, 422),
    (#"{"order":{"kind":"scheduleContact","delay":1.5}}"#, 422),
    (#"{"order":{"kind":"diagnose","diagnosis":"guess"}}"#, 422),
    (
      #"{"order":{"kind":"changeSoftware","changes":[{"action":"install","file":"0000000000000000000000000000000000000000000000000000000000000000"}]}}"#,
      422
    ),
    (
      #"{"order":{"kind":"changeSoftware","changes":[{"action":"update","file":"0000000000000000000000000000000000000000000000000000000000000000"}]}}"#,
      422
    ),
    (#"{"order":{"kind":"download","url":"https://u:p@example.com/f"}}"#, 422),
    (#"{"order":{"kind":"reboot"},"expiresIn":0}"#, 400),
    (#"{"order":{"kind":"reboot"},"maxAttempts":101}"#, 400),
    (#"{"order":{"kind":"reboot"},"dueAt":"tomorrow"}"#, 400),
    (#"{"order":{"kind":"reboot"},"dueAt":"2999-01-01T00:00:00Z"}"#, 400),
  ]

  @Test func whatCanNotBeDoneIsRefused() async throws {
    try await APIFixture.run { fixture in
      try await fixture.makeDevice()
      for (body, status) in Self.refused {
        let response = try await fixture.send(.post, Self.path, json: body)
        #expect(response.status == status, "\(body): \(response.text)")
        #expect(
          try response.decoded(Problem.self).code
            == (status == 422 ? "invalid-operation" : "invalid-body"), "\(body)")
      }
      #expect(fixture.woken.all.isEmpty)
    }
  }

  @Test func passwordsAreTakenAndNeverShown() async throws {
    let orders = [
      #"{"kind":"download","url":"https://example.com/f","username":"me","password":"hush-7"}"#,
      #"{"kind":"upload","fileType":"2 Vendor Log File","url":"https://example.com/f","password":"hush-7"}"#,
      #"{"kind":"changeSoftware","changes":[{"action":"install","url":"https://example.com/m","username":"me","password":"hush-7"}]}"#,
    ]
    try await APIFixture.run { fixture in
      let device = try await fixture.makeDevice()
      for order in orders {
        let made = try await fixture.send(.post, Self.path, json: #"{"order":\#(order)}"#)
        #expect(made.status == 201, "\(made.text)")
        let id = try made.decoded(TaskDetail.self).id
        for path in ["\(Self.path)/\(id)", Self.path, "/tasks", "/audit"] {
          let shown = try await fixture.send(.get, path).text
          #expect(!shown.contains("hush-7"), "\(path): \(shown)")
        }
        // That there is one is no secret.
        #expect(made.text.contains(#""password":"""#), "\(made.text)")
        _ = try await fixture.send(.delete, "\(Self.path)/\(id)")
      }
      let events = try await fixture.send(.get, "/devices/00D09E-Box-1/events").text
      #expect(!events.contains("hush-7"))
      // The device gets it.
      _ = try await fixture.send(.post, Self.path, json: #"{"order":\#(orders[0])}"#)
      guard
        case .download(let order) = try await fixture.store.openTasks(of: device.id)[0].operation
      else {
        Issue.record("no download")
        return
      }
      #expect(order.remote?.password == "hush-7")
    }
  }

  @Test func whatAnOperationBroughtIsShown() throws {
    let result = TaskDetail.Result(
      OperationResult(
        file: "ab", attributes: [.init(path: "P", notification: 2, accessList: ["Subscriber"])],
        transfers: [.init(commandKey: "k", state: .inProgress, isDownload: true, size: 5)],
        software: [
          .init(
            uuid: "u", version: "1", state: "Failed",
            fault: .init(code: "cwmp.9012", text: "gone", isTransient: true))
        ], methods: ["Reboot"],
        options: [
          .init(
            name: "o", voucherSerialNumber: "7", isEnabled: true, isSetUp: false,
            startDate: "2026-01-31T12:00:00Z", isTransferable: false)
        ], isReady: true))
    #expect(
      String(decoding: try APIJSON.encode(result), as: UTF8.self)
        == #"{"attributes":[{"accessList":["Subscriber"],"notification":2,"path":"P"}],"file":"ab","isReady":true,"methods":["Reboot"],"options":[{"isEnabled":true,"isSetUp":false,"isTransferable":false,"name":"o","startDate":"2026-01-31T12:00:00Z","voucherSerialNumber":"7"}],"software":[{"executionUnits":[],"fault":{"code":"cwmp.9012","text":"gone"},"path":"","state":"Failed","uuid":"u","version":"1"}],"transfers":[{"commandKey":"k","isDownload":true,"size":5,"state":"inProgress"}]}"#
    )
  }

  @Test func aRequestWaitsForTheEnd() async throws {
    try await APIFixture.run { fixture in
      try await fixture.makeDevice()
      let task = try await fixture.send(.post, Self.path, json: #"{"order":{"kind":"reboot"}}"#)
        .decoded(TaskDetail.self)
      let path = "\(Self.path)/\(task.id)"
      #expect(
        try await fixture.send(.get, path + "?wait=0").decoded(TaskDetail.self).state == "queued")
      #expect(try await fixture.send(.get, path + "?wait=61").status == 400)
      async let waiting = fixture.send(.get, path + "?wait=30")
      _ = try await fixture.send(.delete, path)
      #expect(try await waiting.decoded(TaskDetail.self).state == "cancelled")
    }
  }

  @Test func manyDevicesAreOrderedBySelector() async throws {
    try await APIFixture.run { fixture in
      for number in 1...3 { try await fixture.makeDevice("\(number)") }
      func order(_ rest: String) -> String {
        "{\"selector\":\"name=00D09E-*\",\"order\":{\"kind\":\"reboot\"}\(rest)}"
      }
      let dry = try await fixture.send(.post, "/tasks", json: order(#","dryRun":true"#))
      #expect(dry.status == 200)
      #expect(try dry.decoded(TasksCreated.self) == TasksCreated(matched: 3, tasks: []))
      let tooMany = try await fixture.send(.post, "/tasks", json: order(#","limit":2"#))
      #expect(tooMany.status == 409)
      #expect(try tooMany.decoded(Problem.self).code == "too-many-matches")
      #expect(
        try await fixture.send(.get, "/tasks").decoded(Page<TaskDetail>.self).items.isEmpty)
      let made = try await fixture.send(.post, "/tasks", json: order(""))
      #expect(made.status == 201)
      let created = try made.decoded(TasksCreated.self)
      #expect(
        created.tasks.map(\.device).sorted()
          == ["00D09E-Box-1", "00D09E-Box-2", "00D09E-Box-3"])
      #expect(fixture.woken.all.count == 3)
      #expect(
        try await fixture.send(.post, "/tasks", json: order(#","limit":10001"#)).status == 400)
      let all = try await fixture.send(
        .post, "/tasks", json: #"{"selector":"","order":{"kind":"reboot"}}"#)
      #expect(try all.decoded(Problem.self).code == "invalid-selector")
    }
  }
}
