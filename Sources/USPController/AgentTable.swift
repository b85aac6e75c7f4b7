import Fleet
import NIOConcurrencyHelpers
import USP
import USPTransports

/// The agents that are connected to this node.
final class AgentTable: Sendable {
  private struct Content {
    /// By their links.
    var byLink: [ObjectIdentifier: AgentConversation] = [:]
    var byEndpoint: [EndpointID: AgentConversation] = [:]
    var byDevice: [Device.ID: AgentConversation] = [:]
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

  /// An agent has said who it is.
  /// - Returns: the older conversation of the same endpoint, which has to make room.
  func claim(_ endpoint: EndpointID, for conversation: AgentConversation) -> AgentConversation? {
    content.withLockedValue { content in
      guard content.byLink[ObjectIdentifier(conversation.link)] === conversation else { return nil }
      let older = content.byEndpoint.updateValue(conversation, forKey: endpoint)
      return older === conversation ? nil : older
    }
  }

  /// It is known which device an agent is in.
  /// - Returns: the older conversation of the same device.
  func claim(_ device: Device.ID, for conversation: AgentConversation) -> AgentConversation? {
    content.withLockedValue { content in
      guard content.byLink[ObjectIdentifier(conversation.link)] === conversation else { return nil }
      let older = content.byDevice.updateValue(conversation, forKey: device)
      return older === conversation ? nil : older
    }
  }

  func remove(_ conversation: AgentConversation, endpoint: EndpointID?, device: Device.ID?) {
    content.withLockedValue { content in
      let id = ObjectIdentifier(conversation.link)
      if content.byLink[id] === conversation { content.byLink[id] = nil }
      if let endpoint, content.byEndpoint[endpoint] === conversation {
        content.byEndpoint[endpoint] = nil
      }
      if let device, content.byDevice[device] === conversation { content.byDevice[device] = nil }
    }
  }

  /// An agent has left, and its link is still there.
  func leave(_ conversation: AgentConversation, device: Device.ID?) {
    content.withLockedValue { content in
      if let device, content.byDevice[device] === conversation { content.byDevice[device] = nil }
    }
  }

  func conversation(of device: Device.ID) -> AgentConversation? {
    content.withLockedValue { $0.byDevice[device] }
  }

  func conversation(over link: any Link) -> AgentConversation? {
    content.withLockedValue { $0.byLink[ObjectIdentifier(link)] }
  }

  var devices: [Device.ID] { content.withLockedValue { Array($0.byDevice.keys) } }
  var all: [AgentConversation] { content.withLockedValue { Array($0.byLink.values) } }
}
