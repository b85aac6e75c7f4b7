import Fleet
import FleetStore
import Foundation
import NIOConcurrencyHelpers
import Testing
import USP
import USPTransports

@testable import USPController

/// Orders that are carried out in more than one step.
extension AgentConversationTests {
  private func order(_ operation: Fleet.Operation) -> TaskRequest {
    let now = Date().timeIntervalSince1970
    return TaskRequest(operation: operation, dueAt: now, deadline: now + 600, maxAttempts: 1)
  }

  private func change(_ id: String, uuid: String, state: String, fault: String = "0") -> USPMsg {
    var event = USPNotify.Event()
    event.objPath = "Device.SoftwareModules."
    event.eventName = "DUStateChange!"
    event.params = [
      "UUID": uuid, "Version": "1", "CurrentState": state, "Fault.FaultCode": fault,
      "Fault.FaultString": fault == "0" ? "" : "full",
    ]
    var notify = USPNotify()
    notify.subscriptionID = "values"
    notify.sendResp = true
    notify.notification = .event(event)
    return .request(id: id, .notify(notify))
  }

  private func commands(_ link: ScriptedLink) -> [String] {
    link.messages.compactMap {
      if case .operate(let operate)? = $0.request { operate.command } else { nil }
    }
  }

  private static let modules = Fleet.Operation.changeSoftware([
    .install(.remote(RemoteFile(url: "http://192.0.2.1/m")), uuid: "a", environment: ""),
    .uninstall(uuid: "b", version: "", environment: ""),
  ])

  /// The report of a change may overtake the answer to its command.
  @Test(arguments: [false, true], ["0", "7227"])
  func changesOfSoftwareFollowOneAnother(isEarly: Bool, fault: String) async throws {
    try await withController { fixture in
      let own = NIOLockedValueBox<ScriptedLink?>(nil)
      let link = try link(hears: { operate in
        guard isEarly else { return }
        own.withLockedValue { $0 }?.tell(
          operate.command.hasSuffix("InstallDU()")
            ? self.change("first", uuid: "a", state: "Installed")
            : self.change("second", uuid: "b", state: "Uninstalled", fault: fault))
      })
      own.withLockedValue { $0 = link }
      let device = try await known(fixture, link)
      let task = try await fixture.store.createTask(
        for: Self.name, order(Self.modules), by: "test")
      await fixture.core.table.conversation(of: device.id)?.noteWork()
      if !isEarly {
        func waits(_ count: Int) async throws {
          try await wait {
            let now = try await fixture.store.task(task.task.id, of: Self.name)?.task
            return commands(link).count == count && now?.state == .waiting
          }
        }
        try await waits(1)
        link.tell(change("first", uuid: "a", state: "Installed"))
        try await waits(2)
        link.tell(change("second", uuid: "b", state: "Uninstalled", fault: fault))
      }
      let state = fault == "0" ? DeviceTask.State.done : .failed
      try await wait {
        try await fixture.store.task(task.task.id, of: Self.name)?.task.state == state
      }
      let ended = try #require(try await fixture.store.task(task.task.id, of: Self.name)?.task)
      #expect(ended.result?.software?.map(\.uuid) == ["a", "b"])
      #expect(ended.fault?.code == (fault == "0" ? nil : "usp.7227"))
      #expect(
        commands(link) == [
          "Device.SoftwareModules.InstallDU()",
          #"Device.SoftwareModules.DeploymentUnit.[UUID=="b"].Uninstall()"#,
        ])
      own.withLockedValue { $0 = nil }
    }
  }

  @Test func anUploadBeginsAfterItsDelay() async throws {
    try await withController(destination: { _, _ in "http://192.0.2.1/up" }) { fixture in
      let link = try link()
      let device = try await known(fixture, link)
      let upload = UploadOrder(fileType: "4 Vendor Log File 1", delay: 1000)
      let task = try await fixture.store.createTask(
        for: Self.name, order(.upload(upload)), by: "test")
      let conversation = try #require(await fixture.core.table.conversation(of: device.id))
      await conversation.noteWork()
      try await wait {
        let now = try await fixture.store.task(task.task.id, of: Self.name)?.task
        return now?.fault?.code == OperationFault.delayedCode
      }
      #expect(commands(link).isEmpty)
      fixture.ahead.withLockedValue { $0 = 1001 }
      await conversation.noteWork()
      try await wait { commands(link) == ["Device.DeviceInfo.VendorLogFile.1.Upload()"] }
    }
  }
}
