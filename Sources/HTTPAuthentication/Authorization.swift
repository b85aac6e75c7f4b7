import Cryptography

/// What an `Authorization` header says, before anything in it is believed.
package enum Authorization: Sendable, Equatable {
  case basic(username: String, password: String)
  case digest(DigestCredentials)
  /// A scheme that is neither Basic nor Digest, or a Digest algorithm that is not known.
  case unsupported

  /// The longest header value that is looked at, in bytes.
  package static let maximumLength = 4096

  /// Reads the value of an `Authorization` header.
  ///
  /// Spacing, commas, quoting and the scheme's case may be wrong in the ways CPEs get them wrong.
  /// `nil` if the header is too long, breaks off, or lacks what a verification needs.
  package static func parse(_ header: String) -> Authorization? {
    guard header.utf8.count <= maximumLength else { return nil }
    let text = header.drop { $0 == " " || $0 == "\t" }
    let scheme = text.prefix { $0 != " " && $0 != "\t" }
    let rest = text[scheme.endIndex...]
    switch scheme.lowercased() {
    case "basic": return parseBasic(rest)
    case "digest": return DigestCredentials.parse(rest)
    case "": return nil
    default: return .unsupported
    }
  }

  /// The header value of Basic authentication (RFC 7617), from UTF-8.
  package static func basicHeader(username: String, password: String) -> String {
    "Basic " + Base64.encode(Array((username + ":" + password).utf8))
  }

  private static func parseBasic(_ text: Substring) -> Authorization? {
    let token = text.filter { $0 != " " && $0 != "\t" && $0 != "\"" }
    guard let bytes = Base64.decode(token),
      let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
    else { return nil }
    return .basic(
      username: text8(bytes[..<colon]), password: text8(bytes[(colon + 1)...]))
  }

  /// UTF-8 where it is, otherwise Latin-1, which is what older clients send.
  private static func text8(_ bytes: ArraySlice<UInt8>) -> String {
    String(validating: bytes, as: UTF8.self)
      ?? String(String.UnicodeScalarView(bytes.map { UnicodeScalar($0) }))
  }
}

/// The directives of `Authorization: Digest` (RFC 7616, section 3.4; RFC 2617, section 3.2.2).
package struct DigestCredentials: Sendable, Equatable {
  package var username: String
  package var realm: String
  package var nonce: String
  /// As the client wrote it: a path, an absolute URL, or nothing at all.
  package var uri: String
  /// Hexadecimal digits in lower case.
  package var response: String
  package var algorithm: DigestAlgorithm
  package var cnonce: String?
  package var opaque: String?
  /// `nil` for the form of RFC 2069.
  package var qop: String?
  /// `nc`, as written.
  package var nonceCount: String?

  static func parse(_ text: Substring) -> Authorization? {
    var found = Directives()
    var scanner = DirectiveScanner(text)
    do {
      while let item = try scanner.next() {
        // Stray words carry nothing.
        if case .directive(let name, let value) = item { found.take(name, value) }
      }
    } catch { return nil }
    let algorithm: DigestAlgorithm
    if let name = found.algorithm, !name.isEmpty {
      guard let known = DigestAlgorithm(directive: name) else { return .unsupported }
      algorithm = known
    } else {
      algorithm = .md5
    }
    guard let username = found.username ?? found.extendedUsername.flatMap(extended),
      let nonce = found.nonce, let response = found.response
    else { return nil }
    let hash = algorithm.fitting(responseLength: response.utf8.count)
    return .digest(
      DigestCredentials(
        username: username, realm: found.realm ?? "", nonce: nonce, uri: found.uri ?? "",
        response: response.lowercased(), algorithm: hash, cnonce: found.cnonce,
        opaque: found.opaque, qop: found.qop.flatMap { $0.isEmpty ? nil : $0 },
        nonceCount: found.nonceCount))
  }

  /// What was found so far; of a repeated directive the first counts.
  private struct Directives {
    var username, extendedUsername, realm, nonce, uri, response: String?
    var algorithm, cnonce, opaque, qop, nonceCount: String?

    mutating func take(_ name: String, _ value: String) {
      switch name {
      case "username": username = username ?? value
      case "username*": extendedUsername = extendedUsername ?? value
      case "realm": realm = realm ?? value
      case "nonce": nonce = nonce ?? value
      case "uri": uri = uri ?? value
      case "response": response = response ?? value
      case "algorithm": algorithm = algorithm ?? value
      case "cnonce": cnonce = cnonce ?? value
      case "opaque": opaque = opaque ?? value
      case "qop": qop = qop ?? value
      case "nc": nonceCount = nonceCount ?? value
      default: break
      }
    }
  }

  /// The text of an extended value such as `UTF-8''J%C3%A4s` (RFC 8187); other charsets are not read.
  private static func extended(_ value: String) -> String? {
    let parts = value.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].lowercased() == "utf-8" else { return nil }
    var bytes: [UInt8] = []
    var rest = parts[2].utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let digits = Hex.decode(String(decoding: rest.prefix(2), as: UTF8.self)),
        digits.count == 1
      else { return nil }
      bytes += digits
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
