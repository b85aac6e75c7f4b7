/// An account at an XMPP server that is kept connected, for the connection requests of TR-069 Annex K.
///
/// One thread drives it through libstrophe. The end of the last reference or ``stop()`` ends the thread.
package final class XMPPClient: Sendable {
  package enum Security: Sendable, Equatable {
    /// STARTTLS, with a certificate for the domain of the JID.
    case required
    /// None at all.
    case off
  }

  package struct Configuration: Sendable {
    /// `name@domain` or `name@domain/resource`.
    package var jid: String
    package var password: String
    /// Empty: the server of the JID's domain, by its SRV record.
    package var host = ""
    /// 0: 5222.
    package var port: UInt16 = 0
    package var security = Security.required
    /// A PEM file; empty: the authorities that the system trusts.
    package var certificateAuthorities = ""
    /// The domains of those who may be asked; empty: that of ``jid``.
    package var domains: [String] = []
    package var timeout = Duration.seconds(10)
    /// Requests that wait for their answers.
    package var maximumPending = 1000
    package var reconnection = XMPPReconnection.Policy()

    package init(jid: String, password: String) {
      self.jid = jid
      self.password = password
    }
  }

  package enum State: Sendable, Equatable {
    /// - Parameter jid: with the resource that the server chose.
    case connected(jid: String)
    /// - Parameter reason: for a person.
    case disconnected(reason: String)
  }

  /// A connection request that came from somebody.
  package struct ReceivedRequest: Sendable, Equatable {
    /// The sender's full JID, as the server vouches for it.
    package var sender: String
    package var username: String
    package var password: String

    package init(sender: String, username: String, password: String) {
      self.sender = sender
      self.username = username
      self.password = password
    }
  }

  package enum Answer: Sendable, Equatable {
    case accept
    case serviceUnavailable
    case notAuthorized
    /// No answer at all, as of a device that is about to die.
    case silence
  }

  private let loop: XMPPLoop
  /// In lower case.
  private let domains: Set<String>

  /// - Parameters:
  ///   - onRequest: Answers connection requests, on the client's thread; nil: they are all refused, as is any other
  ///     request.
  ///   - onState: Told of each change, on the client's thread.
  package init(
    configuration: Configuration, onRequest: (@Sendable (ReceivedRequest) -> Answer)? = nil,
    onState: @escaping @Sendable (State) -> Void = { _ in }
  ) {
    let named =
      configuration.domains.isEmpty
      ? [JabberID.domain(of: configuration.jid)] : configuration.domains
    domains = Set(named.map { $0.lowercased() })
    loop = XMPPLoop(configuration: configuration, onRequest: onRequest, onState: onState)
  }

  deinit { loop.stop() }

  package var isConnected: Bool { loop.isConnected }

  /// Asks a device to call, and returns once it has said that it will.
  ///
  /// - Parameters:
  ///   - jid: ManagementServer.ConnReqJabberID.
  ///   - username: ManagementServer.ConnectionRequestUsername.
  ///   - password: ManagementServer.ConnectionRequestPassword.
  package func requestConnection(of jid: String, username: String, password: String)
    async throws(XMPPError)
  {
    guard JabberID.isAddressable(jid) else {
      throw XMPPError(.invalidAddress, "the JID is not one that can be asked")
    }
    // A device names its own JID, and whoever has it reads the password.
    guard domains.contains(JabberID.domain(of: jid).lowercased()) else {
      throw XMPPError(
        .invalidAddress, "the JID's domain is not among those of devices (xmpp.domains)")
    }
    let result = await withCheckedContinuation { continuation in
      loop.send(
        XMPPLoop.Request(jid: jid, username: username, password: password) {
          continuation.resume(returning: $0)
        })
    }
    try result.get()
  }

  /// Ends the connection; what waits, and later requests, fail with `shutDown`.
  package func stop() {
    loop.stop()
  }
}
