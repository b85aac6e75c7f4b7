import ConnectionRequests
import Foundation
import Logging
import Synchronization
import Testing
import XMPP

/// The client against a real XMPP server, with another client as the device.
@Suite(
  .serialized,
  .enabled(if: Prosody.isInstalled, "prosody, the XMPP server of these tests, is not installed"))
struct XMPPClientTests {
  private typealias Request = XMPPClient.ReceivedRequest

  /// What a client told of itself.
  private final class Journal: Sendable {
    let states = Mutex<[XMPPClient.State]>([])
    let requests = Mutex<[XMPPClient.ReceivedRequest]>([])

    var hasFailed: Bool {
      states.withLock { $0.contains { if case .disconnected = $0 { true } else { false } } }
    }
    var connections: Int {
      states.withLock { $0.count { if case .connected = $0 { true } else { false } } }
    }
  }

  private func client(
    _ name: String, on server: Prosody, journal: Journal = Journal(),
    answer: XMPPClient.Answer? = nil,
    adjust: (inout XMPPClient.Configuration) -> Void = { _ in }
  ) -> XMPPClient {
    var configuration = XMPPClient.Configuration(
      jid: "\(name)@\(Prosody.domain)/\(name)", password: Prosody.passwords[name] ?? "")
    configuration.host = "127.0.0.1"
    configuration.port = server.port
    configuration.certificateAuthorities = server.certificate
    configuration.timeout = .seconds(120)
    configuration.reconnection.firstDelay = 0.1
    configuration.reconnection.maximumDelay = 0.2
    adjust(&configuration)
    let onState: @Sendable (XMPPClient.State) -> Void = { state in
      journal.states.withLock { $0.append(state) }
    }
    guard let answer else { return XMPPClient(configuration: configuration, onState: onState) }
    return XMPPClient(
      configuration: configuration,
      onRequest: { request in
        journal.requests.withLock { $0.append(request) }
        return answer
      }, onState: onState)
  }

  /// Waits for a minute at most, so that a test that fails does end.
  private func eventually(_ holds: () async -> Bool) async -> Bool {
    for _ in 0..<3000 {
      if await holds() { return true }
      try? await Task.sleep(for: .milliseconds(20))
    }
    return false
  }

  private func code(
    of client: XMPPClient, to jid: String = "cpe@localhost/cpe", username: String = "u",
    password: String = "p"
  ) async -> XMPPError.Code? {
    do throws(XMPPError) {
      try await client.requestConnection(of: jid, username: username, password: password)
      return nil
    } catch { return error.code }
  }

  @Test func aDeviceIsAskedOverTLSAndSaysYes() async throws {
    let server = try Prosody()
    try await server.run {
      let journal = Journal()
      let acs = client("acs", on: server)
      let device = client("cpe", on: server, journal: journal, answer: .accept)
      #expect(await eventually { acs.isConnected && device.isConnected })
      let odd = #"<a href="x">&amp; 'ä' ]]></a>"#
      #expect(await code(of: acs, username: odd, password: "p&<>\"'") == nil)
      #expect(
        journal.requests.withLock { $0 } == [
          Request(sender: "acs@localhost/acs", username: odd, password: "p&<>\"'")
        ])
      acs.stop()
      device.stop()
    }
  }

  @Test func theDevicesNoIsTold() async throws {
    let server = try Prosody()
    try await server.run {
      // What is sent to a device that is just leaving may stay without an answer.
      let acs = client("acs", on: server) { $0.timeout = .seconds(5) }
      #expect(await eventually { acs.isConnected })
      // Nobody is there.
      #expect(await code(of: acs) == .serviceUnavailable)
      for (answer, expected): (XMPPClient.Answer, XMPPError.Code) in [
        (.serviceUnavailable, .serviceUnavailable), (.notAuthorized, .notAuthorized),
      ] {
        let device = client("cpe", on: server, answer: answer)
        #expect(await eventually { device.isConnected })
        #expect(await code(of: acs) == expected)
        device.stop()
        #expect(await eventually { await code(of: acs) == .serviceUnavailable })
      }
      #expect(await code(of: acs, to: "cpe@localhost") == .invalidAddress)
      #expect(await code(of: acs, to: "cpe@localhost/a\nb") == .invalidAddress)
      acs.stop()
    }
  }

  @Test func whoDoesNotAnswerIsGivenUpAndLimitsHold() async throws {
    let server = try Prosody()
    try await server.run {
      let journal = Journal()
      let acs = client("acs", on: server) {
        $0.timeout = .milliseconds(300)
        $0.maximumPending = 1
      }
      let patient = client("stranger", on: server) { $0.maximumPending = 1 }
      let device = client("cpe", on: server, journal: journal, answer: .silence)
      #expect(
        await eventually { acs.isConnected && device.isConnected && patient.isConnected })
      #expect(await code(of: acs) == .timedOut)
      #expect(await code(of: acs) == .timedOut)
      let waiting = Task { await code(of: patient) }
      #expect(await eventually { journal.requests.withLock { $0.count } == 3 })
      #expect(await code(of: patient) == .overloaded)
      patient.stop()
      #expect(await waiting.value == .shutDown)
      #expect(await code(of: patient) == .shutDown)
      acs.stop()
      device.stop()
    }
  }

  @Test func whatNobodyAskedForIsRefusedAndChangesNothing() async throws {
    let server = try Prosody()
    try await server.run {
      let acs = client("acs", on: server)
      let device = client("cpe", on: server, answer: .accept)
      let stranger = client("stranger", on: server)
      #expect(
        await eventually { acs.isConnected && device.isConnected && stranger.isConnected })
      for _ in 0..<20 {
        #expect(await code(of: stranger, to: "acs@localhost/acs") == .serviceUnavailable)
      }
      #expect(await code(of: acs) == nil)
      for client in [acs, device, stranger] { client.stop() }
    }
  }

  @Test func aWrongPasswordConnectsNobodyAndIsInNoState() async throws {
    let server = try Prosody()
    try await server.run {
      let journal = Journal()
      let acs = client("acs", on: server, journal: journal) { $0.password = "wrong password" }
      // The server itself must be up, or this would say nothing.
      let other = client("cpe", on: server)
      #expect(await eventually { other.isConnected })
      let before = journal.states.withLock { $0.count }
      #expect(await eventually { journal.states.withLock { $0.count } >= before + 2 })
      #expect(journal.connections == 0)
      #expect(!acs.isConnected)
      #expect(!"\(journal.states.withLock { $0 })".contains("wrong password"))
      #expect(
        await eventually {
          journal.states.withLock(\.last)
            == .disconnected(reason: "the server does not take the account or its password")
        })
      #expect(await code(of: acs) == .notConnected)
      for client in [acs, other] { client.stop() }
    }
  }

  @Test func aServerThatNobodyVouchesForIsNotBelieved() async throws {
    let server = try Prosody()
    try await server.run {
      let journal = Journal()
      let acs = client("acs", on: server, journal: journal) { $0.certificateAuthorities = "" }
      let other = client("cpe", on: server)
      #expect(await eventually { other.isConnected })
      let before = journal.states.withLock { $0.count }
      #expect(await eventually { journal.states.withLock { $0.count } >= before + 2 })
      #expect(journal.connections == 0)
      #expect(
        await eventually {
          journal.states.withLock(\.last)
            == .disconnected(
              reason: "TLS does not come about: most likely the server's certificate is not trusted"
            )
        })
      for client in [acs, other] { client.stop() }
    }
  }

  @Test func withoutTLSNothingIsSaidUnlessThatIsWanted() async throws {
    let server = try Prosody(.none)
    try await server.run {
      let journal = Journal()
      let acs = client("acs", on: server, journal: journal) { $0.certificateAuthorities = "" }
      let plain = client("cpe", on: server, answer: .accept) { $0.security = .off }
      let asking = client("stranger", on: server) { $0.security = .off }
      #expect(await eventually { plain.isConnected && asking.isConnected })
      #expect(await code(of: asking) == nil)
      let before = journal.states.withLock { $0.count }
      #expect(await eventually { journal.states.withLock { $0.count } >= before + 2 })
      #expect(journal.connections == 0)
      for client in [acs, plain, asking] { client.stop() }
    }
  }

  @Test func aServerThatComesBackIsFoundAgain() async throws {
    let server = try Prosody()
    let journal = Journal()
    let acs = client("acs", on: server, journal: journal)
    let device = client("cpe", on: server, answer: .accept)
    for round in 1...2 {
      try await server.run {
        #expect(await eventually { acs.isConnected && device.isConnected })
        #expect(await code(of: acs) == nil)
        #expect(journal.connections == round)
      }
      #expect(await eventually { !acs.isConnected })
      #expect(await code(of: acs) == .notConnected)
    }
    acs.stop()
    device.stop()
  }

  @Test func connectionRequestsGoThroughIt() async throws {
    let server = try Prosody()
    try await server.run {
      var configuration = XMPPClient.Configuration(
        jid: "acs@localhost/acs", password: Prosody.passwords["acs"] ?? "")
      configuration.host = "127.0.0.1"
      configuration.port = server.port
      configuration.certificateAuthorities = server.certificate
      configuration.reconnection.firstDelay = 0.1
      let sender = XMPPConnectionRequestSender(
        configuration: configuration,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      let device = client("cpe", on: server, answer: .accept)
      #expect(await eventually { device.isConnected })
      var target = ConnectionRequestTarget(
        deviceID: 1, deviceName: "cpe", url: "", username: "u", password: "p",
        contactAddress: "")
      #expect(!sender.channel.isPossible(target))
      target.jabberID = "cpe@localhost/cpe"
      #expect(sender.channel.isPossible(target))
      #expect(await eventually { await sender.send(target) == .accepted })
      target.jabberID = "cpe@localhost/other"
      let result = await sender.send(target)
      guard case .failed(.busy, _) = result else {
        Issue.record("\(result)")
        return
      }
      sender.stop()
      device.stop()
    }
  }
}
