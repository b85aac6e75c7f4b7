import Fleet
import NIOConcurrencyHelpers

/// The sessions that are open on this node, by their cookies and by their devices.
final class ConversationTable: Sendable {
  private struct Content {
    var byCookie: [String: Conversation] = [:]
    var byDevice: [Device.ID: Conversation] = [:]
  }

  private let content = NIOLockedValueBox(Content())
  private let limit: Int

  init(limit: Int) {
    self.limit = limit
  }

  var count: Int { content.withLockedValue { $0.byCookie.count } }

  /// - Returns: false where too many sessions are open.
  func add(_ conversation: Conversation) -> Bool {
    content.withLockedValue { content in
      guard content.byCookie.count < limit else { return false }
      content.byCookie[conversation.cookie] = conversation
      return true
    }
  }

  func conversation(withCookie cookie: String) -> Conversation? {
    content.withLockedValue { $0.byCookie[cookie] }
  }

  func conversation(of device: Device.ID) -> Conversation? {
    content.withLockedValue { $0.byDevice[device] }
  }

  /// Makes a session the one of its device.
  /// - Returns: the session that the device had before, which is over with this.
  func claim(_ device: Device.ID, for conversation: Conversation) -> Conversation? {
    content.withLockedValue { content in
      let older = content.byDevice.updateValue(conversation, forKey: device)
      return older === conversation ? nil : older
    }
  }

  /// - Returns: whether it was there.
  func remove(_ conversation: Conversation, device: Device.ID?) -> Bool {
    content.withLockedValue { content in
      if let device, content.byDevice[device] === conversation { content.byDevice[device] = nil }
      return content.byCookie.removeValue(forKey: conversation.cookie) != nil
    }
  }

  var all: [Conversation] { content.withLockedValue { Array($0.byCookie.values) } }
}
