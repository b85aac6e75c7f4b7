import NIOCore
import USP

/// The links of one transport, by peer and address, bounded in number; used on their event loop alone.
final class BrokerLinks<Address: Hashable & Sendable> {
  /// Two that answer at one address are two peers, so that nobody gets into another's link.
  struct Peer: Hashable {
    var endpoint: EndpointID?
    var address: Address
  }

  private struct Entry {
    var link: BrokerLink
    var receiver: any LinkReceiver
    var peer: Peer
    var lastUse: Double
    /// Since it was last considered for removal.
    var wasUsed = true
  }

  private let limits: BrokerLimits
  private let eventLoop: any EventLoop
  private let makeLink: (UInt64, Peer) -> BrokerLink
  private let accept: LinkAcceptor
  private var entries: [UInt64: Entry] = [:]
  private var ids: [Peer: UInt64] = [:]
  private var idsByAddress: [Address: [UInt64]] = [:]
  /// All that are there, and some that are not any more, in the order in which they are considered for removal.
  private var order: [UInt64] = []
  private var orderStart = 0
  private var lastID: UInt64 = 0

  init(
    limits: BrokerLimits, eventLoop: any EventLoop, accept: @escaping LinkAcceptor,
    makeLink: @escaping (UInt64, Peer) -> BrokerLink
  ) {
    self.limits = limits
    self.eventLoop = eventLoop
    self.accept = accept
    self.makeLink = makeLink
  }

  var count: Int { entries.count }

  func address(of id: UInt64) -> Address? { entries[id]?.peer.address }

  /// The link to a peer, which is made where there is none.
  func link(to peer: Peer, now: Double) -> BrokerLink {
    if let id = ids[peer], let entry = entries[id] { return entry.link }
    while let atAddress = idsByAddress[peer.address],
      atAddress.count >= max(1, limits.endpointsPerAddress),
      let silent = atAddress.min(by: { lastUse(of: $0) < lastUse(of: $1) })
    {
      evict(silent, "too many endpoints answer at its address, and it was silent for the longest")
    }
    while entries.count >= max(1, limits.links) { removeLeastUsed() }
    lastID += 1
    let link = makeLink(lastID, peer)
    ids[peer] = link.id
    idsByAddress[peer.address, default: []].append(link.id)
    order.append(link.id)
    // The entry is there before the acceptor may use the link.
    entries[link.id] = Entry(link: link, receiver: Nobody.shared, peer: peer, lastUse: now)
    let receiver = accept(link)
    // Whoever accepts it may have closed it at once.
    if entries[link.id] == nil {
      notify(receiver, "closed by this side")
    } else {
      entries[link.id]?.receiver = receiver
    }
    return link
  }

  /// Hands over a Record.
  func received(_ record: [UInt8], on link: BrokerLink, now: Double) {
    guard let entry = entries[link.id] else { return }
    used(link.id, now: now)
    entry.receiver.received(record)
  }

  func used(_ id: UInt64, now: Double) {
    entries[id]?.lastUse = now
    entries[id]?.wasUsed = true
  }

  private func lastUse(of id: UInt64) -> Double { entries[id]?.lastUse ?? 0 }

  /// Forgets a link; its receiver is told once what runs at the moment has ended.
  func remove(_ id: UInt64, _ why: String) {
    if let receiver = forget(id) { notify(receiver, why) }
  }

  /// Makes place for another link: the receiver is told at once, since it takes up a place as well.
  private func evict(_ id: UInt64, _ why: String) { forget(id)?.closed(why) }

  private func forget(_ id: UInt64) -> (any LinkReceiver)? {
    guard let entry = entries.removeValue(forKey: id) else { return nil }
    if ids[entry.peer] == id { ids[entry.peer] = nil }
    let address = entry.peer.address
    idsByAddress[address]?.removeAll { $0 == id }
    if idsByAddress[address]?.isEmpty == true { idsByAddress[address] = nil }
    if order.count - orderStart > 2 * entries.count + 64 {
      order = order[orderStart...].filter { entries[$0] != nil }
      orderStart = 0
    }
    return entry.receiver
  }

  func removeAll(_ why: String) {
    for id in entries.keys.sorted() { remove(id, why) }
  }

  /// Forgets those who were silent for too long.
  func sweep(now: Double) {
    guard limits.idleSeconds > 0 else { return }
    for (id, entry) in entries where now - entry.lastUse >= limits.idleSeconds {
      remove(id, "nothing came or went for \(Int(limits.idleSeconds)) seconds")
    }
  }

  /// Each that was used since it was last considered is let off once.
  private func removeLeastUsed() {
    while orderStart < order.count {
      let id = order[orderStart]
      orderStart += 1
      guard let entry = entries[id] else { continue }
      guard entry.wasUsed else {
        evict(id, "there are too many links, and it was silent for long")
        return
      }
      entries[id]?.wasUsed = false
      order.append(id)
      if orderStart > 1024, orderStart * 2 > order.count {
        order.removeFirst(orderStart)
        orderStart = 0
      }
    }
  }

  private func notify(_ receiver: any LinkReceiver, _ why: String) {
    eventLoop.execute { receiver.closed(why) }
  }
}

/// Stands in while a link is being accepted.
private final class Nobody: LinkReceiver {
  static let shared = Nobody()

  func received(_ record: [UInt8]) {}
  func closed(_ why: String) {}
}
