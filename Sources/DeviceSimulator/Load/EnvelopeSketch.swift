import NIOCore

/// As much of an ACS's envelope as an answer by heart needs: the method and the ID.
///
/// It trusts the server that is measured to write well-formed envelopes; what it cannot read goes to the codec.
struct EnvelopeSketch: Equatable {
  /// The local name of the Body's first element.
  var method: String
  /// The text of the ID header; empty where there is none.
  var id: String
  /// The bytes without the ID's text: equal for the same request to different devices.
  var key: [UInt8]

  init?(_ body: ByteBufferView) {
    guard let bodyName = Self.find("Body", in: body, from: body.startIndex),
      let bodyStart = body[bodyName...].firstIndex(of: 0x3E),
      let open = body[bodyStart...].firstIndex(of: 0x3C)
    else { return nil }
    var name = open + 1
    var end = name
    while end < body.endIndex, Self.isNameByte(body[end]) {
      if body[end] == 0x3A { name = end + 1 }
      end += 1
    }
    guard end > name else { return nil }
    method = String(decoding: body[name..<end], as: UTF8.self)
    id = ""
    guard let idName = Self.find(":ID", in: body[..<bodyName], from: body.startIndex),
      let idStart = body[idName..<bodyName].firstIndex(of: 0x3E),
      let idEnd = body[idStart..<bodyName].firstIndex(of: 0x3C)
    else {
      key = Array(body)
      return
    }
    let text = body[(idStart + 1)..<idEnd]
    // An escaped ID is left to the codec.
    guard !text.contains(0x26) else { return nil }
    id = String(decoding: text, as: UTF8.self)
    key = Array(body[..<(idStart + 1)])
    key += body[idEnd...]
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
    default: false
    }
  }

  private static func find(_ text: StaticString, in view: ByteBufferView, from start: Int) -> Int? {
    let pattern = Array(text.description.utf8)
    guard let first = pattern.first else { return nil }
    var index = start
    while let match = view[index...].firstIndex(of: first) {
      if view[match...].starts(with: pattern) { return match }
      index = match + 1
    }
    return nil
  }
}
