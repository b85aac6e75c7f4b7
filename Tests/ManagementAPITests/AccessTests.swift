import FleetStore
import Foundation
import HTTPTypes
import HummingbirdCore
import ManagementTypes
import Testing

@testable import ManagementAPI

@Suite struct AccessTests {
  @Test func everyRouteAsksForItsRole() async throws {
    try await APIFixture.run { fixture in
      for route in fixture.api.routes {
        let path = route.path
          .replacingOccurrences(of: "{sha256}", with: String(repeating: "00", count: 32))
          .replacingOccurrences(of: "{id}", with: "1")
          .replacingOccurrences(of: "{name}", with: "nobody")
          .replacingOccurrences(of: "{username}", with: "nobody")
        let name = "\(route.method) \(route.path)"
        let anonymous = try await fixture.send(route.method, path, as: nil)
        guard case .atLeast(let needed) = route.access else {
          #expect(anonymous.status == 200, "\(name)")
          continue
        }
        #expect(anonymous.status == 401, "\(name)")
        #expect(anonymous.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
        for role in Role.allCases {
          // Some have a body without end.
          let status = try await fixture.respond(route.method, path, as: role).status.code
          #expect((status == 403) == (role < needed), "\(name) as \(role): \(status)")
          #expect(status < 500, "\(name) as \(role): \(status)")
        }
      }
    }
  }

  @Test func theDescriptionNamesEveryRoute() async throws {
    try await APIFixture.run { fixture in
      let response = try await fixture.send(.get, "/openapi.json", as: nil)
      #expect(response.headers[.contentType] == "application/json")
      let document = try response.decoded([String: JSONValue].self)
      #expect(document["openapi"] == "3.1.0")
      guard case .object(let paths)? = document["paths"] else {
        Issue.record("no paths")
        return
      }
      var described: Set<String> = []
      for (path, item) in paths {
        guard case .object(let methods) = item else { continue }
        for method in methods.keys { described.insert("\(method.uppercased()) \(path)") }
      }
      #expect(described == Set(fixture.api.routes.map { "\($0.method.rawValue) \($0.path)" }))
      // Every reference leads to a schema.
      let text = response.text
      for part in text.components(separatedBy: "#/components/schemas/").dropFirst() {
        let name = String(part.prefix { $0 != "\"" })
        #expect(OpenAPISchemas.all[name] != nil, "\(name)")
      }
    }
  }

  @Test func failedAttemptsAreLimitedByPeer() async throws {
    try await APIFixture.run(configure: { $0.maximumFailedAttempts = 3 }) { fixture in
      // Known before: let in whatever the neighbours do.
      #expect(try await fixture.send(.get, "/whoami", as: .viewer).status == 200)
      for _ in 0..<3 {
        let refused = try await fixture.send(
          .get, "/whoami", headers: [.authorization: "Bearer flt_wrong"])
        #expect(refused.status == 401)
        #expect(try refused.decoded(Problem.self).code == "unauthorized")
      }
      let limited = try await fixture.send(
        .get, "/whoami", headers: [.authorization: "Bearer flt_wrong"])
      #expect(limited.status == 429)
      #expect(Int(limited.headers[.retryAfter] ?? "") ?? 0 > 0)
      #expect(try await fixture.send(.get, "/whoami", as: .admin).status == 429)
      #expect(try await fixture.send(.get, "/whoami", as: .viewer).status == 200)
      #expect(try await fixture.send(.get, "/whoami", as: .admin, peer: "192.0.2.2").status == 200)
    }
  }

  @Test func otherAuthorizationIsRefused() async throws {
    try await APIFixture.run { fixture in
      for header in ["Basic YTpi", "Bearer", "Bearer a b", "flt_x", ""] {
        let response = try await fixture.send(.get, "/whoami", headers: [.authorization: header])
        #expect(response.status == 401, "\(header)")
      }
    }
  }

  @Test func tokensAreShownOnceAndEndAtOnce() async throws {
    try await APIFixture.run { fixture in
      let made = try await fixture.send(
        .post, "/tokens", json: #"{"name":"ci","role":"operator"}"#)
      #expect(made.status == 201)
      let token = try made.decoded(TokenCreated.self)
      let authorization: HTTPFields = [.authorization: "bearer \(token.token)"]
      #expect(
        try await fixture.send(.get, "/whoami", headers: authorization).decoded(WhoAmI.self)
          == WhoAmI(name: "ci", role: .operator))
      let list = try await fixture.send(.get, "/tokens")
      #expect(try list.decoded(Page<TokenDetail>.self).items.map(\.name).contains("ci"))
      #expect(!list.text.contains(token.token))
      #expect(
        try await fixture.send(.post, "/tokens", json: #"{"name":"ci","role":"viewer"}"#)
          .decoded(Problem.self).code == "already-exists")
      #expect(try await fixture.send(.delete, "/tokens/ci").status == 204)
      #expect(try await fixture.send(.get, "/whoami", headers: authorization).status == 401)
      #expect(try await fixture.send(.delete, "/tokens/ci").status == 404)
      #expect(try await fixture.send(.delete, "/tokens/the-admin").status == 409)
      let past = try await fixture.send(
        .post, "/tokens", json: #"{"name":"x","role":"viewer","expiresAt":"2020-01-01T00:00:00Z"}"#)
      #expect(past.status == 400)
      let log = try await fixture.send(.get, "/audit?limit=2").decoded(Page<AuditDetail>.self)
      #expect(log.items.map(\.action) == ["token.delete", "token.create"])
      #expect(log.items.map(\.actor) == ["the-admin", "the-admin"])
      #expect(log.nextCursor != nil)
    }
  }

  @Test func credentialsAreStoredAsVerifiers() async throws {
    try await APIFixture.run(configure: { $0.realm = "Home" }) { fixture in
      let body = #"{"username":"cpe","password":"long enough"}"#
      let made = try await fixture.send(.post, "/credentials", json: body)
      #expect(made.status == 201)
      #expect(try made.decoded(CredentialDetail.self).realm == "Home")
      #expect(!made.text.contains("long enough"))
      #expect(try await fixture.send(.post, "/credentials", json: body).status == 200)
      for bad in [
        #"{"username":"cpe","password":"short"}"#, #"{"username":"a:b","password":"long enough"}"#,
        #"{"username":"","password":"long enough"}"#,
        #"{"username":"a\u0000","password":"long enough"}"#,
      ] {
        #expect(try await fixture.send(.post, "/credentials", json: bad).status == 400)
      }
      #expect(
        try await fixture.send(.get, "/credentials").decoded(Page<CredentialDetail>.self).items
          .map(\.username) == ["cpe"])
      #expect(try await fixture.send(.delete, "/credentials/cpe").status == 204)
      #expect(try await fixture.send(.delete, "/credentials/cpe").status == 404)
    }
  }

  @Test func whatNoRouteHasIsTold() async throws {
    try await APIFixture.run { fixture in
      let unknown = try await fixture.send(.get, "/nothing")
      #expect(unknown.status == 404)
      #expect(unknown.headers[.contentType] == "application/problem+json")
      #expect(try unknown.decoded(Problem.self).type == "urn:fairlead:problem:not-found")
      let method = try await fixture.send(.put, "/devices/x")
      #expect(method.status == 405)
      #expect(method.headers[.allow]?.contains("PATCH") == true)
      let query = try await fixture.send(.get, "/devices?selectro=x")
      #expect(query.status == 400)
      #expect(try query.decoded(Problem.self).detail?.contains("selectro") == true)
      #expect(try await fixture.send(.get, "/devices?limit=0").status == 400)
      #expect(try await fixture.send(.get, "/devices?limit=1001").status == 400)
      #expect(try await fixture.send(.get, "/devices?cursor=x").status == 400)
      #expect(try await fixture.send(.get, "/devices?limit=1&limit=2").status == 400)
      #expect(try await fixture.send(.get, "/devices/%ff").status == 400)
      let version = try await fixture.send(.get, "/version", as: nil).decoded(ServerVersion.self)
      #expect(version.api == "v1")
    }
  }

  @Test func aDatabaseThatIsAwayIsTold() async throws {
    try await APIFixture.run { fixture in
      #expect(
        try await fixture.send(.get, "/status").decoded(ServerStatus.self).database.state == "ok")
      await fixture.store.close()
      let status = try await fixture.send(.get, "/status").decoded(ServerStatus.self)
      #expect(status.database.state == "unreachable" && status.fleet == nil)
      let devices = try await fixture.send(.get, "/devices")
      #expect(devices.status == 503)
      #expect(devices.headers[.retryAfter] != nil)
      #expect(!devices.text.contains("SELECT"))
    }
  }
}
