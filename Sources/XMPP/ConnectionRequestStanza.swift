import CStrophe

/// The stanzas of TR-069 Annex K, on libstrophe's own tree, which escapes what it writes.
enum ConnectionRequestStanza {
  static let namespace = "urn:broadband-forum-org:cwmp:xmppConnReq-1-0"

  /// What an `iq` that came says.
  enum Received: Equatable {
    case result(id: String, sender: String)
    case error(id: String, sender: String, XMPPError.Code, condition: String)
    case request(XMPPClient.ReceivedRequest)
    /// A `get` or `set` of something else.
    case otherRequest
    /// Nothing that needs an answer.
    case nothing
  }

  /// The caller releases it.
  static func make(
    _ context: OpaquePointer, to jid: String, id: String, username: String, password: String
  ) -> OpaquePointer? {
    guard let iq = xmpp_iq_new(context, "get", id) else { return nil }
    guard let request = xmpp_stanza_new(context) else {
      xmpp_stanza_release(iq)
      return nil
    }
    defer { xmpp_stanza_release(request) }
    var status = xmpp_stanza_set_to(iq, jid)
    status |= xmpp_stanza_set_name(request, "connectionRequest")
    status |= xmpp_stanza_set_ns(request, namespace)
    status |= add("username", username, to: request, context)
    status |= add("password", password, to: request, context)
    status |= xmpp_stanza_add_child(iq, request)
    guard status == XMPP_EOK else {
      xmpp_stanza_release(iq)
      return nil
    }
    return iq
  }

  private static func add(
    _ name: String, _ value: String, to parent: OpaquePointer, _ context: OpaquePointer
  ) -> Int32 {
    guard let child = xmpp_stanza_new(context), let text = xmpp_stanza_new(context) else {
      return XMPP_EMEM
    }
    defer {
      xmpp_stanza_release(child)
      xmpp_stanza_release(text)
    }
    return xmpp_stanza_set_name(child, name) | xmpp_stanza_set_text(text, value)
      | xmpp_stanza_add_child(child, text) | xmpp_stanza_add_child(parent, child)
  }

  static func read(_ iq: OpaquePointer, _ context: OpaquePointer) -> Received {
    let id = xmpp_stanza_get_id(iq).map { String(cString: $0) } ?? ""
    let sender = xmpp_stanza_get_from(iq).map { String(cString: $0) } ?? ""
    switch xmpp_stanza_get_type(iq).map({ String(cString: $0) }) {
    case "result": return .result(id: id, sender: sender)
    case "error":
      let condition = condition(of: iq)
      let code: XMPPError.Code =
        switch condition {
        case "not-authorized": .notAuthorized
        // What servers say of a device that is not there.
        case "service-unavailable", "recipient-unavailable", "remote-server-not-found",
          "remote-server-timeout", "resource-constraint", "gone", "item-not-found":
          .serviceUnavailable
        default: .refused
        }
      return .error(id: id, sender: sender, code, condition: condition)
    case "get", "set":
      guard
        let request = xmpp_stanza_get_child_by_name_and_ns(iq, "connectionRequest", namespace)
      else { return .otherRequest }
      return .request(
        XMPPClient.ReceivedRequest(
          sender: sender, username: text("username", in: request, context),
          password: text("password", in: request, context)))
    default: return .nothing
    }
  }

  private static func condition(of iq: OpaquePointer) -> String {
    guard let error = xmpp_stanza_get_child_by_name(iq, "error") else { return "unknown" }
    var child = xmpp_stanza_get_children(error)
    while let current = child {
      if let name = xmpp_stanza_get_name(current).map({ String(cString: $0) }), name != "text" {
        return String(name.prefix(64))
      }
      child = xmpp_stanza_get_next(current)
    }
    return "unknown"
  }

  private static func text(
    _ name: String, in parent: OpaquePointer, _ context: OpaquePointer
  ) -> String {
    guard let child = xmpp_stanza_get_child_by_name(parent, name),
      let text = xmpp_stanza_get_text(child)
    else { return "" }
    defer { xmpp_free(context, text) }
    return String(cString: text)
  }
}
