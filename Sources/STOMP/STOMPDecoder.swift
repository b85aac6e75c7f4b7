/// Takes bytes as they come and gives the frames in them.
package struct STOMPDecoder: Sendable {
  /// What a frame may have.
  package struct Limits: Sendable, Equatable {
    /// Bytes of the command and all headers.
    package var headBytes = 16 << 10
    package var headers = 64
    package var bodyBytes = 1 << 20

    package init() {}
  }

  private enum State {
    /// Between frames, where line ends are heart-beats.
    case between
    /// Within the command and the headers.
    case head
    /// Within a body whose length was told.
    case body(STOMPFrame, missing: Int)
    /// The NUL after such a body.
    case end(STOMPFrame)
    /// Within a body that the first NUL ends.
    case text(STOMPFrame)
    case failed(STOMPError)
  }

  private let limits: Limits
  private var state = State.between
  /// What has come of the line that is being read.
  private var line: [UInt8] = []
  private var headBytes = 0
  private var frame = STOMPFrame("")

  package init(limits: Limits = Limits()) {
    self.limits = limits
  }

  /// - Returns: the frames that are whole by now.
  /// - Throws: where the bytes are no frames, which is final; frames before it are not given.
  package mutating func decode(_ bytes: [UInt8]) throws(STOMPError) -> [STOMPFrame] {
    try decode(bytes[...])
  }

  package mutating func decode(_ bytes: ArraySlice<UInt8>) throws(STOMPError) -> [STOMPFrame] {
    if case .failed(let error) = state { throw error }
    var frames: [STOMPFrame] = []
    do {
      var rest = bytes
      while !rest.isEmpty {
        if let frame = try take(&rest) { frames.append(frame) }
      }
    } catch {
      state = .failed(error)
      line = []
      throw error
    }
    return frames
  }

  private mutating func take(_ rest: inout ArraySlice<UInt8>) throws(STOMPError) -> STOMPFrame? {
    switch state {
    case .failed(let error): throw error
    case .between:
      guard let first = rest.first else { return nil }
      if first == STOMPByte.lineFeed || first == STOMPByte.carriageReturn {
        rest = rest.dropFirst()
        return nil
      }
      frame = STOMPFrame("")
      headBytes = 0
      line.removeAll(keepingCapacity: true)
      state = .head
      return nil
    case .head:
      try takeLine(&rest)
      return nil
    case .body(var frame, let missing):
      // Moved out, so that appending copies nothing.
      state = .between
      let part = rest.prefix(missing)
      frame.body += part
      rest = rest.dropFirst(part.count)
      state =
        part.count == missing ? .end(frame) : .body(frame, missing: missing - part.count)
      return nil
    case .end(let frame):
      guard rest.removeFirst() == 0 else {
        throw STOMPError(.malformed, "a body is longer than its content-length")
      }
      state = .between
      return frame
    case .text(var frame):
      state = .between
      let end = rest.firstIndex(of: 0)
      let part = rest[rest.startIndex..<(end ?? rest.endIndex)]
      guard frame.body.count + part.count <= limits.bodyBytes else { throw tooLarge }
      frame.body += part
      rest = rest.dropFirst(part.count + (end == nil ? 0 : 1))
      guard end == nil else { return frame }
      state = .text(frame)
      return nil
    }
  }

  private var tooLarge: STOMPError {
    STOMPError(.tooLarge, "a frame is longer than the limits allow")
  }

  /// Takes what there is of a line.
  private mutating func takeLine(_ rest: inout ArraySlice<UInt8>) throws(STOMPError) {
    let end = rest.firstIndex(of: STOMPByte.lineFeed)
    let part = rest[rest.startIndex..<(end ?? rest.endIndex)]
    headBytes += part.count + (end == nil ? 0 : 1)
    guard headBytes <= limits.headBytes else { throw tooLarge }
    // Told at once: who sends no lines may never send the end of this one.
    guard !part.contains(0) else {
      throw STOMPError(.malformed, "a frame ends before its headers do")
    }
    line += part
    rest = rest.dropFirst(part.count + (end == nil ? 0 : 1))
    guard end != nil else { return }
    if line.last == STOMPByte.carriageReturn { line.removeLast() }
    defer { line.removeAll(keepingCapacity: true) }
    guard !line.contains(STOMPByte.carriageReturn) else {
      throw STOMPError(.malformed, "a line has a carriage return within it")
    }
    if frame.command.isEmpty {
      try takeCommand()
    } else if line.isEmpty {
      try endHead()
    } else {
      try takeHeader()
    }
  }

  private mutating func takeCommand() throws(STOMPError) {
    guard !line.isEmpty, line.count <= 32,
      line.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) })
    else { throw STOMPError(.malformed, "a frame does not begin with a command") }
    frame.command = String(decoding: line, as: UTF8.self)
  }

  private mutating func takeHeader() throws(STOMPError) {
    guard frame.headers.count < limits.headers else { throw tooLarge }
    guard let colon = line.firstIndex(of: STOMPByte.colon), colon > line.startIndex else {
      throw STOMPError(.malformed, "a header has no name")
    }
    let escapes = !STOMPFrame.isUnescaped(frame.command)
    let name = try text(line[..<colon], escapes)
    let value = try text(line[(colon + 1)...], escapes)
    frame.headers.append(STOMPFrame.Header(name, value))
  }

  private func text(_ bytes: ArraySlice<UInt8>, _ escapes: Bool) throws(STOMPError) -> String {
    var plain: [UInt8] = []
    plain.reserveCapacity(bytes.count)
    var rest = bytes
    while let byte = rest.popFirst() {
      guard escapes else {
        plain.append(byte)
        continue
      }
      // Some servers leave colons in values as they are.
      if byte == STOMPByte.backslash {
        // "Undefined escape sequences … MUST be treated as a fatal protocol error" (Value Encoding).
        guard let letter = rest.popFirst(), let meant = STOMPByte.unescaped(letter) else {
          throw STOMPError(.malformed, "a header has an escape that stands for nothing")
        }
        plain.append(meant)
      } else {
        plain.append(byte)
      }
    }
    guard let text = String(validating: plain, as: UTF8.self) else {
      throw STOMPError(.malformed, "a header is not UTF-8")
    }
    return text
  }

  private mutating func endHead() throws(STOMPError) {
    var whole = STOMPFrame("")
    swap(&whole, &frame)
    guard let text = whole["content-length"] else {
      state = .text(whole)
      return
    }
    guard (1...10).contains(text.utf8.count),
      text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let length = Int(text)
    else { throw STOMPError(.malformed, "a content-length is no number") }
    guard length <= limits.bodyBytes else { throw tooLarge }
    state = length == 0 ? .end(whole) : .body(whole, missing: length)
  }
}
