import Cryptography

/// What a server keeps of a username and password in order to check Digest and Basic credentials.
///
/// The two hashes are password equivalents for Digest within this realm: keep them as secret as a password.
package struct Verifier: Sendable, Equatable {
  package let username: String
  package let realm: String
  /// MD5(username:realm:password), 16 bytes.
  package let ha1MD5: [UInt8]
  /// SHA-256(username:realm:password), 32 bytes.
  package let ha1SHA256: [UInt8]

  /// A verifier made from a password in clear; do it once, keep the result.
  package init(username: String, realm: String, password: String) {
    let secret = Array("\(username):\(realm):\(password)".utf8)
    self.init(
      username: username, realm: realm, ha1MD5: MD5.digest(of: secret),
      ha1SHA256: SHA256.digest(of: secret))
  }

  /// A verifier as it was kept.
  package init(username: String, realm: String, ha1MD5: [UInt8], ha1SHA256: [UInt8]) {
    self.username = username
    self.realm = realm
    self.ha1MD5 = ha1MD5
    self.ha1SHA256 = ha1SHA256
  }

  /// Whether Digest credentials prove the password for this request.
  ///
  /// The nonce is not judged here: ask `NonceIssuer` first. The `uri` directive counts as the client wrote it
  /// if it is empty or denotes the request's target in absolute or relative form. Any `nc` is taken.
  ///
  /// - Parameter requestURI: The target of the request line.
  package func verifies(_ credentials: DigestCredentials, method: String, requestURI: String)
    -> Bool
  {
    guard credentials.username == username,
      credentials.realm == realm || credentials.realm.isEmpty,
      RequestTarget.matches(directive: credentials.uri, requestURI: requestURI)
    else { return false }
    let quality: (nonceCount: String, qop: String)?
    if let qop = credentials.qop {
      guard qop.lowercased() == "auth" else { return false }
      quality = (credentials.nonceCount ?? "", qop)
    } else {
      quality = nil
    }
    let expected = credentials.algorithm.response(
      ha1: Hex.encodeBytes(credentials.algorithm.usesMD5 ? ha1MD5 : ha1SHA256),
      method: method, uri: credentials.uri, nonce: credentials.nonce, cnonce: credentials.cnonce,
      quality: quality)
    return constantTimeEquals(expected, credentials.response.utf8)
  }

  /// Whether a username and password in clear (Basic) are the right ones.
  package func verifies(username: String, password: String) -> Bool {
    let secret = Array("\(username):\(realm):\(password)".utf8)
    let sameUsername = constantTimeEquals(username.utf8, self.username.utf8)
    let samePassword = constantTimeEquals(SHA256.digest(of: secret), ha1SHA256)
    return sameUsername && samePassword
  }
}

/// The comparison of a `uri` directive with the target of a request line.
enum RequestTarget {
  static func matches(directive: String, requestURI: String) -> Bool {
    if directive.isEmpty || directive == requestURI { return true }
    let claimed = components(directive)
    let actual = components(requestURI)
    guard claimed.path == actual.path else { return false }
    return claimed.query == nil || claimed.query == actual.query
  }

  /// Path and query without scheme and authority; the path of `http://host` is `/`.
  private static func components(_ uri: String) -> (path: Substring, query: Substring?) {
    var rest = uri[...]
    if !rest.hasPrefix("/"), let scheme = rest.firstRange(of: "://") {
      rest = rest[scheme.upperBound...].drop { $0 != "/" && $0 != "?" }
    }
    let path = rest.prefix { $0 != "?" }
    let query = path.endIndex == rest.endIndex ? nil : rest[path.endIndex...].dropFirst()
    return (path.isEmpty ? "/" : path, query)
  }
}
