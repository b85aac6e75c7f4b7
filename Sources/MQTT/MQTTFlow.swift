import Synchronization

/// How much is on its way between a connection and those who use it.
final class MQTTFlow: Sendable {
  /// Messages that wait to be taken by the broker: each has one of 65,535 packet identifiers, and libmosquitto does not look whether
  /// one is still in use.
  static let maximumMessages = 60_000

  private struct Counts {
    var messages = 0
    var outgoing = 0
    var incoming = 0
    var isClosed = false
  }

  private let counts = Mutex(Counts())
  private let outgoingLimit: Int
  private let incomingLimit: Int

  init(outgoing: Int, incoming: Int) {
    outgoingLimit = outgoing
    incomingLimit = incoming
  }

  /// - Returns: false where the limit does not allow it. One message alone always fits.
  func queue(_ bytes: Int) -> Bool {
    counts.withLock { counts in
      guard !counts.isClosed, counts.messages < Self.maximumMessages else { return false }
      guard counts.outgoing == 0 || counts.outgoing + bytes <= outgoingLimit else { return false }
      counts.outgoing += bytes
      counts.messages += 1
      return true
    }
  }

  func left(_ bytes: Int) {
    counts.withLock {
      $0.outgoing -= bytes
      $0.messages -= 1
    }
  }

  /// Several messages may have been read at once when the limit is reached: they have as much room again.
  ///
  /// - Returns: false where there is none left. One message alone always fits.
  func handOver(_ bytes: Int) -> Bool {
    counts.withLock { counts in
      guard counts.incoming == 0 || counts.incoming + bytes <= 2 * incomingLimit else {
        return false
      }
      counts.incoming += bytes
      return true
    }
  }

  /// - Returns: true where reading may go on that may not have gone on before.
  func taken(_ bytes: Int) -> Bool {
    counts.withLock { counts in
      let wasFull = counts.incoming >= incomingLimit
      counts.incoming -= bytes
      return wasFull && counts.incoming < incomingLimit
    }
  }

  var mayRead: Bool { counts.withLock { $0.incoming < incomingLimit } }

  func close() { counts.withLock { $0.isClosed = true } }
}
