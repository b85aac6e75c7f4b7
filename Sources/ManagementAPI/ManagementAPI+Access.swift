import FleetStore
import Foundation
import HTTPTypes
import Hummingbird
import ManagementTypes

/// Who may do what: tokens, the credentials of devices, and the log of changes.
extension ManagementAPI {
  // MARK: - Tokens

  func listTokens(_ request: Request, _ context: APIContext) async throws -> Response {
    try answer(Page(items: try await store.tokens().map { TokenDetail($0) }))
  }

  func createToken(_ request: Request, _ context: APIContext) async throws -> Response {
    let body = try await decode(NewToken.self, from: request)
    try checkText(body.name, "name", length: 1...64)
    if let expiresAt = body.expiresAt, expiresAt.secondsSince1970 <= now() {
      throw Refusal(.invalidBody, "“expiresAt” is in the past.")
    }
    do {
      let (record, secret) = try await store.createToken(
        name: body.name, role: body.role.stored, expiresAt: body.expiresAt?.secondsSince1970,
        by: context.actor)
      return try answer(
        TokenCreated(
          name: record.name, role: body.role, token: secret,
          expiresAt: record.expiresAt.map { Timestamp($0) }), status: .created)
    } catch let error as StoreError where error.code == .conflict {
      throw Refusal(.alreadyExists, "There is a token with this name already.")
    }
  }

  func deleteToken(_ request: Request, _ context: APIContext) async throws -> Response {
    try await store.deleteToken(name: try context.segment("name"), by: context.actor)
    await authenticator.forgetTokens()
    return Response(status: .noContent)
  }

  // MARK: - Credentials

  func listCredentials(_ request: Request, _ context: APIContext) async throws -> Response {
    let limit = try limit(of: request)
    let records = try await store.credentials(
      after: try request.query("cursor") ?? "", limit: limit + 1)
    return try answer(
      Page(records, limit: limit) {
        $0.username
      } _: {
        CredentialDetail($0)
      })
  }

  func setCredential(_ request: Request, _ context: APIContext) async throws -> Response {
    let body = try await decode(NewCredential.self, from: request)
    try checkCredential(username: body.username, password: body.password)
    if let device = body.device { try checkText(device, "device", length: 1...600) }
    let (record, isNew) = try await store.setCredential(
      NewCredentialRecord(
        username: body.username, password: body.password, realm: configuration.realm,
        deviceName: body.device), by: context.actor)
    return try answer(CredentialDetail(record), status: isNew ? .created : .ok)
  }

  func deleteCredential(_ request: Request, _ context: APIContext) async throws -> Response {
    try await store.deleteCredential(
      username: try context.segment("username"), by: context.actor)
    return Response(status: .noContent)
  }

  // MARK: - Audit

  func listAudit(_ request: Request, _ context: APIContext) async throws -> Response {
    let limit = try limit(of: request)
    let records = try await store.auditLog(before: try request.keyCursor(), limit: limit + 1)
    return try answer(
      Page(records, limit: limit) {
        String($0.id)
      } _: {
        AuditDetail(
          id: $0.id, at: Timestamp($0.at), actor: $0.actor, action: $0.action, target: $0.target,
          detail: try JSONDecoder().decode(JSONValue.self, from: Data($0.detail)))
      })
  }

  func whoAmI(_ request: Request, _ context: APIContext) async throws -> Response {
    guard let caller = context.caller else {
      throw Refusal(.unauthorized, "This takes a token, in the header Authorization: Bearer.")
    }
    return try answer(WhoAmI(name: caller.name, role: caller.role))
  }
}

extension TokenDetail {
  init(_ record: TokenRecord) {
    self.init(
      name: record.name, role: Role(record.role), createdAt: Timestamp(record.createdAt),
      lastUsedAt: record.lastUsedAt.map { Timestamp($0) },
      expiresAt: record.expiresAt.map { Timestamp($0) })
  }
}

extension CredentialDetail {
  init(_ record: CredentialRecord) {
    self.init(
      username: record.username, device: record.deviceName, realm: record.realm,
      createdAt: Timestamp(record.createdAt))
  }
}
