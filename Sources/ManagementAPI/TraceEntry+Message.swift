import FleetStore
import ManagementTypes

extension TraceEntry {
  init(_ message: TraceMessage) {
    let lines = message.head.split(whereSeparator: \.isNewline)
    self.init(
      id: message.id, at: Timestamp(message.at), session: message.session,
      direction: message.isInbound ? "in" : "out", peer: message.peer,
      head: lines.first.map(String.init) ?? "", method: Self.method(of: message.body),
      headers: lines.dropFirst().map { line in
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        return Header(
          name: String(parts[0]),
          value: parts.count > 1 ? String(parts[1].drop { $0 == " " || $0 == "\t" }) : "")
      }, body: String(decoding: message.body, as: UTF8.self), bodySize: message.bodySize)
  }

  /// Bytes of a body that are looked through: what a device writes before the body of its envelope may be of any length.
  private static let headSize = 16 << 10
  /// Bytes of a name that is shown.
  private static let nameSize = 64

  /// The local name of the first element in an envelope's body; nil where there is none. The body may be cut, or no XML at all.
  static func method(of body: [UInt8]) -> String? {
    var rest = body.prefix(headSize)
    var isInBody = false
    while let start = rest.firstIndex(of: UInt8(ascii: "<")) {
      rest = rest[(start + 1)...]
      let name = rest.prefix { isNameByte($0) }
      guard let local = name.split(separator: UInt8(ascii: ":")).last else { continue }
      if isInBody, local.count <= nameSize {
        return String(decoding: local, as: UTF8.self)
      }
      isInBody = local.elementsEqual("Body".utf8)
    }
    return nil
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "_"),
      UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}
