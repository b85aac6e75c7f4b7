import CStrophe
import Glibc
import Synchronization

/// The C functions that libstrophe calls on the loop's thread.
///
/// The context of each is the loop, unretained: its thread holds it for as long as the connection lives.
enum XMPPCallbacks {
  /// The descriptor of each connection, by the connection's address: libstrophe tells it to a callback without context.
  static let sockets = Mutex<[UInt: Int32]>([:])

  private static func loop(_ context: UnsafeMutableRawPointer?) -> XMPPLoop? {
    context.map { Unmanaged<XMPPLoop>.fromOpaque($0).takeUnretainedValue() }
  }

  static let connectionChanged: xmpp_conn_handler = { connection, event, error, problem, context in
    guard let connection, let loop = loop(context) else { return }
    if event == XMPP_CONN_CONNECT {
      loop.stood(connection)
    } else {
      loop.ended(reason(error, problem))
    }
  }

  static let receive: xmpp_handler = { connection, stanza, context in
    if let connection, let stanza { loop(context)?.received(stanza, on: connection) }
    // Other than zero: the handler stays.
    return 1
  }

  static let noteSocket: xmpp_sockopt_callback = { connection, socket in
    guard let connection, let socket else { return -1 }
    // Where the server has several addresses, that of the one before is free again.
    LowDescriptors.shared.refill()
    guard let descriptor = LowDescriptors.shared.lowered(socket.loadUnaligned(as: Int32.self))
    else { return -1 }
    socket.storeBytes(of: descriptor, as: Int32.self)
    sockets.withLock { $0[UInt(bitPattern: connection)] = descriptor }
    acs_strophe_keep_from_children(descriptor)
    return xmpp_sockopt_cb_keepalive(connection, socket)
  }

  /// nil where libstrophe tells none.
  private static func reason(
    _ error: Int32, _ problem: UnsafeMutablePointer<xmpp_stream_error_t>?
  ) -> String? {
    if let problem {
      let text = problem.pointee.text.map { String(cString: $0).prefix(200) } ?? ""
      return "the server ended the stream (\(problem.pointee.type.rawValue)) \(text)"
    }
    switch error {
    case 0: return nil
    case ECONNABORTED:
      return "TLS does not come about: most likely the server's certificate is not trusted"
    default: return String(cString: strerror(error))
    }
  }
}
