import Logging
import Refusals
import STOMP
import USP

extension STOMPClient {
  func received(_ message: STOMPSession.Message) {
    guard stopped == nil else { return }
    // What comes before the subscriptions stand waits for them, since it could not be answered.
    if !isReady, heldBytes + message.cost <= binding.settings.limits.incomingBytes {
      heldBytes += message.cost
      held.append(message)
      return
    }
    switch binding.incoming(message, ownDestination: ownDestination) {
    case .refused(let reason):
      refusals.note(
        "a message from a broker was dropped", peer: "\(binding.settings.host):\(binding.port)",
        ["reason": "\(reason)"])
    case .record(let sender, let destination):
      let now = Self.now
      if case .agent = binding.role {
        guard let controllerLink else { return }
        answering = destination
        links.received(message.body, on: controllerLink, now: now)
        answering = nil
      } else {
        let link = links.link(to: .init(endpoint: sender, address: destination), now: now)
        links.received(message.body, on: link, now: now)
      }
    }
  }

  func link(to peer: EndpointID, _ destination: String) -> BrokerLink? {
    guard case .controller = binding.role, stopped == nil else { return nil }
    return links.link(to: .init(endpoint: peer, address: destination), now: Self.now)
  }

  func send(_ record: [UInt8], link: UInt64) {
    guard let destination = links.address(of: link) else { return }
    guard record.count <= binding.settings.limits.recordBytes else {
      unsent(link, "a Record of \(record.count) bytes is more than the limit allows")
      return
    }
    guard isReady, reason == nil,
      let bytes = session?.message(record, to: answering ?? destination, now: Self.now)
    else {
      unsent(link, "the server is not connected")
      return
    }
    guard outgoing == 0 || outgoing + bytes.count <= binding.settings.limits.outgoingBytes else {
      unsent(link, "too much waits to be taken by the server")
      return
    }
    write(bytes)
    links.used(link, now: Self.now)
  }

  private func unsent(_ link: UInt64, _ why: String) {
    if case .agent = binding.role {
      disconnect(why)
    } else {
      links.remove(link, why)
    }
  }

  func close(link: UInt64) {
    guard links.address(of: link) != nil else { return }
    if case .agent = binding.role {
      disconnect("the link was closed by this side")
    } else {
      links.remove(link, "closed by this side")
    }
  }
}
