import Fleet
import FleetStore
import Testing
import USP
import USPTransports

@testable import USPController

/// What an agent sends by itself, and how it is answered.
extension AgentConversationTests {
  /// TR-369 R-NOT.8, R-NOT.10.
  @Test func onlyWhoAsksForAnAnswerGetsOne() async throws {
    try await withController { fixture in
      let link = try link()
      let device = try await known(fixture, link)
      var silent = notification("n1", "a")
      silent.body.request.notify.sendResp = false
      link.tell(silent)
      link.tell(silent)
      try await wait {
        try await fixture.store.tree(of: device.id)
          .first { $0.path == "Device.DeviceInfo.ProvisioningCode" }?.value == "a"
      }
      // They are worked on one after the other.
      link.tell(notification("n2", "b"))
      try await link.wait { isAcknowledged("n2", $0) }
      #expect(!link.messages.contains { $0.id == "n1" })
    }
  }

  /// TR-369 R-NOT.5 to R-NOT.6a: it belongs to no subscription, and comes until it is answered.
  @Test func anOnBoardRequestIsAnswered() async throws {
    try await withController { fixture in
      let link = try link(row: ["EndpointID": "self::controller", "OnBoardingComplete": "false"])
      var notify = USPNotify()
      notify.sendResp = true
      notify.onBoardReq.oui = "02FA1E"
      link.connect(to: fixture.core.accept(link))
      link.tell(.request(id: "first", .notify(notify)))
      try await link.wait { messages in
        messages.contains {
          guard $0.id == "first", case .notifyResp(let response)? = $0.response else {
            return false
          }
          return response.subscriptionID.isEmpty
        }
      }
      let device = try #require(try await fixture.store.deviceID(named: Self.name))
      #expect(
        try await fixture.store.events(of: device, limit: 100)
          .contains { $0.kind == "onBoardRequest" })
      try await link.wait { messages in
        messages.contains {
          guard case .set(let set)? = $0.request, let object = set.updateObjs.first else {
            return false
          }
          return object.objPath == "Device.LocalAgent.Controller.1."
            && object.paramSettings.contains {
              $0.param == "OnBoardingComplete" && $0.value == "true"
            }
        }
      }
    }
  }

  /// This controller is no broker of services (TR-369 R-REG.2, R-DEREG.2, R-DEREG.4), and has no data model of its own.
  @Test func whatIsForBrokersAndAgentsIsNotSupported() async throws {
    try await withController { fixture in
      let link = try link()
      _ = try await known(fixture, link)
      var path = USPRegister.RegistrationPath()
      path.path = "Device.X."
      var register = USPRegister()
      register.regPaths = [path]
      for (id, request) in [
        ("r1", USPRequest.OneOf_ReqType.register(register)), ("r2", .deregister(USPDeregister())),
        ("r3", .get(USPGet())), ("r4", .operate(USPOperate())),
      ] {
        link.tell(.request(id: id, request))
        try await link.wait { messages in
          messages.contains { $0.id == id && $0.failure?.errCode == 7001 }
        }
      }
      #expect(link.closing == nil)
    }
  }

  /// TR-369 R-MSG.9.
  @Test func anAnswerThatNobodyAwaitsIsPassedOver() async throws {
    try await withController { fixture in
      let link = try link()
      let device = try await known(fixture, link)
      let conversation = try #require(fixture.core.table.conversation(of: device.id))
      let count = link.messages.count
      link.tell(.response(to: "nobody", .getResp(USPGetResp())))
      link.tell(.error(to: "nobody", .internalError))
      #expect(await conversation.probe(within: 10))
      // The question of that alone.
      #expect(link.messages.count == count + 1)
      #expect(link.closing == nil)
    }
  }
}
