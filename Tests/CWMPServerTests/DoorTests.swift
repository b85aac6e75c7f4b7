import CWMP
import Fleet
import FleetStore
import Testing

@testable import CWMPServer

@Suite(.serialized) struct DoorTests {
  @Test func aSessionFromInformToTheEnd() async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      let first = try await cpe.post(
        TestCPE.inform("1", [Event(Event.bootstrap), Event(Event.boot)]))
      #expect(first.status == 200)
      #expect(first.message == .response(.inform))
      #expect(first.envelope?.id == "17")
      #expect(first.header("Content-Type") == "text/xml; charset=\"utf-8\"")
      #expect(first.header("Transfer-Encoding") == nil)
      #expect(first.header("Connection") == "keep-alive")
      #expect(first.header("Set-Cookie")?.contains("Path=/") == true)

      // A new device is read from its root on.
      let names = try await cpe.postNothing()
      #expect(names.message == .request(.getParameterNames(path: "Device.", nextLevel: false)))
      let values = try await cpe.post(
        .response(
          .getParameterNames([
            ParameterInfo(name: "Device.", writable: false),
            ParameterInfo(name: "Device.DeviceInfo.SoftwareVersion", writable: false),
            ParameterInfo(name: "Device.Time.NTPServer1", writable: true),
          ])))
      #expect(
        values.message
          == .request(
            .getParameterValues(names: [
              "Device.DeviceInfo.SoftwareVersion", "Device.Time.NTPServer1",
            ])))
      let end = try await cpe.post(
        .response(
          .getParameterValues([
            ParameterValue(name: "Device.DeviceInfo.SoftwareVersion", value: "1.0"),
            ParameterValue(name: "Device.Time.NTPServer1", value: "ntp.example"),
          ])))
      #expect(end.status == 204)
      #expect(end.body.isEmpty)

      let tree = try await door.store.tree(of: try await door.device("1"))
      #expect(
        tree.map(\.path) == [
          "Device.", "Device.DeviceInfo.SoftwareVersion", "Device.Time.NTPServer1",
        ])
      #expect(tree.last?.value == "ntp.example")
      #expect(tree.last?.writable == true)

      // The next session finds nothing to do.
      let again = try await door.connect()
      #expect(try await again.post(TestCPE.inform()).status == 200)
      #expect(try await again.postNothing().status == 204)
      #expect(door.server.openSessions == 0)
    }
  }

  @Test func theCookieCarriesASessionToAnotherConnection() async throws {
    try await DoorFixture.run { door in
      let one = try await door.connect()
      let response = try await one.post(TestCPE.inform())
      let cookie = try #require(response.header("Set-Cookie")?.split(separator: ";").first)
      one.hangUp()
      let other = try await door.connect()
      let next = try await other.postNothing(headers: ["Cookie: \(cookie); Path=/"])
      #expect(next.message == .request(.getParameterNames(path: "Device.", nextLevel: false)))
    }
  }

  @Test func aConnectionWithoutACookieIsASessionToo() async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      #expect(try await cpe.post(TestCPE.inform()).status == 200)
      #expect(try await cpe.postNothing().status == 200)
    }
  }

  @Test func anEmptyMessageNeedsNoContentLength() async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      try await cpe.send("POST / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await cpe.receive()?.status == 200)
    }
  }

  @Test func aRepeatedInformGetsTheSameAnswer() async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      let first = try await cpe.post(TestCPE.inform())
      let second = try await cpe.post(TestCPE.inform())
      #expect(first.body == second.body)
      #expect(door.server.openSessions == 1)
    }
  }

  @Test func aNewInformEndsTheOlderSession() async throws {
    try await DoorFixture.run { door in
      let old = try await door.connect()
      let cookie = try #require(
        try await old.post(TestCPE.inform()).header("Set-Cookie")?.split(separator: ";").first)
      let new = try await door.connect()
      #expect(try await new.post(TestCPE.inform("1", [Event(Event.boot)])).status == 200)
      #expect(
        try await new.postNothing().message
          == .request(.getParameterNames(path: "Device.", nextLevel: false)),
        "the reading goes over to the newer session")
      // The older session ends on its own thread.
      for _ in 0..<1_200 where door.server.openSessions > 1 {
        try await Task.sleep(for: .milliseconds(50))
      }
      let late = try await old.postNothing(headers: ["Cookie: \(cookie)"])
      #expect(late.status == 400)
    }
  }

  @Test func anInformInTheMidstOfASessionBeginsAnother() async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      _ = try await cpe.postNothing()
      let again = try await cpe.post(TestCPE.inform("1", [Event(Event.boot)]))
      #expect(again.message == .response(.inform))
      // The reading that the device broke off begins at once, not after a pause.
      #expect(
        try await cpe.postNothing().message
          == .request(.getParameterNames(path: "Device.", nextLevel: false)))
    }
  }

  /// A device that breaks off at SetParameterValues gets to its tasks all the same.
  @Test(arguments: [true, false])
  func aCredentialThatBreaksTheSessionIsSetTwiceAndNoMore(sameConnection: Bool) async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.provisionsCredential = true
    }) { door in
      var cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      _ = try await cpe.postNothing()
      _ = try await cpe.post(
        .response(.getParameterNames([ParameterInfo(name: "Device.A", writable: true)])))
      var message = try await cpe.post(
        .response(.getParameterValues([ParameterValue(name: "Device.A", value: "")]))
      ).message
      var sets = 0
      while case .request(.setParameterValues) = message, sets < 5 {
        sets += 1
        // It begins anew in place of an answer.
        if !sameConnection {
          cpe.hangUp()
          cpe = try await door.connect()
        }
        _ = try await cpe.post(TestCPE.inform("1", [Event(Event.periodic)]))
        message = try await cpe.postNothing().message
      }
      #expect(sets == 2)
      #expect(message == nil)
      // It may have been something else: another boot, another try.
      let later = try await door.connect()
      _ = try await later.post(TestCPE.inform("1", [Event(Event.boot)]))
      guard case .request(.setParameterValues) = try await later.postNothing().message else {
        Issue.record("the credential is not tried after a boot")
        return
      }
      // What the older session brought is stored while the newer one goes on.
      let device = try await door.device("1")
      let isTold = try await DoorFixture.eventually {
        try await door.store.events(of: device, limit: 100).contains {
          $0.kind == "credentialRefused"
        }
      }
      #expect(isTold)
    }
  }

  @Test(arguments: [
    "POST /any/path HTTP/1.0\r\nContent-Length: 0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nContent-Length: 0\r\n\r\n",
  ])
  func aSessionHasToBeginWithAnInform(request: String) async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      try await cpe.send(request)
      #expect(try await cpe.receive()?.status == 400)
    }
  }

  @Test func chunkedRequestsAndExpectAreBorne() async throws {
    try await DoorFixture.run { door in
      var body: [UInt8] = []
      EnvelopeEncoder().encode(
        Envelope(namespace: .v1_2, id: "1", message: TestCPE.inform()), into: &body)
      let cpe = try await door.connect()
      try await cpe.send(
        "POST /acs HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
      )
      #expect(try await cpe.receive()?.status == 100)
      for piece in stride(from: 0, to: body.count, by: 100) {
        let part = body[piece..<min(piece + 100, body.count)]
        try await cpe.send(Array("\(String(part.count, radix: 16))\r\n".utf8) + part + [13, 10])
      }
      try await cpe.send("0\r\n\r\n")
      let response = try await cpe.receive()
      #expect(response?.status == 200)
      #expect(response?.envelope?.namespace == .v1_2)
    }
  }

  /// Its Inform carries no parameter, so that the root of its data model is not known yet.
  @Test func aDeviceThatDoesNotShowItsRootIsAskedForIt() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.provisionsCredential = true
    }) { door in
      let cpe = try await door.connect()
      guard case .request(.inform(var inform)) = TestCPE.inform("1", [Event(Event.bootstrap)])
      else { return }
      inform.parameters = []
      _ = try await cpe.post(.request(.inform(inform)))
      #expect(
        try await cpe.postNothing().message
          == .request(.getParameterNames(path: "", nextLevel: false)))
      let name = "InternetGatewayDevice.DeviceInfo.UpTime"
      _ = try await cpe.post(
        .response(
          .getParameterNames([
            ParameterInfo(name: "InternetGatewayDevice.", writable: false),
            ParameterInfo(name: name, writable: false),
          ])))
      let next = try await cpe.post(
        .response(.getParameterValues([ParameterValue(name: name, value: "1")])))
      guard case .request(.setParameterValues(let set)) = next.message else {
        Issue.record("no credential was set: \(next)")
        return
      }
      #expect(
        set.parameters.allSatisfy { $0.name.hasPrefix("InternetGatewayDevice.ManagementServer.") })
      #expect(try await door.store.device(named: "00D09E-Box-1")?.root == "InternetGatewayDevice.")
    }
  }

  @Test func oldClientsAreClosedUnlessTheyAskToBeKept() async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      try await cpe.send("POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc")
      let response = try await cpe.receive()
      #expect(response?.status == 400)
      #expect(response?.header("Connection") == "close")
      #expect(try await cpe.receive() == nil)
    }
  }

  @Test func otherMethodsAndEncodingsAreRefused() async throws {
    try await DoorFixture.run { door in
      let getting = try await door.connect()
      try await getting.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      let refused = try await getting.receive()
      #expect(refused?.status == 405)
      #expect(refused?.header("Allow") == "POST")
      let packing = try await door.connect()
      try await packing.send(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx")
      #expect(try await packing.receive()?.status == 415)
    }
  }

  @Test func anEmptyMessageMayNameAnEncoding() async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      #expect(try await cpe.postNothing(headers: ["Content-Encoding: gzip"]).status == 200)
    }
  }

  @Test(arguments: [
    "<not xml", "<a/>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "\u{0}\u{1}\u{2}",
  ])
  func whatIsNoEnvelopeIsRefusedAndTheServerGoesOn(body: String) async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      let response = try await cpe.post(Array(body.utf8))
      #expect(response.status == 400)
      #expect(response.body.isEmpty)
      let next = try await door.connect()
      #expect(try await next.post(TestCPE.inform()).status == 200)
    }
  }

  @Test func aDeviceWithoutASerialNumberIsRefused() async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      let response = try await cpe.post(TestCPE.inform(""))
      guard case .fault(let fault) = response.message else {
        Issue.record("\(response)")
        return
      }
      #expect(fault.detail.code == 8003)
    }
  }
}
