/// A frame of STOMP 1.2.
package struct STOMPFrame: Sendable, Equatable {
  package struct Header: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package var command: String
  package var headers: [Header]
  package var body: [UInt8]

  package init(_ command: String, _ headers: [Header] = [], body: [UInt8] = []) {
    self.command = command
    self.headers = headers
    self.body = body
  }

  /// The value of a header; where it is repeated, the first counts (Repeated Header Entries).
  package subscript(_ name: String) -> String? {
    headers.first { $0.name == name }?.value
  }

  /// The bytes on the wire. A body has its content-length added where there is none.
  package func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(body.count + 256)
    bytes += command.utf8
    bytes.append(STOMPByte.lineFeed)
    // A server of 1.0 would read escapes as they stand (Value Encoding).
    let escapes = !Self.isUnescaped(command)
    for header in headers {
      Self.append(header.name, escapes: escapes, to: &bytes)
      bytes.append(STOMPByte.colon)
      Self.append(header.value, escapes: escapes, to: &bytes)
      bytes.append(STOMPByte.lineFeed)
    }
    if !body.isEmpty, self["content-length"] == nil {
      bytes += "content-length:\(body.count)\n".utf8
    }
    bytes.append(STOMPByte.lineFeed)
    bytes += body
    bytes.append(0)
    return bytes
  }

  static func isUnescaped(_ command: String) -> Bool {
    command == "CONNECT" || command == "CONNECTED"
  }

  private static func append(_ text: String, escapes: Bool, to bytes: inout [UInt8]) {
    for byte in text.utf8 {
      switch byte {
      // It would end the frame, escaped or not.
      case 0: continue
      case STOMPByte.lineFeed, STOMPByte.carriageReturn, STOMPByte.colon, STOMPByte.backslash:
        guard escapes else {
          // What would end the line is left out; colons stand in values as they are.
          if byte == STOMPByte.colon || byte == STOMPByte.backslash { bytes.append(byte) }
          continue
        }
        bytes.append(STOMPByte.backslash)
        bytes.append(STOMPByte.escapeLetter(byte))
      default: bytes.append(byte)
      }
    }
  }
}

/// Bytes that mean something in a frame.
enum STOMPByte {
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let colon = UInt8(ascii: ":")
  static let backslash = UInt8(ascii: "\\")

  static func escapeLetter(_ byte: UInt8) -> UInt8 {
    switch byte {
    case lineFeed: UInt8(ascii: "n")
    case carriageReturn: UInt8(ascii: "r")
    case colon: UInt8(ascii: "c")
    default: backslash
    }
  }

  /// nil where the letter stands for nothing.
  static func unescaped(_ letter: UInt8) -> UInt8? {
    switch letter {
    case UInt8(ascii: "n"): lineFeed
    case UInt8(ascii: "r"): carriageReturn
    case UInt8(ascii: "c"): colon
    case backslash: backslash
    default: nil
    }
  }
}
