/// What a bearer of a token may do; each role may do all that the ones before it may.
package enum Role: String, Codable, Sendable, CaseIterable, Comparable {
  /// Reads everything except tokens, credentials and the audit log.
  case viewer
  /// Orders tasks, applies rollouts, stores files, tags devices.
  case `operator`
  /// Tokens, credentials, the audit log, removal of devices.
  case admin

  private var rank: Int {
    switch self {
    case .viewer: 0
    case .operator: 1
    case .admin: 2
    }
  }

  package static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }
}

extension Role {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let role = Role(rawValue: try container.decode(String.self)) else {
      throw UnfitValue.error(
        "is one of \(Role.allCases.map(\.rawValue).joined(separator: ", "))", in: container)
    }
    self = role
  }
}

/// A token of the management API, without its secret.
package struct TokenDetail: Codable, Sendable, Equatable {
  package var name: String
  package var role: Role
  package var createdAt: Timestamp
  /// Exact to a minute or so.
  package var lastUsedAt: Timestamp?
  package var expiresAt: Timestamp?

  package init(
    name: String, role: Role, createdAt: Timestamp, lastUsedAt: Timestamp?, expiresAt: Timestamp?
  ) {
    self.name = name
    self.role = role
    self.createdAt = createdAt
    self.lastUsedAt = lastUsedAt
    self.expiresAt = expiresAt
  }
}

/// A token to be made.
package struct NewToken: Codable, Sendable, Equatable {
  package var name: String
  package var role: Role
  /// Nil: never.
  package var expiresAt: Timestamp?

  package init(name: String, role: Role, expiresAt: Timestamp? = nil) {
    self.name = name
    self.role = role
    self.expiresAt = expiresAt
  }
}

/// A token that was just made; the only time that its secret is shown.
package struct TokenCreated: Codable, Sendable, Equatable {
  package var name: String
  package var role: Role
  /// To be sent as `Authorization: Bearer …`.
  package var token: String
  package var expiresAt: Timestamp?

  package init(name: String, role: Role, token: String, expiresAt: Timestamp?) {
    self.name = name
    self.role = role
    self.token = token
    self.expiresAt = expiresAt
  }
}
