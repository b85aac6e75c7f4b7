import Fleet

/// Blanks credentials in a message that is to be shown.
///
/// It works on bytes and without a parser, because a trace is wanted most where a message can't be parsed. It blanks more
/// rather than less: elements by their local names, whatever their place.
enum TraceRedaction {
  static let blank = Array("…".utf8)

  /// Header fields that carry credentials, in lower case; of an authorization the scheme and the user name are left.
  static func field(_ name: String, _ value: String) -> String {
    switch name.lowercased() {
    case "authorization", "proxy-authorization": authorization(value)
    case "cookie", "set-cookie", "cookie2": "…"
    default: value
    }
  }

  private static func authorization(_ value: String) -> String {
    let scheme = value.prefix { $0 != " " }
    guard scheme.lowercased() == "digest" else { return "\(scheme) …" }
    // The response is a proof of the password that can be tried out at leisure.
    let kept = value.dropFirst(scheme.count).split(separator: ",").filter { directive in
      let name = directive.prefix { $0 != "=" }.filter { $0 != " " }.lowercased()
      return ["username", "realm", "qop", "nc", "uri", "algorithm"].contains(name)
    }
    return "\(scheme)\(kept.joined(separator: ",")), response=…"
  }

  /// Elements whose text is a credential.
  private static let secretElements: Set<String> = ["password", "voucherlist", "base64"]

  /// A body with its credentials blanked; all of it where its encoding hides the tags.
  static func body(_ bytes: some Collection<UInt8>) -> [UInt8] {
    // UTF-16 and UTF-32 have zero bytes among the first of any document, or a mark of byte order.
    let first = bytes.prefix(4)
    if first.contains(0) || [0xFE, 0xFF].contains(first.first ?? 0) {
      return Array("(\(bytes.count) bytes in an encoding that is not shown)".utf8)
    }
    var scanner = Scanner(Array(bytes))
    return scanner.run()
  }

  /// Walks from tag to tag.
  private struct Scanner {
    private let bytes: [UInt8]
    private var output: [UInt8] = []
    private var position = 0
    /// True after a `Name` of a parameter whose value is a secret.
    private var awaitsSecret = false

    init(_ bytes: [UInt8]) {
      self.bytes = bytes
      output.reserveCapacity(bytes.count)
    }

    mutating func run() -> [UInt8] {
      while position < bytes.count {
        guard let open = next(UInt8(ascii: "<"), from: position) else { break }
        let textEnd = open
        output += bytes[position..<textEnd]
        guard let close = next(UInt8(ascii: ">"), from: open) else {
          position = open
          break
        }
        let tag = bytes[open...close]
        output += tag
        position = close + 1
        if tag.count > 2, tag[open + 1] != UInt8(ascii: "/"), tag[close - 1] != UInt8(ascii: "/") {
          began(Self.localName(of: tag))
        }
      }
      output += bytes[position...]
      return output
    }

    /// Blanks the text that follows a start tag where it is a secret.
    private mutating func began(_ name: String) {
      switch name {
      case "parametervaluestruct":
        // Until its name is known, a value may be anything.
        awaitsSecret = true
      case "name", "parametername":
        let end = next(UInt8(ascii: "<"), from: position) ?? bytes.count
        let text = String(decoding: bytes[position..<end], as: UTF8.self)
        let name = text.split(whereSeparator: \.isWhitespace).joined()
        // CDATA and references can spell any name.
        awaitsSecret = name.isEmpty || name.contains("&") || ParameterPath.isSecret(name)
      case "value" where awaitsSecret:
        awaitsSecret = false
        skip(to: "value")
      case "url", "transferurl":
        skipQuery()
      case _ where TraceRedaction.secretElements.contains(name):
        skip(to: name)
      default: break
      }
    }

    /// Leaves out everything up to the end tag, CDATA and all.
    private mutating func skip(to name: String) {
      let start = position
      var place = position
      while let open = next(UInt8(ascii: "<"), from: place) {
        // An end tag is looked for by its name alone, so that no byte is looked at again and again.
        if open + 1 < bytes.count, bytes[open + 1] == UInt8(ascii: "/"),
          Self.localName(of: bytes[open...]) == name
        {
          position = open
          if position > start { output += TraceRedaction.blank }
          return
        }
        place = open + 1
      }
      // Without an end it may go on for ever; all of it is left out.
      position = bytes.count
      output += TraceRedaction.blank
    }

    /// The query of a URL of ours carries its signature.
    private mutating func skipQuery() {
      let end = next(UInt8(ascii: "<"), from: position) ?? bytes.count
      let text = bytes[position..<end]
      // A link for an upload is signed in its path.
      let marker = Array("/uploads/".utf8)
      let signed = text.indices.first { text[$0...].starts(with: marker) }.map {
        $0 + marker.count - 1
      }
      guard let query = [signed, text.firstIndex(of: UInt8(ascii: "?"))].compactMap({ $0 }).min()
      else { return }
      output += bytes[position...query]
      output += TraceRedaction.blank
      position = end
    }

    private func next(_ byte: UInt8, from start: Int) -> Int? {
      bytes[start...].firstIndex(of: byte)
    }

    /// In lower case; of a tag that begins with `<`, whatever follows it.
    private static func localName(of tag: ArraySlice<UInt8>) -> String {
      var name: [UInt8] = []
      for byte in tag.dropFirst() {
        switch byte {
        case UInt8(ascii: "/") where name.isEmpty: continue
        case UInt8(ascii: ":"): name = []
        case UInt8(ascii: " "), UInt8(ascii: ">"), UInt8(ascii: "/"), UInt8(ascii: "\t"),
          UInt8(ascii: "\n"), UInt8(ascii: "\r"):
          return String(decoding: name, as: UTF8.self).lowercased()
        default:
          guard name.count < 64 else { return "" }
          name.append(byte)
        }
      }
      return String(decoding: name, as: UTF8.self).lowercased()
    }
  }
}
