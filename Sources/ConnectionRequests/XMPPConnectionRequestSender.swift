import Logging
import XMPP

/// Sends connection requests through an XMPP server (TR-069 Amendment 6, Annex K).
package final class XMPPConnectionRequestSender: Sendable {
  private let client: XMPPClient

  package init(configuration: XMPPClient.Configuration, logger: Logger) {
    client = XMPPClient(
      configuration: configuration,
      onState: { state in
        switch state {
        case .connected(let jid):
          logger.info("connected to the XMPP server", metadata: ["jid": "\(jid)"])
        case .disconnected(let reason):
          logger.warning(
            "there is no connection to the XMPP server", metadata: ["reason": "\(reason)"])
        }
      })
  }

  package var channel: ConnectionRequestChannel {
    ConnectionRequestChannel(
      isPossible: { !$0.jabberID.isEmpty }, send: { await self.send($0) })
  }

  package func send(_ target: ConnectionRequestTarget) async -> ConnectionRequestResult {
    do throws(XMPPError) {
      try await client.requestConnection(
        of: target.jabberID, username: target.username, password: target.password)
      return .accepted
    } catch {
      return .failed(Self.failure(of: error.code), detail: error.detail)
    }
  }

  package func stop() {
    client.stop()
  }

  private static func failure(of code: XMPPError.Code) -> ConnectionRequestResult.Failure {
    switch code {
    case .notConnected: .unreachable
    case .invalidAddress: .addressNotAllowed
    case .timedOut: .timedOut
    case .serviceUnavailable: .busy
    case .notAuthorized: .credentialRefused
    case .refused: .unexpectedAnswer
    case .overloaded: .overloaded
    case .shutDown: .shutDown
    }
  }
}
