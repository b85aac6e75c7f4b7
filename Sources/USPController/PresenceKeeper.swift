import Fleet
import FleetStore
import Logging
import NIOConcurrencyHelpers

/// Lets every node know which agents are connected to this one, and that this one is there.
///
/// Nothing waits for it: what has changed is gathered for a moment and written together. Where the database is away, it is written once
/// that is back.
final class PresenceKeeper: Sendable {
  private struct Content {
    var ledger = PresenceLedger()
    /// Nil until the node's life has begun, and after its end.
    var life: NodeLife?
    /// Whether somebody is about to write.
    var isWriting = false
    var hasFailed = false
  }

  private let content = NIOLockedValueBox(Content())
  private let store: FleetStore
  private let logger: Logger
  private let lease: Double
  private let name: String

  /// Seconds in which changes are gathered.
  private static let gathering = Duration.milliseconds(50)
  /// Agents in one transaction at the most.
  private static let slice = 1_000

  /// - Parameters:
  ///   - name: the node's, for people.
  ///   - lease: seconds after its last sign of life for which the node counts as there.
  init(store: FleetStore, name: String, lease: Double, logger: Logger) {
    self.store = store
    self.name = name
    self.lease = lease
    self.logger = logger
  }

  /// By transport.
  var counts: [String: Int] { content.withLockedValue { $0.ledger.counts } }

  /// Seconds between two signs of life.
  var pause: Double { lease / 3 }

  // MARK: - What has become of links

  func begin(_ stay: AgentStay, over link: ObjectIdentifier) {
    change { $0.begin(stay, over: link) }
  }

  /// - Parameter time: seconds since 1970.
  func end(_ device: Device.ID, over link: ObjectIdentifier, at time: Double) {
    change { $0.end(device, over: link, at: time) }
  }

  private func change(_ body: (inout PresenceLedger) -> Void) {
    let isFirst = content.withLockedValue { content in
      body(&content.ledger)
      guard content.ledger.isDue, content.life != nil, !content.isWriting else { return false }
      content.isWriting = true
      return true
    }
    guard isFirst else { return }
    Task {
      try? await Task.sleep(for: Self.gathering)
      await writeChanges()
    }
  }

  // MARK: - The node's life

  /// Begins the node's life.
  func open() async throws {
    let life = try await store.beginLife(ofNodeNamed: name, lease: lease)
    content.withLockedValue { content in
      content.life = life
      content.ledger.beginAnew()
    }
    await write()
  }

  /// Gives a sign of life, and writes what could not be written before.
  func beat() async {
    guard let life = content.withLockedValue({ $0.life }) else { return }
    do {
      if try await !store.prolong(life, lease: lease) {
        logger.warning("this node was taken for lost; its agents are made known anew")
        try await open()
      }
      guard await write() else { return }
      content.withLockedValue { $0.hasFailed = false }
    } catch {
      tell(error)
    }
  }

  /// None of the node's agents is connected any more.
  func close() async {
    let life = content.withLockedValue { content in
      defer { content.life = nil }
      return content.life
    }
    guard let life else { return }
    do {
      try await store.end(life)
    } catch {
      // Its time runs out by itself.
      tell(error)
    }
  }

  // MARK: - Writing

  /// Writes what has changed, unless somebody is at it.
  /// - Returns: false where that can't be written.
  @discardableResult
  func write() async -> Bool {
    let isFree = content.withLockedValue { content in
      guard !content.isWriting else { return false }
      content.isWriting = true
      return true
    }
    return isFree ? await writeChanges() : true
  }

  @discardableResult
  private func writeChanges() async -> Bool {
    while true {
      let (batch, life) = content.withLockedValue { content in
        let batch = content.life == nil ? .init() : content.ledger.take(atMost: Self.slice)
        if batch.isEmpty { content.isWriting = false }
        return (batch, content.life)
      }
      guard let life, !batch.isEmpty else { return true }
      do {
        try await store.note(stays: batch.stays, leaves: batch.leaves, at: life)
      } catch {
        // The next sign of life tries again.
        content.withLockedValue { content in
          content.ledger.putBack(batch)
          content.isWriting = false
        }
        tell(error)
        return false
      }
    }
  }

  /// Writes when agents were heard.
  /// - Parameter heard: when each was heard over its link; seconds since 1970.
  func write(heard: [(device: Device.ID, link: ObjectIdentifier, at: Double)]) async {
    let (news, life) = content.withLockedValue { ($0.ledger.heard(heard), $0.life) }
    guard let life else { return }
    for start in stride(from: 0, to: news.count, by: Self.slice) {
      let slice = Array(news[start..<min(start + Self.slice, news.count)])
      do {
        try await store.note(heard: slice, at: life)
      } catch {
        return tell(error)
      }
      content.withLockedValue { $0.ledger.wrote(slice) }
    }
  }

  /// Says once that it does not work, until it works again.
  private func tell(_ error: any Error) {
    let isFirst = content.withLockedValue { content in
      defer { content.hasFailed = true }
      return !content.hasFailed
    }
    guard isFirst else { return }
    logger.error(
      "which agents are connected can't be written", metadata: ["error": "\(error)"])
  }
}
