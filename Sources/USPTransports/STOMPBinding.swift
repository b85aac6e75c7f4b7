import STOMP
import USP

/// What TR-369 (4.6) asks of an endpoint at a STOMP server: what to connect with, and which messages are Records. No I/O.
struct STOMPBinding: Sendable {
  /// What came is a Record from somebody, or nothing that can be used.
  enum Incoming: Equatable {
    /// - Parameter destination: where the sender wants its answer.
    case record(sender: EndpointID, destination: String)
    case refused(String)
  }

  static let contentType = "application/vnd.bbf.usp.msg"
  private static let contentTypes: Set<String> = [contentType, "usp.msg"]
  private static let maximumDestinationLength = 1024

  let settings: STOMPTransportSettings
  let own: EndpointID
  let role: BrokerRole

  init(_ settings: STOMPTransportSettings, own: EndpointID, role: BrokerRole)
    throws(TransportError)
  {
    self.settings = settings
    self.own = own
    self.role = role
    guard !settings.host.isEmpty else {
      throw TransportError.unusable("the server's host is missing")
    }
    guard settings.heartBeatOutgoing >= 0, settings.heartBeatIncoming >= 0 else {
      throw TransportError.unusable("an interval between heart-beats is less than nothing")
    }
    for destination in [settings.destination, settings.replyDestination]
    where !destination.isEmpty && !Self.isDestination(destination) {
      throw TransportError.unusable("\"\(destination)\" is no destination")
    }
    switch role {
    case .agent(let controller):
      guard Self.isDestination(controller) else {
        throw TransportError.unusable("\"\(controller)\" is no destination of a controller")
      }
    case .controller:
      guard !settings.destination.isEmpty else {
        throw TransportError.unusable(
          "the destination at which agents reach the controller is missing")
      }
    }
  }

  /// Where the server is.
  var port: UInt16 {
    settings.port != 0 ? settings.port : settings.tls == nil ? 61613 : 61614
  }

  var configuration: STOMPSession.Configuration {
    var configuration = STOMPSession.Configuration(
      virtualHost: settings.virtualHost.isEmpty ? settings.host : settings.virtualHost,
      destination: settings.destination, contentType: Self.contentType)
    if case .controller = role, !settings.replyDestination.isEmpty {
      configuration.destination = settings.replyDestination
    }
    // What the server names takes the place of the one for answers alone: agents are told the other in their configuration.
    if case .controller = role { configuration.furtherDestinations = [settings.destination] }
    configuration.login = settings.username
    configuration.passcode = settings.password
    configuration.headers = [STOMPFrame.Header("endpoint-id", own.text)]
    configuration.outgoingHeartBeat = Double(settings.heartBeatOutgoing) / 1000
    configuration.incomingHeartBeat = Double(settings.heartBeatIncoming) / 1000
    configuration.limits.bodyBytes = settings.limits.recordBytes
    return configuration
  }

  /// - Parameter ownDestination: the one that answers come to.
  func incoming(_ message: STOMPSession.Message, ownDestination: String) -> Incoming {
    if let type = message.contentType, !Self.contentTypes.contains(type) {
      return .refused("a content type that is not of USP")
    }
    guard let record = BrokerRecord(message.body), let sender = EndpointID(record.sender) else {
      return .refused("no Record")
    }
    // R-E2E.1
    guard record.recipient == own.text else {
      return .refused(own.refusal(ofRecordFor: record.recipient))
    }
    guard sender != own else { return .refused("the Record is of this endpoint itself, \(own)") }
    var destination = message.replyDestination
    if destination == nil, case .agent(let controller) = role { destination = controller }
    guard let destination, Self.isDestination(destination) else {
      return .refused("a Record without a destination for answers")
    }
    guard destination != ownDestination, destination != configuration.destination,
      !configuration.furtherDestinations.contains(destination)
    else { return .refused("a destination for answers of this side's own") }
    return .record(sender: sender, destination: destination)
  }

  static func isDestination(_ text: String) -> Bool {
    (1...maximumDestinationLength).contains(text.utf8.count)
      && !text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
  }
}
