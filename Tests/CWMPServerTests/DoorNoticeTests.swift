import CWMP
import Fleet
import FleetStore
import Foundation
import Testing

@testable import CWMPServer

/// What devices report besides their Informs.
@Suite(.serialized) struct DoorNoticeTests {
  private static func enrol(_ door: DoorFixture) async throws {
    let cpe = try await door.connect()
    _ = try await cpe.post(TestCPE.inform("1", [Event(Event.bootstrap)]))
    _ = try await cpe.postNothing()
    _ = try await cpe.post(
      .response(
        .getParameterNames([
          ParameterInfo(name: "Device.DeviceInfo.SoftwareVersion", writable: false)
        ])))
    _ = try await cpe.post(
      .response(
        .getParameterValues([
          ParameterValue(name: "Device.DeviceInfo.SoftwareVersion", value: "1.0")
        ])))
  }

  private static func events(_ kind: String, _ door: DoorFixture) async throws
    -> [NSDictionary]
  {
    try await door.store.events(of: try await door.device("1"), limit: 100).filter {
      $0.kind == kind
    }.map {
      try JSONSerialization.jsonObject(with: Data($0.detail)) as? NSDictionary ?? [:]
    }
  }

  private static let fault = FaultDetail(code: 9017, text: "broke off")
  private static var notices: [(Request, Response, String, NSDictionary)] {
    [
      (
        .transferComplete(
          TransferComplete(commandKey: "k", fault: fault, completeTime: "2026-11-23T00:00:00Z")),
        .transferComplete, "transferComplete",
        [
          "commandKey": "k", "startTime": unknownTime, "completeTime": "2026-11-23T00:00:00Z",
          "code": "cwmp.9017", "text": "broke off",
        ]
      ),
      (
        .autonomousTransferComplete(
          AutonomousTransferComplete(
            announceURL: "a", transferURL: "t", isDownload: true, fileType: "2 Web Content",
            fileSize: 7, targetFileName: "f")), .autonomousTransferComplete,
        "autonomousTransferComplete",
        [
          "announceURL": "a", "transferURL": "t", "isDownload": true, "fileType": "2 Web Content",
          "fileSize": 7, "targetFileName": "f", "startTime": unknownTime,
          "completeTime": unknownTime,
        ]
      ),
      (
        .autonomousDUStateChangeComplete(
          AutonomousDUStateChangeComplete(results: [
            DeploymentUnitResult(
              uuid: "u", deploymentUnitRef: "Device.DU.1", version: "1", currentState: "Installed",
              resolved: true, executionUnitRefs: ["Device.EU.1"], operationPerformed: "Install")
          ])), .autonomousDUStateChangeComplete, "autonomousDUStateChangeComplete",
        [
          "results": [
            [
              "uuid": "u", "path": "Device.DU.1", "version": "1", "state": "Installed",
              "isResolved": true, "executionUnits": ["Device.EU.1"], "operation": "Install",
              "startTime": unknownTime, "completeTime": unknownTime,
            ]
          ]
        ]
      ),
      (
        .requestDownload(
          RequestDownload(
            fileType: "2 Web Content",
            arguments: [RequestDownload.Argument(name: "Version", value: "3")])), .requestDownload,
        "requestDownload",
        ["fileType": "2 Web Content", "arguments": [["name": "Version", "value": "3"]]]
      ),
      (
        .kicked(Kicked(command: "c", referer: "r", argument: "a", next: "http://n/")),
        .kicked(nextURL: "http://n/"), "kicked",
        ["command": "c", "referer": "r", "argument": "a", "next": "http://n/"]
      ),
    ]
  }

  @Test func reportsAreKeptInFullAndOnce() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      // The device did not get the answers and tells all again in its next session.
      for _ in 0..<2 {
        let cpe = try await door.connect()
        _ = try await cpe.post(TestCPE.inform())
        for (request, response, _, _) in Self.notices {
          #expect(try await cpe.post(.request(request)).message == .response(response))
        }
      }
      for (_, _, kind, detail) in Self.notices {
        #expect(try await Self.events(kind, door) == [detail])
      }
    }
  }

  @Test func theReportOfSoftwareEndsItsOrder() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let uuid = "550e8400-e29b-41d4-a716-446655440000"
      let id = try await door.order(
        .changeSoftware([.uninstall(uuid: uuid, version: "", environment: "")]), for: "1")
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      guard case .request(.changeDUState(let order)) = try await cpe.postNothing().message else {
        Issue.record("no ChangeDUState")
        return
      }
      #expect(order.commandKey == "fl-\(id)")
      #expect(try await cpe.post(.response(.changeDUState)).status == 204)
      #expect(try await door.task(id, of: "1")?.waitingFor == .software)

      let later = try await door.connect()
      _ = try await later.post(TestCPE.inform())
      let result = DeploymentUnitResult(uuid: uuid, version: "1", currentState: "Uninstalled")
      #expect(
        try await later.post(
          .request(
            .duStateChangeComplete(
              DUStateChangeComplete(results: [result], commandKey: order.commandKey)))
        ).message == .response(.duStateChangeComplete))
      let done = try await door.task(id, of: "1")
      #expect(done?.state == .done)
      #expect(done?.result?.software?.map(\.state) == ["Uninstalled"])
      // The tree has other modules now.
      #expect(
        try await later.postNothing().message
          == .request(.getParameterNames(path: "Device.SoftwareModules.", nextLevel: false)))
    }
  }

  @Test func aFloodOfResultsIsCut() async throws {
    try await DoorFixture.run { door in
      try await Self.enrol(door)
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      let results = (0..<10_000).map {
        DeploymentUnitResult(uuid: "u\($0)", version: "1", currentState: "Installed")
      }
      #expect(
        try await cpe.post(
          .request(
            .autonomousDUStateChangeComplete(AutonomousDUStateChangeComplete(results: results)))
        ).message == .response(.autonomousDUStateChangeComplete))
      let event = try await Self.events("autonomousDUStateChangeComplete", door).first
      #expect(event?["isCut"] as? Bool == true)
      #expect((event?["results"] as? [Any])?.count ?? 10_000 < 1_000)
    }
  }
}
