import NIOCore

/// What the simulator needs of an HTTP/1.1 response.
package struct HTTPResponse: Sendable, Equatable {
  package var status: Int
  /// The values of Set-Cookie, with their attributes.
  package var cookies: [String] = []
  /// The values of WWW-Authenticate.
  package var challenges: [String] = []
  package var location: String?
  /// The values of Content-Encoding.
  package var encodings: [String] = []
  /// Whether the server closes the connection behind it.
  package var closes = false
  package var body = ByteBuffer()
}

/// Cuts a stream of bytes into HTTP/1.1 responses (RFC 9112), reading no more of them than is needed.
///
/// The body is kept whole up to a limit; files are fetched by ``FileFetcher``.
package struct HTTPResponseParser: Sendable {
  /// Bytes of the status line and all header fields.
  package static let maximumHeadLength = 64 << 10
  /// Bytes of a body that is kept in memory.
  package static let maximumBodyLength = 32 << 20

  enum Framing: Sendable, Equatable {
    case length(Int)
    case chunked
    case untilClose
  }

  private enum State: Sendable {
    case head
    case body(HTTPResponse, remaining: Int)
    case chunkSize(HTTPResponse)
    case chunk(HTTPResponse, remaining: Int)
    case chunkEnd(HTTPResponse)
    case trailer(HTTPResponse)
    case untilClose(HTTPResponse)
  }

  private var buffer = ByteBuffer()
  private var state = State.head

  package init() {}

  private var sawContinue = false

  /// Whether `100 Continue` has come since the last call.
  package mutating func takeContinue() -> Bool {
    defer { sawContinue = false }
    return sawContinue
  }

  package mutating func append(_ bytes: inout ByteBuffer) {
    if buffer.readableBytes == 0 {
      buffer = bytes
      bytes = ByteBuffer()
    } else {
      buffer.writeBuffer(&bytes)
    }
  }

  /// The next whole response, or nil until more bytes have come.
  package mutating func next() throws(SimulatorError) -> HTTPResponse? {
    while true {
      switch state {
      case .head:
        guard let (response, framing) = try Self.readHead(&buffer) else { return nil }
        if response.status < 200 {
          if response.status == 100 { sawContinue = true }
          continue
        }
        switch framing {
        case .length(0): return response
        case .length(let length):
          try check(length)
          state = .body(response, remaining: length)
        case .chunked: state = .chunkSize(response)
        case .untilClose: state = .untilClose(response)
        }
      case .body(var response, let remaining):
        guard let body = buffer.readSlice(length: remaining) else { return nil }
        response.body = body
        state = .head
        return response
      case .chunkSize(let response):
        guard let line = try Self.readLine(&buffer) else { return nil }
        guard let size = Int(line.prefix { $0.isHexDigit }, radix: 16) else {
          throw SimulatorError(.invalidResponse, "a chunk without a size")
        }
        try check(response.body.readableBytes + size)
        state = size == 0 ? .trailer(response) : .chunk(response, remaining: size)
      case .chunk(var response, let remaining):
        guard var chunk = buffer.readSlice(length: remaining) else { return nil }
        response.body.writeBuffer(&chunk)
        state = .chunkEnd(response)
      case .chunkEnd(let response):
        guard let line = try Self.readLine(&buffer) else { return nil }
        guard line.isEmpty else {
          throw SimulatorError(.invalidResponse, "a chunk longer than its size")
        }
        state = .chunkSize(response)
      case .trailer(let response):
        guard let line = try Self.readLine(&buffer) else { return nil }
        if line.isEmpty {
          state = .head
          return response
        }
      case .untilClose(var response):
        try check(response.body.readableBytes + buffer.readableBytes)
        response.body.writeBuffer(&buffer)
        state = .untilClose(response)
        return nil
      }
    }
  }

  /// The connection has ended; gives the response that had no other end.
  package mutating func finish() -> HTTPResponse? {
    defer { state = .head }
    guard case .untilClose(let response) = state else { return nil }
    return response
  }

  private func check(_ length: Int) throws(SimulatorError) {
    guard length <= Self.maximumBodyLength else {
      throw SimulatorError(
        .invalidResponse, "a body of more than \(Self.maximumBodyLength) bytes")
    }
  }

  // MARK: Head

  /// Status line and header fields with the empty line behind them; nil until they are there in full.
  static func readHead(_ buffer: inout ByteBuffer) throws(SimulatorError)
    -> (HTTPResponse, Framing)?
  {
    let view = buffer.readableBytesView
    guard let end = endOfHead(view) else {
      guard view.count <= maximumHeadLength else {
        throw SimulatorError(
          .invalidResponse, "a response head of more than \(maximumHeadLength) bytes")
      }
      return nil
    }
    let head = String(decoding: view[view.startIndex..<end], as: UTF8.self)
    buffer.moveReaderIndex(forwardBy: end - view.startIndex)
    // By bytes, because CR LF is a single character.
    var lines = head.utf8.split(separator: 0x0A).map { Substring($0).trimmed }[...]
    guard let statusLine = lines.popFirst(), statusLine.hasPrefix("HTTP/1."),
      let status = Int(statusLine.dropFirst(9).prefix(3)), (100...599).contains(status)
    else { throw SimulatorError(.invalidResponse, "the answer is not HTTP/1.1") }
    var response = HTTPResponse(status: status)
    response.closes = statusLine.hasPrefix("HTTP/1.0")
    var length: Int?
    var isChunked = false
    for line in lines {
      guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { continue }
      let value = line[line.index(after: colon)...].trimmed
      switch line[..<colon].lowercased() {
      case "content-length":
        guard let number = Int(value), number >= 0, length ?? number == number else {
          throw SimulatorError(.invalidResponse, "an invalid Content-Length")
        }
        length = number
      case "transfer-encoding": isChunked = value.lowercased().hasSuffix("chunked")
      case "connection":
        if value.lowercased() == "close" { response.closes = true }
        if value.lowercased() == "keep-alive" { response.closes = false }
      case "set-cookie":
        response.cookies.append(String(value))
      case "www-authenticate": response.challenges.append(String(value))
      case "content-encoding": response.encodings.append(String(value))
      case "location": response.location = String(value)
      default: break
      }
    }
    if status < 200 || status == 204 || status == 304 { return (response, .length(0)) }
    if isChunked { return (response, .chunked) }
    if let length { return (response, .length(length)) }
    response.closes = true
    return (response, .untilClose)
  }

  private static func endOfHead(_ view: ByteBufferView) -> Int? {
    var index = view.startIndex
    while let newline = view[index...].firstIndex(of: 0x0A) {
      let next = newline + 1
      if next < view.endIndex, view[next] == 0x0A { return next + 1 }
      if next + 1 < view.endIndex, view[next] == 0x0D, view[next + 1] == 0x0A { return next + 2 }
      index = next
    }
    return nil
  }

  private static func readLine(_ buffer: inout ByteBuffer) throws(SimulatorError) -> Substring? {
    guard let length = buffer.readableBytesView.firstIndex(of: 0x0A) else {
      guard buffer.readableBytes <= maximumHeadLength else {
        throw SimulatorError(.invalidResponse, "an endless line")
      }
      return nil
    }
    let line = buffer.readString(length: length - buffer.readerIndex + 1) ?? ""
    return line[...].trimmed
  }
}

extension Substring {
  /// Without the white space at both ends.
  var trimmed: Substring {
    var text = drop(while: \.isWhitespace)
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text
  }
}
