/// How a device writes its envelopes: what the encoder made, as a sloppier hand would have written it.
struct EnvelopeDialect {
  /// A body with the charset that its Content-Type names.
  struct Written: Equatable {
    var bytes: [UInt8]
    var charset: String
  }

  private let quirks: [Quirk]

  init(_ quirks: Quirks) {
    let others: [Quirk] = [.partialPathObject, .contentLengthCharacters]
    self.quirks = quirks.all.filter { $0.subject == "XML" || others.contains($0) }
  }

  func write(_ bytes: [UInt8]) -> Written {
    guard !quirks.isEmpty else { return Written(bytes: bytes, charset: "utf-8") }
    var pieces = EnvelopePiece.pieces(of: bytes)
    for quirk in quirks { quirk.alter(&pieces) }
    return Charset(quirks).write(pieces.map(\.string).joined())
  }

  /// The encoding of the text, the last thing that is decided.
  private struct Charset {
    private let quirks: [Quirk]

    init(_ quirks: [Quirk]) {
      self.quirks = quirks
    }

    func write(_ text: String) -> Written {
      if quirks.contains(.gb2312) {
        return encoded(text, "GB2312", says: "GB2312") { GB2312.bytes(of: $0) }
      }
      if quirks.contains(.contentLengthCharacters) {
        return encoded(text, "UTF-8", says: "utf-8") { Array(String($0).utf8) }
      }
      for (quirk, says) in [(Quirk.latin1, "ISO-8859-1"), (.latin1Unlabelled, "UTF-8")]
      where quirks.contains(quirk) {
        return encoded(text, says, says: says.lowercased()) { scalar in
          scalar.value < 256 ? [UInt8(scalar.value)] : nil
        }
      }
      let mark: [UInt8] = quirks.contains(.byteOrderMark) ? [0xEF, 0xBB, 0xBF] : []
      return Written(bytes: mark + text.utf8, charset: "utf-8")
    }

    /// Character references become characters where the encoding has them.
    private func encoded(
      _ text: String, _ declared: String, says charset: String,
      _ bytes: (Unicode.Scalar) -> [UInt8]?
    ) -> Written {
      let text = text.replacing("encoding=\"UTF-8\"", with: "encoding=\"\(declared)\"")
      var result: [UInt8] = []
      var rest = text[...]
      while let character = rest.unicodeScalars.first {
        if character == "&", rest.hasPrefix("&#"), let end = rest.firstIndex(of: ";"),
          let number = UInt32(rest[rest.index(rest.startIndex, offsetBy: 2)..<end]),
          number >= 128, let scalar = Unicode.Scalar(number), let encoded = bytes(scalar)
        {
          result += encoded
          rest = rest[rest.index(after: end)...]
          continue
        }
        result += Array(String(character).utf8)
        rest = Substring(rest.unicodeScalars.dropFirst())
      }
      return Written(bytes: result, charset: charset)
    }
  }
}

/// The few characters of GB 2312 that the simulator has a use for.
enum GB2312 {
  /// A name to be written with them.
  static let manufacturer = "烽火通信"

  private static let table: [Unicode.Scalar: [UInt8]] = [
    "烽": [0xB7, 0xE9], "火": [0xBB, 0xF0], "通": [0xCD, 0xA8], "信": [0xD0, 0xC5],
  ]

  static func bytes(of scalar: Unicode.Scalar) -> [UInt8]? { table[scalar] }
}
