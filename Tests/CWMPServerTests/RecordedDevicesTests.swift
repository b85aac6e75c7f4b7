import CWMP
import FleetStore
import Foundation
import Postgres
import Testing

@testable import CWMPServer

/// Devices as they were recorded, speaking to the door.
@Suite(.serialized) struct RecordedDevicesTests {
  private static let root: URL = {
    if let path = ProcessInfo.processInfo.environment["FAIRLEAD_TEST_DATA"] {
      return URL(fileURLWithPath: path)
    }
    return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("../shared/data").standardized
  }()

  private static var isPresent: Bool { FileManager.default.fileExists(atPath: root.path) }

  /// The bodies in a recording that are envelopes of the device.
  private static func bodies(in file: URL) throws -> [[UInt8]] {
    let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    if file.pathExtension == "xml" { return [Array(text.utf8)] }
    return text.components(separatedBy: "#### ").filter { $0.hasPrefix("REQUEST") }.compactMap {
      guard let range = $0.range(of: "\r\n\r\n") else { return nil }
      let body = $0[range.upperBound...]
      return body.isEmpty ? nil : Array(body.utf8)
    }
  }

  private static func files(below folder: String) throws -> [URL] {
    let folder = root.appendingPathComponent(folder)
    return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .sorted { $0.path < $1.path }
  }

  /// Lets a device answer with what it was recorded to say to a request of that kind, else with a fault, until the session ends.
  private static func converse(
    _ inform: [UInt8], answers: [Message], with cpe: TestCPE
  ) async throws -> (greeting: TestResponse, last: TestResponse, requests: Int) {
    let greeting = try await cpe.post(inform, headers: ["Content-Type: text/xml"])
    var response = try await cpe.postNothing(headers: ["Content-Type: text/xml"])
    var requests = 0
    while response.status == 200, case .request(let request) = response.message, requests < 500 {
      requests += 1
      let recorded = answers.first {
        if case .response(let response) = $0 { return response.answers(request) }
        return false
      }
      response = try await cpe.post(recorded ?? .fault(Fault(code: 9005, text: "not recorded")))
    }
    return (greeting, response, requests)
  }

  @Test(
    .enabled(
      if: isPresent, "the test data is absent; FAIRLEAD_TEST_DATA says where it is looked for"),
    arguments: [
      "cwmp-captures/evcpe", "cwmp-captures/genieacs-sim", "cwmp-captures/icwmp-tr181",
      "cwmp-captures/netcwmp", "cwmp-device-samples",
    ])
  func everyRecordedDeviceIsMetAndRead(folder: String) async throws {
    var informs: [(name: String, body: [UInt8], envelope: Envelope)] = []
    var answers: [Message] = []
    for file in try Self.files(below: folder) {
      for body in try Self.bodies(in: file) {
        guard let envelope = try? EnvelopeDecoder().decode(body), let message = envelope.message
        else { continue }
        if case .request(.inform) = message {
          informs.append((file.lastPathComponent, body, envelope))
        } else {
          answers.append(message)
        }
      }
    }
    try #require(!informs.isEmpty)
    try await DoorFixture.run { door in
      for inform in informs {
        let cpe = try await door.connect()
        let (greeting, last, _) = try await Self.converse(inform.body, answers: answers, with: cpe)
        #expect(greeting.message == .response(.inform), "\(folder) \(inform.name)")
        #expect(greeting.envelope?.id == inform.envelope.id, "\(folder) \(inform.name)")
        #expect(
          greeting.envelope?.namespace == inform.envelope.namespace, "\(folder) \(inform.name)")
        #expect(last.status == 204, "\(folder) \(inform.name)")
      }
      #expect(door.server.openSessions == 0)
      let devices = try await door.store.pool.query("SELECT device_id FROM device")
      #expect(!devices.isEmpty)
      for device in devices {
        #expect(!(try await door.store.tree(of: try device.int64(0))).isEmpty)
      }
    }
  }
}
