import Fleet
import FleetStore
import Foundation
import NIOConcurrencyHelpers
import Testing
import USP
import USPTransports

@testable import USPController

/// Commands whose end is shown by the agent's table of requests alone.
extension AgentConversationTests {
  /// Seconds; long enough for a report that follows at once to be stored before.
  private static let patience = 0.3

  private func order(_ operation: Fleet.Operation) -> TaskRequest {
    let now = Date().timeIntervalSince1970
    return TaskRequest(operation: operation, dueAt: now, deadline: now + 600, maxAttempts: 1)
  }

  private func request(
    _ status: String, _ task: DeviceTask, command: String = "Device.SelfTest()"
  ) -> [String: String] {
    [
      "Command": command, "CommandKey": task.commandKey, "Status": status,
      "Originator": "self::controller",
    ]
  }

  private func completion(_ task: DeviceTask) -> USPMsg {
    var complete = USPNotify.OperationComplete()
    complete.objPath = "Device."
    complete.commandName = "SelfTest()"
    complete.commandKey = task.commandKey
    var outputs = USPNotify.OperationComplete.OutputArgs()
    outputs.outputArgs = ["Results": "fine"]
    complete.operationResp = .reqOutputArgs(outputs)
    var notify = USPNotify()
    notify.subscriptionID = "values"
    notify.sendResp = true
    notify.notification = .operComplete(complete)
    return .request(id: "end", .notify(notify))
  }

  private func looks(_ link: ScriptedLink) -> Int {
    link.messages.count {
      guard case .get(let get)? = $0.request else { return false }
      return get.paramPaths == ["Device.LocalAgent.Request."]
    }
  }

  /// An agent that has accepted an order, and was away since.
  private func withWaitingTask(
    _ operation: Fleet.Operation = .command(CommandOrder(command: "Device.SelfTest()")),
    _ body: (
      Fixture, DeviceTask, NIOLockedValueBox<[[String: String]]>, () async throws -> ScriptedLink
    ) async throws -> Void
  ) async throws {
    try await withController({ $0.reportPatience = Self.patience }) { fixture in
      let rows = NIOLockedValueBox<[[String: String]]>([])
      let first = try link(requests: { rows.withLockedValue { $0 } })
      first.connect(to: fixture.core.accept(first))
      try await wait { try await fixture.store.device(named: Self.name)?.readAt != nil }
      let device = try #require(try await fixture.store.device(named: Self.name))
      let task = try await fixture.store.createTask(for: Self.name, order(operation), by: "test")
      await fixture.core.table.conversation(of: device.id)?.noteWork()
      try await wait {
        try await fixture.store.task(task.task.id, of: Self.name)?.task.state == .waiting
      }
      // Nothing waited when the agent connected.
      #expect(looks(first) == 0)
      first.close(.finished)
      try await wait { fixture.core.table.links == 0 }
      try await body(fixture, task.task, rows) {
        let next = try link(requests: { rows.withLockedValue { $0 } })
        next.connect(to: fixture.core.accept(next))
        return next
      }
    }
  }

  private func ended(_ task: DeviceTask, _ fixture: Fixture) async throws -> DeviceTask {
    while true {
      let now = try #require(try await fixture.store.task(task.id, of: Self.name)).task
      if !now.state.isOpen { return now }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  @Test func aCommandWhoseReportWasLostEndsAsTheTableSays() async throws {
    for (status, state) in [
      ("Success", DeviceTask.State.done), ("Error", .failed), ("Canceled", .failed),
    ] {
      try await withWaitingTask { fixture, task, rows, connect in
        rows.withLockedValue { $0 = [request(status, task)] }
        let link = try await connect()
        let end = try await ended(task, fixture)
        #expect(end.state == state)
        #expect(end.result?.values == nil)
        #expect(end.fault?.code == ["Error": "usp.7022", "Canceled": "usp.7023"][status])
        #expect(looks(link) == 1)
      }
    }
  }

  @Test func aReportThatFollowsSaysMoreThanTheTable() async throws {
    try await withWaitingTask { fixture, task, rows, connect in
      rows.withLockedValue { $0 = [request("Success", task)] }
      let link = try await connect()
      try await link.wait { _ in looks(link) == 1 }
      link.tell(completion(task))
      let end = try await ended(task, fixture)
      #expect(
        end.result?.values?.map(\.path) == ["Device.SelfTest().Output.Results"])
      try await Task.sleep(for: .seconds(2 * Self.patience))
      #expect(try await fixture.store.task(task.id, of: Self.name)?.task == end)
    }
  }

  @Test func whatIsUnderWayAndWhatIsNotThereGoesOnWaiting() async throws {
    try await withWaitingTask { fixture, task, rows, connect in
      rows.withLockedValue { $0 = [request("Active", task)] }
      let link = try await connect()
      try await link.wait { _ in looks(link) == 1 }
      // The agent has deleted the row: that says nothing. The next call looks again.
      for (calls, shown) in [(2, []), (3, [request("Success", task)])] {
        try await Task.sleep(for: .seconds(2 * Self.patience))
        #expect(try await fixture.store.task(task.id, of: Self.name)?.task.state == .waiting)
        rows.withLockedValue { $0 = shown }
        var event = USPNotify.Event()
        event.objPath = "Device.LocalAgent."
        event.eventName = "Periodic!"
        var notify = USPNotify()
        notify.subscriptionID = "values"
        notify.sendResp = true
        notify.notification = .event(event)
        link.tell(.request(id: "periodic-\(calls)", .notify(notify)))
        try await link.wait { _ in looks(link) == calls }
      }
      #expect(try await ended(task, fixture).state == .done)
    }
  }

  /// The end of a transfer goes its own way: the firmware that was loaded is started by a second command.
  @Test func aTransferThatHasEndedIsTreatedAsOne() async throws {
    let image = "Device.DeviceInfo.FirmwareImage.2."
    let download = DownloadOrder(
      file: "", remote: RemoteFile(url: "http://192.0.2.1/f"),
      windows: [TransferWindow(start: 0, end: 600, mode: .immediately)])
    try await withWaitingTask(.download(download)) { fixture, task, rows, connect in
      rows.withLockedValue { $0 = [request("Success", task, command: image + "Download()")] }
      let link = try await connect()
      #expect(try await ended(task, fixture).state == .done)
      // What was loaded is started now.
      #expect(
        link.messages.contains {
          guard case .operate(let operate)? = $0.request else { return false }
          return operate.command == image + "Activate()"
        })
    }
  }
}
