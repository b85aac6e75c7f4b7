import Synchronization

/// How many bytes are on their way between a connection and those who use it.
final class MQTTFlow: Sendable {
  private struct Counts {
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
      guard !counts.isClosed else { return false }
      guard counts.outgoing == 0 || counts.outgoing + bytes <= outgoingLimit else { return false }
      counts.outgoing += bytes
      return true
    }
  }

  func left(_ bytes: Int) { counts.withLock { $0.outgoing -= bytes } }

  /// - Returns: false where nothing more should be read for now.
  func handOver(_ bytes: Int) -> Bool {
    counts.withLock { counts in
      counts.incoming += bytes
      return counts.incoming < incomingLimit
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
