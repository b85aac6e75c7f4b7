/// What a device shows at the door, without the password.
package struct CredentialDetail: Codable, Sendable, Equatable {
  package var username: String
  /// The only device that may use it; nil: any device (the shared credential for enrolment).
  package var device: String?
  package var realm: String
  package var createdAt: Timestamp

  package init(username: String, device: String?, realm: String, createdAt: Timestamp) {
    self.username = username
    self.device = device
    self.realm = realm
    self.createdAt = createdAt
  }
}

/// A credential to be made or, if one has this username, replaced.
package struct NewCredential: Codable, Sendable, Equatable {
  package var username: String
  package var password: String
  /// Nil: any device may use it.
  package var device: String?

  package init(username: String, password: String, device: String? = nil) {
    self.username = username
    self.password = password
    self.device = device
  }
}
