import SwiftProtobuf

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The exchange of Records with one peer over one link, on either side of it (TR-369 3 and 4.1): addresses, connect and disconnect
/// Records, signatures, the session context with its segments, and the errors that bad Records and messages are answered with.
package struct RecordExchange: Sendable {
  /// Whether session contexts are used (`E2ESession.SessionMode` of TR-181).
  package enum SessionMode: String, Sendable, CaseIterable {
    case forbid, allow, require
  }

  package struct Configuration: Sendable {
    package var own: EndpointID
    /// Nil where the first Record is to tell.
    package var peer: EndpointID?
    package var sessionMode = SessionMode.allow
    package var limits = USPLimits()
    /// In bytes; what is longer goes in segments, where there is a session context. 0: no segments.
    package var maxRecordSize = 0
    /// Seconds after which a session context ends in which nothing was sent; 0: never (R-E2E.7).
    package var sessionExpiration = 0.0
    /// What Records are said to follow.
    package var version = "1.4"
    /// How long a session context that fails again and again is waited for.
    package var retry = RetryTable.standard
    package var signer: (any RecordSigner)?
    package var verifier: (any RecordVerifier)?
    /// The version of MQTT in which the peer's Records come (R-MQTT.26a); nil: by another transport.
    package var mqttVersion: Connect.MQTTVersion?
    /// Whether Records without a signature are refused: the transport does not prove who sends (R-E2E.28).
    package var requiresSignature = false
    /// Greater than 1, and another one each time.
    package var sessionID: @Sendable () -> UInt64
    /// In 0..<1.
    package var random: @Sendable () -> Double

    package init(
      own: EndpointID, peer: EndpointID? = nil,
      sessionID: @escaping @Sendable () -> UInt64 = { .random(in: 2...UInt64.max) },
      random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
    ) {
      self.own = own
      self.peer = peer
      self.sessionID = sessionID
      self.random = random
    }
  }

  /// What an agent says first (R-MTP.6): the transport, and where it is reached.
  package enum Connect: Sendable, Equatable {
    package enum MQTTVersion: Sendable, Equatable {
      case v311, v5
    }

    case webSocket
    case mqtt(version: MQTTVersion, topic: String)
    case stomp(destination: String)
    case unix
  }

  package enum Event: Sendable, Equatable {
    case send([UInt8])
    /// The second is how many bytes it had.
    case message(USPMsg, Int)
    case connected(Connect, version: String)
    /// The peer ends the exchange, not the link (R-MTP.8).
    case disconnected(reason: String, code: UInt32)
    /// Who the first Record comes from.
    case peer(EndpointID)
    /// A Record or a message was dropped; of what may be answered the peer has been told.
    ///
    /// - Parameter response: the ID of a message that may have been the response to a request of this side's.
    case refused(USPFault, isUndecodable: Bool, response: String? = nil)
    /// The session context can't go on: close the link.
    case deadPeer(String)
  }

  package internal(set) var peer: EndpointID?

  let configuration: Configuration
  var session: SessionContext?
  /// The context that was left last: what still comes in it is late.
  var leftSession: UInt64?
  /// The peer uses a session context, or has to.
  var usesSession: Bool
  var failures = 0
  var restart: Double?
  /// What an agent has to say before anything else.
  var connect: Connect?
  var isDisconnected = false
  /// The peer has said that it speaks another version of MQTT than its Records came in: nobody is spoken with until it says
  /// otherwise (R-MQTT.26a).
  var isOfOtherMQTT = false
  /// The peer has connected since its last session Record: it may have restarted.
  var mayHaveRestarted = false

  package init(_ configuration: Configuration) {
    self.configuration = configuration
    peer = configuration.peer
    usesSession = configuration.sessionMode == .require
  }

  package var hasSession: Bool { session != nil }

  package var nextTimer: Double? {
    [session?.nextRequest, session?.assemblyDeadline, expiration, restart].compactMap { $0 }.min()
  }

  /// The bytes of what came and can't be worked on yet: Records that came too early, and segments.
  package var heldBytes: Int { session?.heldBytes ?? 0 }

  var expiration: Double? {
    guard configuration.sessionExpiration > 0, let session else { return nil }
    return session.lastActivity + configuration.sessionExpiration
  }

  /// With the kind of Record that the peer uses (R-MSG.0a).
  package mutating func send(_ message: USPMsg, now: Double) -> [Event] {
    guard peer != nil else {
      return [.refused(USPFault(.internalError, "nobody to send to yet"), isUndecodable: false)]
    }
    guard !isOfOtherMQTT else { return refuse(.internalError, Self.otherMQTT) }
    let payload = Data(MessageCodec.encode(message))
    var events = reconnect()
    // Whoever may have restarted knows of no session context: it says itself whether it still uses one.
    if usesSession, !mayHaveRestarted || configuration.sessionMode == .require {
      sendInSession(payload, now: now, into: &events)
    } else {
      var context = USPNoSessionContextRecord()
      context.payload = payload
      emit(.noSessionContext(context), into: &events)
    }
    return events
  }

  /// An agent tells that it has connected; told again when the exchange goes on after a disconnect Record.
  package mutating func connect(_ connect: Connect) -> [Event] {
    self.connect = connect
    isDisconnected = false
    var events: [Event] = []
    emit(connect.recordType, into: &events)
    return events
  }

  /// Ends the exchange, not the link; what was agreed upon is forgotten.
  package mutating func disconnect(_ reason: String, code: USPErrorCode?) -> [Event] {
    var events: [Event] = []
    emitDisconnect(reason, code, into: &events)
    return events
  }

  mutating func reconnect() -> [Event] {
    guard isDisconnected, let connect else { return [] }
    return self.connect(connect)
  }

  mutating func emitDisconnect(
    _ reason: String, _ code: USPErrorCode?, into events: inout [Event]
  ) {
    var record = USPDisconnectRecord()
    record.reason = reason
    record.reasonCode = code?.rawValue ?? 0
    emit(.disconnect(record), into: &events)
    forgetSession()
    isDisconnected = true
  }

  /// - Returns: the bytes that were sent; nil where they couldn't be.
  @discardableResult
  func emit(_ type: USPRecord.OneOf_RecordType, into events: inout [Event]) -> [UInt8]? {
    guard let record = record(type) else {
      let fault = USPFault(.internalError, "a Record can't be signed, or has no receiver")
      events.append(.refused(fault, isUndecodable: false))
      return nil
    }
    let bytes = RecordCodec.encode(record)
    events.append(.send(bytes))
    return bytes
  }

  func record(_ type: USPRecord.OneOf_RecordType) -> USPRecord? {
    guard let peer else { return nil }
    var record = USPRecord()
    record.version = configuration.version
    record.toID = peer.text
    record.fromID = configuration.own.text
    record.recordType = type
    guard let signer = configuration.signer else { return record }
    do {
      try record.sign(with: signer)
      return record
    } catch {
      return nil
    }
  }
}

extension RecordExchange.Connect {
  fileprivate var recordType: USPRecord.OneOf_RecordType {
    switch self {
    case .webSocket: return .websocketConnect(USPWebSocketConnectRecord())
    case .unix: return .udsConnect(USPUDSConnectRecord())
    case .mqtt(let version, let topic):
      var record = USPMQTTConnectRecord()
      record.version = version == .v5 ? .v5 : .v311
      record.subscribedTopic = topic
      return .mqttConnect(record)
    case .stomp(let destination):
      var record = USPSTOMPConnectRecord()
      record.subscribedDestination = destination
      return .stompConnect(record)
    }
  }
}
