/// A message between the server and a device whose protocol is traced; secrets are left out.
package struct TraceEntry: Codable, Sendable, Equatable {
  package var id: Int64
  package var at: Timestamp
  /// The same for all messages of a session.
  package var session: Int64
  /// `in`: from the device; `out`: to it.
  package var direction: String
  /// The device's address.
  package var peer: String
  /// The request line or the status line.
  package var head: String
  /// What the body is: a method of the protocol, for example `Inform` or `RebootResponse`, or `Fault`; nil where there is none.
  package var method: String?
  /// The fields of the head in their order.
  package var headers: [Header]
  package var body: String
  /// Bytes of the body as it was; more than there are in `body` where that was cut.
  package var bodySize: Int

  package struct Header: Codable, Sendable, Equatable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  package init(
    id: Int64, at: Timestamp, session: Int64, direction: String, peer: String, head: String,
    method: String? = nil, headers: [Header], body: String, bodySize: Int
  ) {
    self.id = id
    self.at = at
    self.session = session
    self.direction = direction
    self.peer = peer
    self.head = head
    self.method = method
    self.headers = headers
    self.body = body
    self.bodySize = bodySize
  }
}

/// A wish to trace a device.
package struct NewTrace: Codable, Sendable, Equatable {
  /// How long its messages are kept.
  package var seconds: Int

  package init(seconds: Int) {
    self.seconds = seconds
  }
}

/// Whether a device is traced.
package struct TraceState: Codable, Sendable, Equatable {
  /// Nil: it is not traced.
  package var until: Timestamp?

  package init(until: Timestamp?) {
    self.until = until
  }
}
