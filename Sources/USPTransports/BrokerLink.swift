import MQTT
import NIOCore
import USP

/// What carries the Records of links through a broker.
protocol BrokerTransport: AnyObject, Sendable {
  /// May be called on any thread.
  func send(_ record: [UInt8], link: UInt64)
  /// May be called on any thread.
  func close(link: UInt64, _ reason: LinkClosing)
}

/// The way to one peer through a broker.
package final class BrokerLink: Link {
  let id: UInt64
  package let kind: TransportKind
  package let eventLoop: any EventLoop
  package let peerAddress: String
  package let claimedEndpoint: EndpointID?
  package let proof: LinkProof
  /// Where the peer is reached, for being reached again after a restart.
  package let address: BrokerAddress
  private let transport: any BrokerTransport

  /// - Parameter peerAddress: the broker's.
  init(
    id: UInt64, kind: TransportKind, eventLoop: any EventLoop, peerAddress: String,
    claimedEndpoint: EndpointID?, proof: LinkProof, address: BrokerAddress,
    transport: any BrokerTransport
  ) {
    self.id = id
    self.kind = kind
    self.eventLoop = eventLoop
    self.peerAddress = peerAddress
    self.claimedEndpoint = claimedEndpoint
    self.proof = proof
    self.address = address
    self.transport = transport
  }

  package var localAddress: String { "" }

  /// The version of MQTT in which the peer's Records come; nil through another kind of broker.
  package var mqttVersion: RecordExchange.Connect.MQTTVersion? {
    switch address {
    case .mqtt(_, .v5): .v5
    case .mqtt(_, .v311): .v311
    case .stomp: nil
    }
  }

  package func send(_ record: [UInt8]) { transport.send(record, link: id) }

  package func close(_ reason: LinkClosing) { transport.close(link: id, reason) }
}
