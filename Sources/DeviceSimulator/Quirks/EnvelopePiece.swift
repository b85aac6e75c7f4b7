/// An envelope as a sequence of tags and the texts between them, for those who want to write it differently.
enum EnvelopePiece: Equatable {
  /// With its angle brackets; the XML declaration is one too.
  case tag(String)
  /// As it stands in the document, escapes and all.
  case text(String)

  /// Takes the encoder's output apart; there is no `>` in its attributes and no comment or CDATA section.
  static func pieces(of bytes: [UInt8]) -> [EnvelopePiece] {
    var pieces: [EnvelopePiece] = []
    var start = 0
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "<") {
        if index > start {
          pieces.append(.text(String(decoding: bytes[start..<index], as: UTF8.self)))
        }
        start = index
      } else if bytes[index] == UInt8(ascii: ">") {
        pieces.append(.tag(String(decoding: bytes[start...index], as: UTF8.self)))
        start = index + 1
      }
      index += 1
    }
    if start < bytes.count {
      pieces.append(.text(String(decoding: bytes[start...], as: UTF8.self)))
    }
    return pieces
  }

  var string: String {
    switch self {
    case .tag(let text), .text(let text): text
    }
  }

  /// The local name of an opening or closing tag; nil for a text and the declaration.
  var name: Substring? {
    guard case .tag(let tag) = self, !tag.hasPrefix("<?") else { return nil }
    let full = tag.dropFirst().drop { $0 == "/" }.prefix { $0 != ">" && $0 != " " && $0 != "/" }
    guard let colon = full.firstIndex(of: ":") else { return full }
    return full[full.index(after: colon)...]
  }

  var isClosing: Bool {
    if case .tag(let tag) = self { return tag.hasPrefix("</") }
    return false
  }

  func opens(_ name: String) -> Bool { !isClosing && self.name == Substring(name) }

  func closes(_ name: String) -> Bool { isClosing && self.name == Substring(name) }
}

extension [EnvelopePiece] {
  mutating func changeTags(_ change: (String) -> String) {
    for index in indices {
      if case .tag(let tag) = self[index] { self[index] = .tag(change(tag)) }
    }
  }

  /// Changes the text of each element with one of these names; a missing text counts as empty.
  mutating func changeTexts(of names: Set<Substring>, _ change: (String) -> String) {
    var result: [EnvelopePiece] = []
    result.reserveCapacity(count)
    var index = 0
    while index < count {
      result.append(self[index])
      if !self[index].isClosing, let name = self[index].name, names.contains(name),
        index + 1 < count
      {
        if case .text(let text) = self[index + 1] {
          result.append(.text(change(text)))
          index += 1
        } else if self[index + 1].closes(String(name)) {
          result.append(.text(change("")))
        }
      }
      index += 1
    }
    self = result
  }

  /// Removes every element with that local name, with all that is in it.
  mutating func removeElements(_ name: String) {
    while let start = firstIndex(where: { $0.opens(name) }),
      let end = self[start...].firstIndex(where: { $0.closes(name) })
    {
      removeSubrange(start...end)
    }
  }
}
