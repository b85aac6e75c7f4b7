/// Takes server-sent events (WHATWG HTML, 9.2) out of bytes as they come.
package struct EventStreamParser: Sendable {
  package struct Message: Sendable, Equatable {
    package var data: String
  }

  /// The largest line that is borne, in bytes.
  package static let maximumLine = 16 << 20

  /// What a reader that comes back gives as `Last-Event-ID`.
  package private(set) var lastEventID: String?
  /// Milliseconds after which a reader that lost the connection shall come back.
  package private(set) var retry: Int?
  private var line: [UInt8] = []
  private var data: [String] = []
  private var id: String?
  private var followsReturn = false

  package init() {}

  /// A new connection begins in the midst of nothing.
  package mutating func restart() {
    line = []
    data = []
    id = nil
    followsReturn = false
  }

  /// The messages that these bytes complete; nil where a line is too long.
  package mutating func receive(_ bytes: [UInt8]) -> [Message]? {
    var messages: [Message] = []
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\n") where followsReturn:
        followsReturn = false
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        followsReturn = byte == UInt8(ascii: "\r")
        if let message = endLine() { messages.append(message) }
      default:
        followsReturn = false
        guard line.count < Self.maximumLine else { return nil }
        line.append(byte)
      }
    }
    return messages
  }

  private mutating func endLine() -> Message? {
    let text = String(decoding: line, as: UTF8.self)
    line = []
    guard !text.isEmpty else {
      if let id { lastEventID = id }
      id = nil
      defer { data = [] }
      return data.isEmpty ? nil : Message(data: data.joined(separator: "\n"))
    }
    let name = text.prefix { $0 != ":" }
    var value = text.dropFirst(name.count + 1)
    if value.first == " " { value = value.dropFirst() }
    switch name {
    case "data": data.append(String(value))
    case "id": id = String(value)
    case "retry": retry = Int(value)
    default: break
    }
    return nil
  }
}
