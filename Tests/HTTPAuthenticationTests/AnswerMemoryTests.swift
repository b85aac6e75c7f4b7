import HTTPAuthentication
import Testing

@Suite struct AnswerMemoryTests {
  private static let now: Int64 = 1_750_000_000
  private static let lifetime: Int64 = 100

  private func answer(_ nonce: String, nc: String? = "00000001", cnonce: String? = "a")
    throws -> DigestCredentials
  {
    var header = "Digest username=u, nonce=\(nonce), response=\(String(repeating: "0", count: 32))"
    if let nc { header += ", qop=auth, nc=\(nc)" }
    if let cnonce { header += ", cnonce=\(cnonce)" }
    return try #require(digest(header))
  }

  private func memory(capacity: Int = 1_000) -> AnswerMemory {
    AnswerMemory(lifetime: Self.lifetime, capacity: capacity)
  }

  @Test func anAnswerIsTakenOnce() throws {
    var memory = memory()
    #expect(memory.take(try answer("n"), issued: Self.now, now: Self.now) == .first)
    #expect(memory.take(try answer("n"), issued: Self.now, now: Self.now + 99) == .again)
  }

  @Test func aNonceMayBeAnsweredAnew() throws {
    var memory = memory()
    let now = Self.now
    #expect(memory.take(try answer("n", nc: "00000001"), issued: now, now: now) == .first)
    #expect(memory.take(try answer("n", nc: "00000002"), issued: now, now: now) == .first)
    // nc=00000001 for ever, with a new cnonce each time.
    #expect(memory.take(try answer("n", cnonce: "b"), issued: now, now: now) == .first)
    #expect(memory.take(try answer("n", cnonce: "b"), issued: now, now: now) == .again)
  }

  @Test func withoutQopANonceIsGoodForOneAnswer() throws {
    var memory = memory()
    let now = Self.now
    #expect(memory.take(try answer("n", nc: nil, cnonce: nil), issued: now, now: now) == .first)
    #expect(memory.take(try answer("n", nc: nil, cnonce: nil), issued: now, now: now) == .again)
    // A directive that the response does not cover makes no new answer.
    #expect(
      memory.take(try answer("n", nc: nil, cnonce: "made up"), issued: now, now: now) == .again)
    #expect(memory.take(try answer("m", nc: nil, cnonce: nil), issued: now, now: now) == .first)
  }

  @Test func answersAreRememberedForALifetime() throws {
    // Whenever the answer comes and whenever it is shown again.
    for start in stride(from: 0, through: 2 * Self.lifetime, by: 7) {
      for later in stride(from: 0, through: Self.lifetime, by: 9) {
        var memory = memory()
        _ = memory.take(try answer("x"), issued: Self.now, now: Self.now)
        let now = Self.now + start
        #expect(memory.take(try answer("n"), issued: now, now: now) == .first)
        for step in stride(from: 0, to: later, by: 11) {
          _ = memory.take(try answer("y\(step)"), issued: now + step, now: now + step)
        }
        #expect(memory.take(try answer("n"), issued: now, now: now + later) == .again)
      }
    }
  }

  @Test func memoryIsBoundedAndWhatIsForgottenIsNotTaken() throws {
    let capacity = 100
    var memory = memory(capacity: capacity)
    var taken: [(String, Int64)] = []
    for number in 0..<1_000 {
      // Ten a second.
      let now = Self.now + Int64(number / 10)
      #expect(memory.take(try answer("n\(number)"), issued: now, now: now) == .first)
      taken.append(("n\(number)", now))
      #expect(memory.count <= capacity)
    }
    for (nonce, issued) in taken {
      #expect(memory.take(try answer(nonce), issued: issued, now: Self.now + 99) != .first)
    }
  }

  @Test func oldAnswersLeaveTheMemory() throws {
    var memory = memory()
    for number in 0..<100 {
      let now = Self.now + Int64(number) * Self.lifetime
      #expect(memory.take(try answer("n\(number)"), issued: now, now: now) == .first)
    }
    #expect(memory.count <= 2)
  }
}
