import HTTPAuthentication

/// A CPE's side of HTTP authentication: answers what the server challenges with (TR-069 Amendment 6, 3.4.4).
struct SessionCredentials {
  private enum Scheme {
    case none
    case basic(String)
    case digest(DigestClient)
  }

  let username: String
  let password: String
  private var scheme = Scheme.none
  private var rejections = 0

  init(username: String, password: String) {
    self.username = username
    self.password = password
  }

  /// Takes the challenges of a 401.
  ///
  /// - Returns: Whether the request is worth sending again: Digest before Basic, and a second 401 ends it.
  mutating func receive(_ challenges: [String]) -> Bool {
    rejections += 1
    guard rejections <= 1 else { return false }
    var client = DigestClient(username: username, password: password)
    if client.receive(challenges) {
      scheme = .digest(client)
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
    switch scheme {
    case .none: return nil
    case .basic(let value): return value
    case .digest(var client):
      defer { scheme = .digest(client) }
      return client.authorization(method: method, uri: uri)
    }
  }
}
