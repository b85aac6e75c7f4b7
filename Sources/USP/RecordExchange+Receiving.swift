import SwiftProtobuf

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension RecordExchange {
  package mutating func received(_ bytes: [UInt8], now: Double) -> [Event] {
    let reading: RecordCodec.Reading
    do {
      reading = try RecordCodec.read(bytes, limits: configuration.limits)
    } catch {
      return [.refused(error, isUndecodable: true)]
    }
    let record = reading.record
    var events: [Event] = []
    // Not for this side: ignored (R-E2E.1).
    guard record.toID == configuration.own.text else {
      return refuse(.invalidRecordValue, configuration.own.refusal(ofRecordFor: record.toID))
    }
    guard let sender = EndpointID(record.fromID) else {
      return refuse(
        .invalidRecordValue,
        "the Record is of \(EndpointID.shown(record.fromID)), which is no endpoint ID")
    }
    if let peer, peer != sender {
      return refuse(
        .invalidRecordValue, "the Record is of \(sender), and this link is that of \(peer)")
    }
    if let fault = fault(ofSignature: record, sender) {
      return [.refused(fault, isUndecodable: false)]
    }
    if let problem = reading.problem {
      // Without one kind of Record there is nothing in it to be answered (R-ENC.4).
      if problem.code == .invalidRecordValue {
        learn(sender, into: &events)
        answerRefused(record, problem, now: now, into: &events)
      }
      return events + [.refused(problem, isUndecodable: false)]
    }
    guard Self.isVersion(record.version) else {
      let fault = USPFault(.invalidRecordValue, "a version that is none")
      learn(sender, into: &events)
      answerRefused(record, fault, now: now, into: &events)
      return events + [.refused(fault, isUndecodable: false)]
    }
    learn(sender, into: &events)
    if case .mqttConnect(let connect)? = record.recordType {
      let isOther = configuration.mqttVersion.map { $0 != connect.spokenVersion } ?? false
      // What was agreed upon before can't go on.
      if isOther { forgetSession() }
      isOfOtherMQTT = isOther
    }
    guard !isOfOtherMQTT else { return events + refuse(.invalidRecordValue, Self.otherMQTT) }
    switch record.recordType {
    case .noSessionContext(let context): receivedPlain(record, context, now: now, into: &events)
    case .sessionContext(let context): receivedInSession(record, context, now: now, into: &events)
    case .disconnect(let disconnect): receivedDisconnect(disconnect, into: &events)
    case .websocketConnect: receivedConnect(.webSocket, record.version, into: &events)
    case .udsConnect: receivedConnect(.unix, record.version, into: &events)
    case .mqttConnect(let connect):
      receivedConnect(
        .mqtt(version: connect.spokenVersion, topic: connect.subscribedTopic), record.version,
        into: &events)
    case .stompConnect(let connect):
      receivedConnect(
        .stomp(destination: connect.subscribedDestination), record.version, into: &events)
    case nil: break
    }
    return events
  }

  static let otherMQTT =
    "its connect Record names another version of MQTT than that in which its Records come"

  func refuse(_ code: USPErrorCode, _ text: String) -> [Event] {
    [.refused(USPFault(code, text), isUndecodable: false)]
  }

  private func fault(ofSignature record: USPRecord, _ sender: EndpointID) -> USPFault? {
    guard let verifier = configuration.verifier, !record.macSignature.isEmpty else {
      return configuration.requiresSignature
        ? USPFault(.invalidRecordValue, "a Record without a signature that can be verified") : nil
    }
    let isValid = verifier.isValid(
      signature: Array(record.macSignature), certificate: Array(record.senderCert),
      of: record.signedBytes, from: sender)
    return isValid ? nil : USPFault(.invalidRecordValue, "a signature that is not the sender's")
  }

  private mutating func learn(_ sender: EndpointID, into events: inout [Event]) {
    guard peer == nil else { return }
    peer = sender
    events.append(.peer(sender))
  }

  /// Major and minor, both numbers; an agent that tells none is of the first version.
  private static func isVersion(_ text: String) -> Bool {
    guard !text.isEmpty else { return true }
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count == 2
      && parts.allSatisfy { part in
        (1...4).contains(part.count) && part.allSatisfy { (0x30...0x39).contains($0) }
      }
  }

  private mutating func receivedConnect(
    _ connect: Connect, _ version: String, into events: inout [Event]
  ) {
    mayHaveRestarted = true
    leftSession = nil
    events.append(.connected(connect, version: version))
  }

  private mutating func receivedDisconnect(
    _ disconnect: USPDisconnectRecord, into events: inout [Event]
  ) {
    forgetSession()
    isDisconnected = true
    events.append(
      .disconnected(reason: String(disconnect.reason.prefix(256)), code: disconnect.reasonCode))
    if configuration.sessionMode == .require,
      disconnect.reasonCode == USPErrorCode.sessionContextNotAllowed.rawValue
    {
      events.append(.deadPeer("the peer allows no session context, which is required"))
    }
  }

  /// Even that there was one is forgotten (R-MTP.7).
  mutating func forgetSession() {
    session = nil
    leftSession = nil
    restart = nil
    usesSession = configuration.sessionMode == .require
  }

  private mutating func receivedPlain(
    _ record: USPRecord, _ context: USPNoSessionContextRecord, now: Double,
    into events: inout [Event]
  ) {
    guard record.payloadSecurity == .plaintext else {
      events += refuse(.secureSessionNotSupported, "a payload in TLS, outside a session context")
      return
    }
    guard configuration.sessionMode != .require else {
      let text = "a session context is required"
      emitDisconnect(text, .sessionContextTerminated, into: &events)
      fail(USPFault(.sessionContextTerminated, text), now: now, into: &events)
      return
    }
    usesSession = false
    restart = nil
    received(message: context.payload, now: now, into: &events)
  }

  mutating func received(message payload: Data, now: Double, into events: inout [Event]) {
    let reading = MessageCodec.read(payload, limits: configuration.limits)
    switch reading.message {
    case .success(let message): events.append(.message(message, payload.count))
    case .failure(let fault):
      if let id = reading.refusedRequest {
        events += send(.error(to: id, fault), now: now)
      }
      events.append(
        .refused(fault, isUndecodable: false, response: reading.refusedResponse))
    }
  }

  /// A Record that can't be taken is answered where it holds a request whose ID can be read (R-MTP.5).
  mutating func answerRefused(
    _ record: USPRecord, _ fault: USPFault, now: Double, into events: inout [Event]
  ) {
    let payload: Data
    switch record.recordType {
    case .noSessionContext(let context): payload = context.payload
    case .sessionContext(let context):
      guard context.payloadSarState == .none, context.payload.count == 1 else { return }
      payload = context.payload[0]
    default: return
    }
    guard record.payloadSecurity != .tls12,
      let id = MessageCodec.requestID(in: payload, limits: configuration.limits)
    else { return }
    events += send(.error(to: id, fault), now: now)
  }
}

extension USPMQTTConnectRecord {
  fileprivate var spokenVersion: RecordExchange.Connect.MQTTVersion { version == .v5 ? .v5 : .v311 }
}
