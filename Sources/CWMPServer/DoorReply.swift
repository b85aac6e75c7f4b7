import NIOCore
import NIOHTTP1

/// An answer of the door, before it is a response on a connection.
struct DoorReply: Sendable {
  var status: HTTPResponseStatus
  /// A SOAP envelope; nil: no body.
  var body: ByteBuffer?
  /// The session's token, where the answer begins a session.
  var cookie: String?
  var headers: [(name: String, value: String)] = []
  /// Ends the connection after the answer.
  var closes = false

  static let empty = DoorReply(status: .noContent)

  static func refused(
    _ status: HTTPResponseStatus, headers: [(name: String, value: String)] = []
  ) -> DoorReply {
    DoorReply(status: status, headers: headers, closes: true)
  }

  /// Asks the device to come again later; the time is spread, so that not all come at once.
  static func busy(retryAfter seconds: Double) -> DoorReply {
    DoorReply(
      status: .serviceUnavailable, headers: [("Retry-After", String(Int(seconds)))], closes: true)
  }
}
