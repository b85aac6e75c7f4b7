import CStrophe
import Synchronization

/// Descriptors with low numbers, kept for libstrophe.
///
/// libstrophe waits with select(), which takes none of 1,024 (FD_SETSIZE) or more and ends the process if it is given one. A server
/// with thousands of devices has used all low numbers up. So some are reserved while there are any, and a socket with a high number
/// is put in the place of one of them before libstrophe of Debian 12 (0.12) connects it. Where none is left, the
/// connection is given up, and tried again later.
final class LowDescriptors: Sendable {
  static let shared = LowDescriptors()

  /// Each connection that ends gives its number to whoever opens something next.
  private static let count = 16

  private let reserved = Mutex<[Int32]>([])

  /// Reserves numbers as far as there are any.
  func refill() {
    reserved.withLock { reserved in
      while reserved.count < Self.count {
        let descriptor = acs_strophe_reserve()
        guard descriptor >= 0 else { return }
        reserved.append(descriptor)
      }
    }
  }

  /// The descriptor of the same socket that libstrophe bears; nil where there is none. The one given may be closed by this.
  func lowered(_ descriptor: Int32) -> Int32? {
    guard acs_strophe_bears(descriptor) == 0 else { return descriptor }
    guard let place = reserved.withLock({ $0.popLast() }) else { return nil }
    guard acs_strophe_move(descriptor, place) >= 0 else {
      reserved.withLock { $0.append(place) }
      return nil
    }
    return place
  }
}
