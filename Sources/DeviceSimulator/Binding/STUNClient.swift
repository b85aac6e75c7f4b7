import STUN

/// A device's side of a STUN binding and of the connection requests that come through it (TR-069 Amendment 6, Annex G).
///
/// A value without sockets and clock: datagrams and moments go in, what to do comes out.
struct STUNClient: Sendable {
  /// What the ACS has set.
  struct Settings: Sendable, Equatable {
    var host: String
    var port: Int
    var username: String
    var password: String
    /// Seconds between binding requests.
    var keepAlive: Double
    /// Who may ask for a connection, and the password it proves.
    var requester: String
    var requesterPassword: String
  }

  enum Action: Sendable, Equatable {
    case send([UInt8])
    /// The server sees the device at that address.
    case bound(TransportAddress)
    /// Somebody who may do so asks for a session.
    case connectionRequest
    case none
  }

  let settings: Settings
  private var isSigning = false
  private var isChanged = false
  private var pendingID: [UInt8]?
  private(set) var mapped: TransportAddress?
  private var history = UDPConnectionRequest.History()

  init(settings: Settings) {
    self.settings = settings
  }

  /// A binding request is due.
  ///
  /// - Parameter transactionID: 16 random bytes.
  mutating func request(transactionID: [UInt8]) -> Action {
    pendingID = transactionID
    let message = STUNMessage.bindingRequest(
      transactionID: transactionID, username: settings.username.isEmpty ? nil : settings.username,
      isChanged: isChanged)
    let key = Array(settings.password.utf8)
    return .send(isSigning ? message.signed(key: key) : message.encoded())
  }

  /// Takes a datagram from anywhere.
  ///
  /// - Parameter transactionID: 16 random bytes for another request, if one is needed.
  mutating func receive(_ datagram: [UInt8], transactionID: [UInt8]) -> Action {
    if let message = try? STUNMessage(decoding: datagram) {
      return receive(message, datagram, transactionID)
    }
    guard let received = try? UDPConnectionRequest.Received(decoding: datagram),
      !settings.requesterPassword.isEmpty, received.request.username == settings.requester,
      received.isSigned(password: settings.requesterPassword), history.accepts(received.request)
    else { return .none }
    return .connectionRequest
  }

  private mutating func receive(
    _ message: STUNMessage, _ datagram: [UInt8], _ transactionID: [UInt8]
  ) -> Action {
    guard message.transactionID == pendingID else { return .none }
    pendingID = nil
    switch message.type {
    case STUNMessage.Kind.bindingResponse:
      guard isGenuine(datagram), let address = message.mappedAddress else { return .none }
      defer { mapped = address }
      isChanged = mapped != nil && mapped != address
      return address == mapped ? .none : .bound(address)
    case STUNMessage.Kind.bindingErrorResponse:
      // Once is enough: a server that wants another password will not be persuaded.
      guard message.errorCode == 401, !isSigning, !settings.username.isEmpty else { return .none }
      isSigning = true
      return request(transactionID: transactionID)
    default: return .none
    }
  }

  /// Who was sent a signed request signs the response.
  private func isGenuine(_ datagram: [UInt8]) -> Bool {
    guard isSigning,
      let integrity = try? STUNMessage.integrity(of: datagram, key: Array(settings.password.utf8))
    else { return !isSigning }
    return integrity != .wrong
  }
}
