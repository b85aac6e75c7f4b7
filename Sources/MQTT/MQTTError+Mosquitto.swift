import CMosquitto
import Glibc

extension MQTTError {
  /// What a call of libmosquitto has returned that was no success; to be made right after the call, which may have set errno.
  ///
  /// - Parameter complaint: what libmosquitto has logged last.
  init(status: Int32, isConnected: Bool, complaint: String) {
    let systemError = errno
    let end = isConnected ? Code.lost : .unreachable
    switch status {
    case MOSQ_ERR_ERRNO.rawValue:
      self.init(end, "the broker: \(String(cString: strerror(systemError)))")
    case MOSQ_ERR_EAI.rawValue, MOSQ_ERR_LOOKUP.rawValue:
      self.init(.unreachable, "the broker's host name can't be resolved")
    case MOSQ_ERR_TLS.rawValue, MOSQ_ERR_TLS_HANDSHAKE.rawValue:
      self.init(.tls, "TLS with the broker does not come about: \(complaint)")
    case MOSQ_ERR_CONN_LOST.rawValue, MOSQ_ERR_KEEPALIVE.rawValue, MOSQ_ERR_NO_CONN.rawValue:
      self.init(end, "the broker: \(Self.text(status))")
    case MOSQ_ERR_OVERSIZE_PACKET.rawValue, MOSQ_ERR_PAYLOAD_SIZE.rawValue:
      self.init(.tooLarge, "the broker does not take messages of that size")
    case MOSQ_ERR_INVAL.rawValue, MOSQ_ERR_MALFORMED_UTF8.rawValue,
      MOSQ_ERR_NOT_SUPPORTED.rawValue, MOSQ_ERR_QOS_NOT_SUPPORTED.rawValue:
      self.init(.unusable, Self.text(status))
    default: self.init(.lost, "the broker: \(Self.text(status))")
    }
  }

  static func text(_ status: Int32) -> String {
    mosquitto_strerror(status).map { String(cString: $0) } ?? "\(status)"
  }
}
