import Cryptography

extension UDPConnectionRequest {
  /// A packet as a CPE got it, not yet believed.
  package struct Received: Sendable, Equatable {
    package let request: UDPConnectionRequest
    /// ts, id, un and cn as they were written, since the signature is over the text and not over the numbers.
    private let signedText: String
    private let signature: [UInt8]

    /// Reads a packet.
    package init(decoding packet: [UInt8]) throws(Problem) {
      guard packet.count <= UDPConnectionRequest.maximumSize else {
        throw Problem(
          description: "the packet is larger than \(UDPConnectionRequest.maximumSize) bytes")
      }
      guard let text = String(validating: packet, as: UTF8.self) else {
        throw Problem(description: "the packet is no text")
      }
      // A line of HTTP ends with CR LF, which is one Character.
      let line = text.prefix { $0 != "\r\n" && $0 != "\n" }
      guard line.count < text.count else { throw Problem(description: "the packet has no line") }
      let parts = line.split(separator: " ", omittingEmptySubsequences: false)
      guard parts.count == 3, parts[0] == "GET", parts[2].hasPrefix("HTTP/1.") else {
        throw Problem(description: "the packet is no GET")
      }
      guard let mark = parts[1].firstIndex(of: "?") else {
        throw Problem(description: "the request has no query")
      }
      var values: [Substring: String] = [:]
      for pair in parts[1][mark...].dropFirst().split(separator: "&") {
        let equals = pair.firstIndex(of: "=") ?? pair.endIndex
        let name = pair[..<equals]
        guard let value = Self.unescaped(pair[equals...].dropFirst()) else {
          throw Problem(description: "the query is badly escaped")
        }
        guard values.updateValue(value, forKey: name) == nil else {
          throw Problem(description: "the query has \(name.prefix(16)) twice")
        }
      }
      guard let ts = values["ts"], let timestamp = UInt64(ts), let id = values["id"],
        let number = UInt32(id), let un = values["un"], let cn = values["cn"],
        let signature = values["sig"].flatMap({ Hex.decode($0) }), signature.count == 20
      else { throw Problem(description: "the query lacks ts, id, un, cn or sig") }
      request = UDPConnectionRequest(timestamp: timestamp, id: number, username: un, nonce: cn)
      signedText = ts + id + un + cn
      self.signature = signature
    }

    /// Whether the sender knows the connection-request password.
    package func isSigned(password: String) -> Bool {
      constantTimeEquals(
        UDPConnectionRequest.signature(of: signedText, password: password), signature)
    }

    private static func unescaped(_ text: Substring) -> String? {
      var bytes: [UInt8] = []
      var rest = Array(text.utf8)[...]
      while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
          bytes.append(byte)
          continue
        }
        let digits = rest.prefix(2)
        guard digits.count == 2, let value = Hex.decode(String(decoding: digits, as: UTF8.self))
        else { return nil }
        bytes += value
        rest = rest.dropFirst(2)
      }
      return String(validating: bytes, as: UTF8.self)
    }
  }

  /// What a CPE remembers of accepted requests, to tell copies and replays from new ones.
  package struct History: Sendable, Equatable {
    private var timestamp: UInt64 = 0
    private var id: UInt32?

    package init() {}

    /// Whether a request is newer than all before; remembers it if so.
    package mutating func accepts(_ request: UDPConnectionRequest) -> Bool {
      guard request.timestamp > timestamp, request.id != id else { return false }
      timestamp = request.timestamp
      id = request.id
      return true
    }
  }
}
