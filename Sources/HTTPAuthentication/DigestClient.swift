import Cryptography

/// The client's side of Digest authentication: reads a challenge, answers it, and counts nonce uses.
package struct DigestClient: Sendable {
  /// The longest `WWW-Authenticate` value that is looked at, in bytes.
  package static let maximumLength = 4096

  /// One Digest challenge of a server.
  package struct ReceivedChallenge: Sendable, Equatable {
    package var realm: String
    package var nonce: String
    package var opaque: String?
    package var algorithm: DigestAlgorithm
    /// Whether qop "auth" was offered; if not, the answer has the form of RFC 2069.
    package var offersAuth: Bool
    package var isStale: Bool
  }

  private let username: String
  private let password: String
  private let random: @Sendable (Int) -> [UInt8]
  private var challenge: ReceivedChallenge?
  private var nonceCount: UInt32 = 0

  package init(
    username: String, password: String,
    random: @escaping @Sendable (Int) -> [UInt8] = { SecureRandom.bytes($0) }
  ) {
    self.username = username
    self.password = password
    self.random = random
  }

  /// Whether there is a challenge to answer, so that `authorization` gives a header.
  package var isChallenged: Bool { challenge != nil }

  /// Takes the `WWW-Authenticate` values of a 401.
  ///
  /// - Returns: Whether a Digest challenge that can be answered was among them; if not, the one before stays.
  @discardableResult
  package mutating func receive(_ headers: [String]) -> Bool {
    let challenges = headers.flatMap(Self.challenges)
    guard let chosen = challenges.first else { return false }
    if chosen.nonce != challenge?.nonce { nonceCount = 0 }
    challenge = chosen
    return true
  }

  /// The value of the `Authorization` header for a request, or `nil` before any challenge.
  ///
  /// - Parameter uri: The target exactly as in the request line; an empty one counts as `/`.
  package mutating func authorization(method: String, uri: String) -> String? {
    guard let challenge else { return nil }
    nonceCount &+= 1
    let uri = uri.isEmpty ? "/" : uri
    let count = Hex.encode(withUnsafeBytes(of: nonceCount.bigEndian, Array.init))
    // A cnonce is also part of the -sess algorithms, even without qop.
    let cnonce =
      challenge.offersAuth || challenge.algorithm.isSession ? Hex.encode(random(8)) : nil
    let ha1 = challenge.algorithm.hash(
      Array(username.utf8), Array(challenge.realm.utf8), Array(password.utf8))
    let response = challenge.algorithm.response(
      ha1: ha1, method: method, uri: uri, nonce: challenge.nonce, cnonce: cnonce,
      quality: challenge.offersAuth ? (count, "auth") : nil)
    var text = "Digest username=\(quoted(username)), realm=\(quoted(challenge.realm))"
    text += ", nonce=\(quoted(challenge.nonce)), uri=\(quoted(uri))"
    if challenge.algorithm != .md5 { text += ", algorithm=" + challenge.algorithm.rawValue }
    text += ", response=\"" + String(decoding: response, as: UTF8.self) + "\""
    if let opaque = challenge.opaque { text += ", opaque=" + quoted(opaque) }
    if challenge.offersAuth { text += ", qop=auth, nc=" + count }
    if let cnonce { text += ", cnonce=\"" + cnonce + "\"" }
    return text
  }

  /// The Digest challenges of one header value that can be answered, in their order.
  package static func challenges(in header: String) -> [ReceivedChallenge] {
    guard header.utf8.count <= maximumLength else { return [] }
    var found: [ReceivedChallenge] = []
    var scheme = ""
    var directives: [String: String] = [:]
    func close() {
      if scheme == "digest", let challenge = challenge(from: directives) {
        found.append(challenge)
      }
      directives = [:]
    }
    var scanner = DirectiveScanner(header)
    do {
      while let item = try scanner.next() {
        switch item {
        case .word(let word):
          close()
          scheme = word.lowercased()
        case .directive(let name, let value):
          if directives[name] == nil { directives[name] = value }
        }
      }
    } catch { return found }
    close()
    return found
  }

  private static func challenge(from directives: [String: String]) -> ReceivedChallenge? {
    guard let nonce = directives["nonce"] else { return nil }
    var algorithm = DigestAlgorithm.md5
    if let name = directives["algorithm"], !name.isEmpty {
      guard let known = DigestAlgorithm(directive: name) else { return nil }
      algorithm = known
    }
    let qualities = directives["qop"].map {
      $0.lowercased().split { $0 == "," || $0 == " " }.map(String.init)
    }
    // Only auth-int offered: nothing that could be answered.
    if let qualities, !qualities.isEmpty, !qualities.contains("auth") { return nil }
    return ReceivedChallenge(
      realm: directives["realm"] ?? "", nonce: nonce, opaque: directives["opaque"],
      algorithm: algorithm, offersAuth: qualities?.contains("auth") ?? false,
      isStale: directives["stale"]?.lowercased() == "true")
  }
}
