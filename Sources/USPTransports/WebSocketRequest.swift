import NIOHTTP1
import USP

/// What the request of a WebSocket's handshake says (RFC 6455, 4.2.1; TR-369, 4.4), or why it is refused.
struct WebSocketRequest: Equatable {
  /// Why a request is refused, as HTTP has it.
  struct Refusal: Error, Equatable {
    var status: UInt
    var headers: [String: String] = [:]
    var why: String

    init(_ status: UInt, _ why: String, headers: [String: String] = [:]) {
      self.status = status
      self.why = why
      self.headers = headers
    }
  }

  static let subprotocol = "v1.usp"
  static let oldExtension = "bbf-usp-protocol"

  /// Who the caller says it is.
  var endpoint: EndpointID?
  /// Whether the extension of USP 1.2 and before was offered, and is to be answered (R-WS.11a).
  var offersOldExtension: Bool

  /// - Parameter path: where WebSockets are taken.
  init(_ head: HTTPRequestHead, path: String) throws(Refusal) {
    let target = head.uri.utf8.split(
      separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = target.first, first.elementsEqual(path.utf8) else {
      throw Refusal(404, "another path")
    }
    guard head.method == .GET else {
      throw Refusal(405, "no GET", headers: ["Allow": "GET"])
    }
    guard head.version == .http1_1 else {
      throw Refusal(426, "no HTTP/1.1", headers: Self.upgrade)
    }
    guard Self.holds(head.headers, "upgrade", "websocket"),
      Self.holds(head.headers, "connection", "upgrade")
    else { throw Refusal(426, "no WebSocket", headers: Self.upgrade) }
    guard Self.only(head.headers, "sec-websocket-version") == "13" else {
      throw Refusal(426, "another version of WebSocket", headers: Self.upgrade)
    }
    guard let key = Self.only(head.headers, "sec-websocket-key"), Self.isKey(key) else {
      throw Refusal(400, "no Sec-WebSocket-Key")
    }
    guard !head.headers.contains(name: "transfer-encoding"),
      head.headers["content-length"].allSatisfy({ $0 == "0" })
    else { throw Refusal(400, "a body") }
    // R-WS.12a. The name of a subprotocol is compared as it is.
    guard
      head.headers[canonicalForm: "sec-websocket-protocol"].contains(where: {
        $0 == Self.subprotocol
      })
    else { throw Refusal(400, "the subprotocol \(Self.subprotocol) is not offered") }

    let offer = Self.oldExtension(in: head.headers)
    offersOldExtension = offer != nil
    if target.count > 1, let endpoint = try Self.endpoint(inQuery: target[1]) {
      self.endpoint = endpoint
    } else if let text = offer?.eid {
      guard let endpoint = EndpointID(text) else { throw Self.noEndpointID }
      self.endpoint = endpoint
    }
  }

  private static let upgrade = ["Upgrade": "websocket", "Sec-WebSocket-Version": "13"]
  private static let noEndpointID = Refusal(400, "eid is no endpoint ID")

  /// Whether a list of tokens holds one, without regard to case.
  static func holds(_ headers: HTTPHeaders, _ name: String, _ token: String) -> Bool {
    headers[canonicalForm: name].contains { $0.lowercased() == token }
  }

  /// The value of a field that may be there once.
  static func only(_ headers: HTTPHeaders, _ name: String) -> String? {
    let values = headers[name]
    return values.count == 1 ? values.first : nil
  }

  /// RFC 6455, 4.1: 16 bytes in Base64.
  private static func isKey(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.count == 24 && bytes.suffix(2).elementsEqual("==".utf8)
      && bytes.prefix(22).allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
          true
        default: false
        }
      }
  }

  // MARK: - Who calls

  /// R-WS.10b, R-WS.10c: the value is percent-encoded, and a percent sign of the endpoint ID is itself encoded.
  private static func endpoint(inQuery query: Substring.UTF8View) throws(Refusal) -> EndpointID? {
    var found: EndpointID?
    for item in query.split(separator: UInt8(ascii: "&")) {
      guard item.starts(with: "eid=".utf8) else { continue }
      guard let endpoint = EndpointID(queryValue: String(Substring(item.dropFirst(4)))),
        found == nil || found == endpoint
      else { throw noEndpointID }
      found = endpoint
    }
    return found
  }

  /// The extension of USP 1.2 and before, as it was offered: `bbf-usp-protocol; eid="os::012345-X"`.
  struct OldExtension: Equatable {
    /// The value of `eid`, without quotation marks.
    var eid: String?
  }

  static func oldExtension(in headers: HTTPHeaders) -> OldExtension? {
    for field in headers["sec-websocket-extensions"] {
      for offer in field.split(separator: ",") {
        let parts = offer.split(separator: ";").map { trimmed($0) }
        guard parts.first?.lowercased() == oldExtension else { continue }
        guard let value = parts.dropFirst().first(where: { $0.hasPrefix("eid=") })?.dropFirst(4)
        else { return OldExtension() }
        let isQuoted = value.count > 1 && value.hasPrefix("\"") && value.hasSuffix("\"")
        return OldExtension(eid: String(isQuoted ? value.dropFirst().dropLast() : value))
      }
    }
    return nil
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
  }
}
