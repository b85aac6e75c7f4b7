/// What a server demands in `WWW-Authenticate`.
package enum Challenge: Sendable, Equatable {
  case basic(realm: String)
  /// - `stale`: the credentials were right but their nonce was too old; the client then tries again without
  ///   asking a person.
  case digest(
    realm: String, nonce: String, opaque: String?, algorithm: DigestAlgorithm, stale: Bool)

  /// A Digest challenge with qop "auth" and MD5, the one form that every CPE must understand
  /// (TR-069 Amendment 6, 3.4.5).
  package static func digest(realm: String, nonce: String, stale: Bool = false) -> Challenge {
    .digest(realm: realm, nonce: nonce, opaque: nil, algorithm: .md5, stale: stale)
  }

  /// The header's value, in the spelling that the pickiest CPEs read: commas, and every value that may be
  /// quoted in quotes. MD5 is left unsaid because it is what silence means.
  package var headerValue: String {
    switch self {
    case .basic(let realm): return "Basic realm=" + quoted(realm)
    case .digest(let realm, let nonce, let opaque, let algorithm, let stale):
      var text = "Digest realm=\(quoted(realm)), qop=\"auth\", nonce=\(quoted(nonce))"
      if let opaque { text += ", opaque=" + quoted(opaque) }
      if algorithm != .md5 { text += ", algorithm=" + algorithm.rawValue }
      if stale { text += ", stale=true" }
      return text
    }
  }
}
