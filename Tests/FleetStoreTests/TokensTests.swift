import Fleet
import FleetStore
import Postgres
import Testing

@Suite struct TokensTests {
  private static let now = StoreFixture.start

  @Test func aTokenIsFoundByItsHashAlone() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let (record, secret) = try await store.createToken(
        name: "ci", role: .operator, expiresAt: Self.now + 100, by: "tester")
      #expect(record.role == .operator)
      #expect(secret.hasPrefix("flt_") && secret.utf8.count > 40)
      let hash = FleetStore.hash(ofToken: secret)
      #expect(try await store.token(hash: hash, now: Self.now)?.name == "ci")
      #expect(try await store.tokens().first?.lastUsedAt == Self.now)
      #expect(try await store.token(hash: hash, now: Self.now + 30)?.name == "ci")
      #expect(try await store.tokens().first?.lastUsedAt == Self.now)
      #expect(try await store.token(hash: hash, now: Self.now + 100) == nil)
      #expect(
        try await store.token(hash: FleetStore.hash(ofToken: secret + "x"), now: Self.now) == nil)
      await #expect {
        try await store.createToken(name: "ci", role: .viewer, expiresAt: nil, by: "tester")
      } throws: { ($0 as? StoreError)?.code == .conflict }
      let stored = try await store.pool.query("SELECT row_to_json(t)::text FROM operator_token t")
      #expect(try stored.allSatisfy { try !$0.string(0).contains(secret) })
    }
  }

  @Test func theFirstAdministratorIsMadeOnce() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let secrets = try await withThrowingTaskGroup(of: String?.self) { group in
        for _ in 0..<4 { group.addTask { try await store.ensureAdminToken() } }
        return try await group.reduce(into: [String?]()) { $0.append($1) }
      }
      #expect(secrets.compactMap { $0 }.count == 1)
      #expect(try await store.tokens().map(\.name) == ["initial-admin"])
      await #expect { try await store.deleteToken(name: "initial-admin", by: "tester") } throws: {
        ($0 as? StoreError)?.code == .conflict
      }
      _ = try await store.createToken(name: "second", role: .admin, expiresAt: nil, by: "tester")
      try await store.deleteToken(name: "initial-admin", by: "tester")
      #expect(try await store.ensureAdminToken() == nil)
      await #expect { try await store.deleteToken(name: "initial-admin", by: "tester") } throws: {
        ($0 as? StoreError)?.code == .notFound
      }
    }
  }

  @Test func aNameThatIsTakenDoesNotKeepTheAdministratorOut() async throws {
    try await StoreFixture.run { fixture in
      _ = try await fixture.store.createToken(
        name: "initial-admin", role: .viewer, expiresAt: nil, by: "tester")
      let secret = try #require(try await fixture.store.ensureAdminToken())
      let found = try await fixture.store.token(
        hash: FleetStore.hash(ofToken: secret), now: Self.now)
      #expect(found?.role == .admin)
    }
  }
}

@Suite struct CredentialsTests {
  @Test func onlyVerifiersAreKept() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      // RFC 7616, 3.9.1.
      let (record, isNew) = try await store.setCredential(
        NewCredentialRecord(
          username: "Mufasa", password: "Circle of Life", realm: "http-auth@example.org",
          deviceName: nil), by: "tester")
      #expect(isNew)
      #expect(hex(record.ha1MD5) == "3d78807defe7de2157e2b0b6573a855f")
      #expect(
        hex(record.ha1SHA256)
          == "7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232")
      let (replaced, isStillNew) = try await store.setCredential(
        NewCredentialRecord(
          username: "Mufasa", password: "another one", realm: "r", deviceName: "00D09E-1"),
        by: "tester")
      #expect(!isStillNew)
      #expect(replaced.ha1MD5 != record.ha1MD5)
      #expect(try await store.credential(username: "Mufasa") == replaced)
      #expect(try await store.credentials(limit: 5) == [replaced])
      try await store.deleteCredential(username: "Mufasa", by: "tester")
      #expect(try await store.credentials(limit: 5).isEmpty)
      await #expect {
        try await store.deleteCredential(username: "Mufasa", by: "tester")
      } throws: { ($0 as? StoreError)?.code == .notFound }
      let log = try await store.auditLog(limit: 10)
      #expect(
        log.map(\.action) == ["credential.delete", "credential.replace", "credential.create"])
      #expect(log.allSatisfy { !String(decoding: $0.detail, as: UTF8.self).contains("Circle") })
    }
  }

  @Test func allNodesGetTheSameSecret() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let values = try await withThrowingTaskGroup(of: [UInt8].self) { group in
        for _ in 0..<6 { group.addTask { try await store.secret(named: "file links") } }
        return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
      }
      #expect(values.count == 1)
      #expect(values.first?.count == 32)
      #expect(try await store.secret(named: "another") != values.first)
      #expect(
        try await store.secret(named: "another", makingIfAbsent: { [1] }) != [1])
    }
  }

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
