/// One field of an HTTP header.
package struct HTTPField: Sendable, Equatable {
  package var name: String
  package var value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

extension HTTPClient {
  /// What to send, and what to bear in return.
  package struct Request: Sendable {
    package enum Body: Sendable {
      case none
      case bytes([UInt8])
      /// The file at this path, read as it is sent.
      case file(path: String)
    }

    package enum Credentials: Sendable {
      /// Sent with the first request already.
      case basic(username: String, password: String)
      /// Sent once the server has challenged.
      case digest(username: String, password: String)
    }

    /// What becomes of the connection when the exchange is over.
    package enum ConnectionClosing: Sendable, Equatable {
      /// Kept for the next request to the same server.
      case never
      case always
      /// Closed unless the response has this status.
      case unless(status: Int)
    }

    package var method: String
    /// An absolute http or https URL.
    package var url: String
    package var headers: [HTTPField] = []
    package var body: Body = .none
    package var credentials: Credentials?
    package var connectTimeout: Duration = .seconds(10)
    /// From the first action to the last byte; `nil` for a stream without end.
    package var totalTimeout: Duration? = .seconds(60)
    /// The longest time without a byte from the server, about to the second; `nil` for no such limit.
    package var silenceTimeout: Duration?
    /// The largest response body in bytes; a larger one ends the exchange with `responseTooLarge`.
    package var maximumResponseBytes: Int = 16 << 20
    package var followsRedirects = false
    /// A PEM file of the authorities to trust instead of the system's.
    package var certificateAuthorities: String?
    package var verifiesServer = true
    /// The target of the request line, if it must differ from the URL's own path and query.
    package var target: String?
    /// Whether a response that breaks off after its status line still counts as a response.
    package var bearsAbruptEnd = false
    package var connectionClosing: ConnectionClosing = .never
    /// Forbids the use of an idle connection; so each address passes `acceptsAddress`.
    package var needsNewConnection = false
    /// Asked with every address after name resolution and before any packet; runs on the client's thread.
    package var acceptsAddress: (@Sendable (IPAddress) -> Bool)?
    /// Takes the body piece by piece instead of `Response.body`; `false` ends the exchange. Runs on the
    /// client's thread, and is called for a response of status 200 to 299 only.
    package var onBody: (@Sendable ([UInt8]) -> Bool)?
    /// Bytes sent and bytes to send in all; runs on the client's thread, a few times a second.
    package var onUploadProgress: (@Sendable (_ sent: Int, _ total: Int) -> Void)?

    package init(method: String = "GET", url: String) {
      self.method = method
      self.url = url
    }
  }

  /// What came back.
  package struct Response: Sendable {
    package var status: Int
    package var headers: [HTTPField]
    package var body: [UInt8]
    /// The address that the connection led to.
    package var remoteAddress: IPAddress?
    /// Whether the connection broke after the status line; only with `Request.bearsAbruptEnd`.
    package var endedAbruptly: Bool

    /// The values of all fields of a name, in any case.
    package func values(of name: String) -> [String] {
      let name = name.lowercased()
      return headers.filter { $0.name.lowercased() == name }.map(\.value)
    }

    /// The first value of a name, in any case.
    package func value(of name: String) -> String? { values(of: name).first }
  }
}
