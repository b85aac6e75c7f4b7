import Fleet
import FleetStore
import NIOConcurrencyHelpers
import USP
import USPTransports

/// The agents that are connected to this node.
final class AgentTable: Sendable {
  private struct Content {
    /// By their links.
    var byLink: [ObjectIdentifier: AgentConversation] = [:]
    var byEndpoint: [EndpointID: Seat] = [:]
    var byDevice: [Device.ID: Seat] = [:]
  }

  private struct Seat {
    var conversation: AgentConversation
    var deviceName: String
    var proof: ContactProof
    /// Whether a certificate names the endpoint.
    var isCertified: Bool
  }

  private let content = NIOLockedValueBox(Content())
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// Agents whose identity is known.
  var count: Int { content.withLockedValue { $0.byDevice.count } }
  var links: Int { content.withLockedValue { $0.byLink.count } }

  /// - Returns: false where there are as many as may be.
  func add(_ conversation: AgentConversation) -> Bool {
    content.withLockedValue { content in
      guard content.byLink.count < limit else { return false }
      content.byLink[ObjectIdentifier(conversation.link)] = conversation
      return true
    }
  }

  /// Whether an agent has to stay outside because of another link: one that has proved more, or one of another device under the same
  /// endpoint ID that has proved no less.
  func isHeld(
    _ endpoint: EndpointID, _ device: Device.ID?, named name: String,
    against conversation: AgentConversation, proof: ContactProof, isCertified: Bool
  ) -> Bool {
    content.withLockedValue { content in
      if let present = content.byEndpoint[endpoint], present.conversation !== conversation {
        let isBetter = proof.isBetter(than: present.proof) || isCertified && !present.isCertified
        if present.deviceName != name, !isBetter { return true }
      }
      guard let device, let present = content.byDevice[device],
        present.conversation !== conversation
      else { return false }
      return present.proof.isBetter(than: proof)
    }
  }

  /// It is known which device an agent is in, and the agent has been let in.
  /// - Returns: the older conversations of the same endpoint and of the same device, which have to make room.
  func claim(
    _ endpoint: EndpointID, _ device: Device.ID, named name: String,
    for conversation: AgentConversation, proof: ContactProof, isCertified: Bool
  ) -> [AgentConversation] {
    content.withLockedValue { content in
      guard content.byLink[ObjectIdentifier(conversation.link)] === conversation else { return [] }
      let seat = Seat(
        conversation: conversation, deviceName: name, proof: proof, isCertified: isCertified)
      let older = [
        content.byEndpoint.updateValue(seat, forKey: endpoint)?.conversation,
        content.byDevice.updateValue(seat, forKey: device)?.conversation,
      ].compactMap(\.self).filter { $0 !== conversation }
      return older.count == 2 && older[0] === older[1] ? [older[0]] : older
    }
  }

  func remove(_ conversation: AgentConversation, endpoint: EndpointID?, device: Device.ID?) {
    content.withLockedValue { content in
      let id = ObjectIdentifier(conversation.link)
      if content.byLink[id] === conversation { content.byLink[id] = nil }
      if let endpoint, content.byEndpoint[endpoint]?.conversation === conversation {
        content.byEndpoint[endpoint] = nil
      }
      if let device, content.byDevice[device]?.conversation === conversation {
        content.byDevice[device] = nil
      }
    }
  }

  /// An agent has left, and its link is still there.
  func leave(_ conversation: AgentConversation, device: Device.ID?) {
    content.withLockedValue { content in
      if let device, content.byDevice[device]?.conversation === conversation {
        content.byDevice[device] = nil
      }
    }
  }

  func conversation(of device: Device.ID) -> AgentConversation? {
    content.withLockedValue { $0.byDevice[device]?.conversation }
  }

  func conversation(over link: any Link) -> AgentConversation? {
    content.withLockedValue { $0.byLink[ObjectIdentifier(link)] }
  }

  /// When each agent was heard, over which link; seconds since 1970.
  var heard: [(device: Device.ID, link: ObjectIdentifier, at: Double)] {
    content.withLockedValue { content in
      content.byDevice.map { device, seat in
        (device, ObjectIdentifier(seat.conversation), seat.conversation.heardAt)
      }
    }
  }

  var devices: [Device.ID] { content.withLockedValue { Array($0.byDevice.keys) } }
  var all: [AgentConversation] { content.withLockedValue { Array($0.byLink.values) } }
}
