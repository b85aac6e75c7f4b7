import Cryptography
import HTTPAuthentication

/// A CPE's side of HTTP authentication: answers what the server challenges with (TR-069 Amendment 6, 3.4.4).
struct SessionCredentials {
  /// How the device answers Digest.
  enum DigestManner {
    case regular
    /// As RFC 2069 did, and with an empty uri.
    case withoutQop
    /// Each use of a nonce is the first.
    case countOne

    init(_ quirks: Quirks) {
      if quirks.contains(.digestWithoutQop) {
        self = .withoutQop
      } else {
        self = quirks.contains(.digestCountOne) ? .countOne : .regular
      }
    }
  }

  private enum Scheme {
    case none
    case basic(String)
    case digest(DigestClient, challenges: [String])
  }

  let username: String
  let password: String
  private let manner: DigestManner
  private var scheme = Scheme.none
  private var rejections = 0

  init(username: String, password: String, manner: DigestManner = .regular) {
    self.username = username
    self.password = password
    self.manner = manner
  }

  /// Takes the challenges of a 401.
  ///
  /// - Returns: Whether the request is worth sending again: Digest before Basic, and a second 401 ends it.
  mutating func receive(_ challenges: [String]) -> Bool {
    rejections += 1
    guard rejections <= 1 else { return false }
    var client = DigestClient(username: username, password: password)
    if client.receive(challenges) {
      scheme = .digest(client, challenges: challenges)
      return true
    }
    if challenges.contains(where: { $0.lowercased().hasPrefix("basic") }) {
      scheme = .basic(Authorization.basicHeader(username: username, password: password))
      return true
    }
    return false
  }

  /// A request was let in; a later 401 is a challenge again.
  mutating func accepted() { rejections = 0 }

  mutating func header(method: String, uri: String) -> String? {
    switch (scheme, manner) {
    case (.none, _): return nil
    case (.basic(let value), _): return value
    case (.digest(var client, let challenges), .regular):
      defer { scheme = .digest(client, challenges: challenges) }
      return client.authorization(method: method, uri: uri)
    case (.digest(_, let challenges), .countOne):
      var client = DigestClient(username: username, password: password)
      client.receive(challenges)
      return client.authorization(method: method, uri: uri)
    case (.digest(_, let challenges), .withoutQop):
      guard
        let challenge = challenges.flatMap(DigestClient.challenges).first(where: {
          $0.algorithm == .md5
        })
      else { return nil }
      func hash(_ text: String) -> String { MD5.hexDigest(of: Array(text.utf8)) }
      let response = hash(
        "\(hash("\(username):\(challenge.realm):\(password)")):\(challenge.nonce):\(hash(method + ":"))"
      )
      return
        "Digest username=\"\(username)\", realm=\"\(challenge.realm)\", nonce=\"\(challenge.nonce)\", uri=\"\", response=\"\(response)\""
    }
  }
}
