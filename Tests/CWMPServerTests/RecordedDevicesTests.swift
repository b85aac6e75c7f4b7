import CWMP
import FleetStore
import Foundation
import Postgres
import Testing

@testable import CWMPServer

/// Devices as they were recorded, speaking to the door byte for byte, with the headers that they sent.
@Suite(.serialized, .enabled(if: RecordedMessage.arePresent, RecordedMessage.absence))
struct RecordedDevicesTests {
  /// More requests than any of these devices is asked in one session.
  private static let requestLimit = 500

  /// What one device was recorded to send.
  private struct Recording {
    var informs: [RecordedMessage] = []
    var answers: [RecordedMessage] = []
    var faults: [RecordedMessage] = []
    /// Requests of the device besides its Informs.
    var notices: [RecordedMessage] = []
    var empty: RecordedMessage?

    init(_ folder: String) throws {
      for recorded in try RecordedMessage.all(below: folder) {
        switch recorded.message {
        case .request(.inform): informs.append(recorded)
        case .request: notices.append(recorded)
        case .response: answers.append(recorded)
        case .fault: faults.append(recorded)
        case nil: if recorded.body.isEmpty { empty = recorded }
        }
      }
      try #require(!informs.isEmpty)
    }

    /// What the device said to a request of that kind.
    func answer(to request: Request) -> RecordedMessage? {
      answers.first {
        if case .response(let response) = $0.message { return response.answers(request) }
        return false
      }
    }
  }

  /// A device in a session: returns the cookie as it was recorded to, and forgets it if it was.
  private struct Device {
    let cpe: TestCPE
    var token: String?

    mutating func send(_ recorded: RecordedMessage) async throws -> TestResponse {
      let response = try await cpe.post(recorded.body, headers: recorded.headers(with: token))
      if let cookie = response.header("Set-Cookie") {
        token = SessionCookie.tokens(in: cookie).first.map(String.init)
      }
      return response
    }
  }

  private static let nothing = RecordedMessage(
    name: "empty", headers: ["Content-Type: text/xml"], cookie: nil, body: [])

  /// Posts the Inform, then nothing, then an answer to each request until the session ends.
  private static func converse(
    _ inform: RecordedMessage, of recording: Recording, with device: inout Device,
    telling notices: [RecordedMessage] = [], answer: (Request) -> RecordedMessage?
  ) async throws -> (greeting: TestResponse, replies: [TestResponse], last: TestResponse) {
    let greeting = try await device.send(inform)
    var replies: [TestResponse] = []
    for notice in notices { replies.append(try await device.send(notice)) }
    var last = try await device.send(recording.empty ?? nothing)
    var requests = 0
    while last.status == 200, case .request(let request) = last.message, requests < requestLimit {
      requests += 1
      if let recorded = answer(request) {
        last = try await device.send(recorded)
      } else {
        last = try await device.cpe.post(
          .fault(Fault(code: 9005, text: "not recorded")),
          headers: device.token.map { ["Cookie: session=\($0)"] } ?? [])
      }
    }
    return (greeting, replies, last)
  }

  private func expectGreeting(_ greeting: TestResponse, to inform: RecordedMessage) throws {
    let sent = try EnvelopeDecoder().decode(inform.body)
    #expect(greeting.message == .response(.inform), "\(inform.name)")
    #expect(greeting.envelope?.id == sent.id, "\(inform.name)")
    #expect(greeting.envelope?.namespace == sent.namespace, "\(inform.name)")
  }

  @Test(arguments: RecordedMessage.folders)
  func everyRecordedDeviceIsMetAndRead(folder: String) async throws {
    let recording = try Recording(folder)
    try await DoorFixture.run { door in
      for inform in recording.informs {
        var device = Device(cpe: try await door.connect())
        let session = try await Self.converse(inform, of: recording, with: &device) {
          recording.answer(to: $0)
        }
        try expectGreeting(session.greeting, to: inform)
        #expect(session.last.status == 204, "\(folder) \(inform.name)")
      }
      #expect(door.server.openSessions == 0)
      let devices = try await door.store.pool.query("SELECT device_id FROM device")
      #expect(!devices.isEmpty)
      for device in devices {
        #expect(!(try await door.store.tree(of: try device.int64(0))).isEmpty)
      }
    }
  }

  @Test(arguments: RecordedMessage.folders)
  func whatDevicesTellBesidesIsAnswered(folder: String) async throws {
    let recording = try Recording(folder)
    try await DoorFixture.run { door in
      var device = Device(cpe: try await door.connect())
      let session = try await Self.converse(
        recording.informs[0], of: recording, with: &device, telling: recording.notices
      ) { recording.answer(to: $0) }
      for (notice, reply) in zip(recording.notices, session.replies) {
        guard case .request(let request) = notice.message,
          case .response(let response) = reply.message
        else {
          Issue.record("\(notice.name) was answered by \(reply.status)")
          continue
        }
        #expect(response.answers(request), "\(notice.name)")
        #expect(reply.envelope?.id == (try EnvelopeDecoder().decode(notice.body)).id)
      }
      #expect(session.last.status == 204)
    }
  }

  @Test(arguments: RecordedMessage.folders)
  func recordedFaultsEndNoSession(folder: String) async throws {
    let recording = try Recording(folder)
    try await DoorFixture.run { door in
      for fault in recording.faults {
        var device = Device(cpe: try await door.connect())
        let session = try await Self.converse(
          recording.informs[0], of: recording, with: &device
        ) { _ in fault }
        #expect(session.last.status == 204, "\(fault.name)")
      }
      #expect(door.server.openSessions == 0)
    }
  }

  @Test("netcwmp answers some requests by an empty POST", arguments: RecordedMessage.folders)
  func emptyAnswersEndNoSession(folder: String) async throws {
    let recording = try Recording(folder)
    try await DoorFixture.run { door in
      var device = Device(cpe: try await door.connect())
      let session = try await Self.converse(
        recording.informs[0], of: recording, with: &device
      ) { _ in recording.empty ?? Self.nothing }
      #expect(session.last.status == 204)
      #expect(door.server.openSessions == 0)
    }
  }
}
