import CWMP
import Fleet
import FleetStore
import Foundation
import NIOCore
import NIOPosix
import Refusals
import Testing

@testable import CWMPServer

/// What devices of some make need differently, and the keeping of messages, seen at the door.
@Suite(.serialized) struct DoorSwitchesTests {
  private static func table(_ change: (inout DeviceSwitches) -> Void) throws -> DeviceSwitchesTable
  {
    var switches = DeviceSwitches()
    change(&switches)
    return DeviceSwitchesTable([
      "acme": DeviceSwitchesSpec(
        selector: try Selector(
          parsing: "DeviceInfo.Manufacturer=Acme,DeviceInfo.SoftwareVersion=1.*"),
        switches: switches)
    ])
  }

  private static func withDoor(
    _ door: DoorFixture, switches: DeviceSwitchesTable, _ body: (Int) async throws -> Void
  ) async throws {
    var settings = DoorSettings()
    settings.host = "127.0.0.1"
    settings.port = 0
    settings.enrolment = .open
    settings.provisionsCredential = false
    let server = try await DoorFixture.start(
      settings, store: door.store, switches: switches)
    do {
      try await body(server.port)
    } catch {
      await server.stop(patience: 0)
      throw error
    }
    await server.stop(patience: 0)
  }

  @Test func aDeviceIsSpokenToAsItsSwitchesSay() async throws {
    let table = try Self.table {
      $0.xmlDeclaration = true
      $0.booleans = .words
      $0.nameListing = .levels
      $0.batchSize = 1
    }
    try await DoorFixture.run { door in
      try await Self.withDoor(door, switches: table) { port in
        let cpe = try await TestCPE(port: port)
        let answer = try await cpe.post(TestCPE.inform())
        #expect(String(decoding: answer.body.prefix(5), as: UTF8.self) == "<?xml")
        let listing = try await cpe.postNothing()
        #expect(listing.message == .request(.getParameterNames(path: "Device.", nextLevel: true)))
        #expect(String(decoding: listing.body, as: UTF8.self).contains("<NextLevel>true<"))
        let reading = try await cpe.post(
          .response(
            .getParameterNames([
              ParameterInfo(name: "Device.A", writable: true),
              ParameterInfo(name: "Device.B", writable: true),
            ])))
        #expect(reading.message == .request(.getParameterValues(names: ["Device.A"])))

        // Another version is another make.
        let other = try await TestCPE(port: port)
        let plain = try await other.post(TestCPE.inform("2", version: "2.0"))
        #expect(String(decoding: plain.body.prefix(5), as: UTF8.self) != "<?xml")
      }
    }
  }

  @Test func aDeviceMayAskForMorePatienceWithinLimits() async throws {
    try await DoorFixture.run { door in
      let settings = DoorSettings()
      for (wanted, expected) in [(nil, 60), (30, 60), (120, 120), (100_000, 300)] as [(Int?, Int64)]
      {
        let authenticatorDoor = try await Self.door(settings, door.store)
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let conversation = Conversation(
          door: authenticatorDoor, loop: loop, caller: .unproved, peer: "", localAddress: "")
        conversation.wantedPatience = wanted
        #expect(conversation.patience == .seconds(expected))
      }
    }
  }

  private static func door(_ settings: DoorSettings, _ store: FleetStore) async throws -> Door {
    let logger = DoorFixture.silentLogger
    let refusals = RefusalLog(logger: logger)
    let counter = DoorCounter()
    return Door(
      settings: settings,
      environment: DoorEnvironment(
        store: store, source: { _, _ in nil },
        credential: { ConnectionCredential(deviceName: $0, secret: [1]) }, now: { 0 }),
      authenticator: DeviceAuthenticator(
        settings: settings, store: store, key: Array(repeating: 1, count: 32), refusals: refusals,
        counter: counter, logger: logger), refusals: refusals, counter: counter, logger: logger)
  }
}
