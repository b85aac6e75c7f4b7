import Testing

@testable import Fleet

@Suite("Random selectors")
struct SelectorRandomTests {
  static let seed: UInt64 = 77
  static let rounds = 4_000

  static let alphabet = [
    "a", "b", "B", ".", "-", "0", " ", ",", "*", "\"", "\\", "(", ")", "=", "!", "<", "'", "%", "_",
    "é", "\u{301}", "\u{200B}", "漢", "🏠", "in", "/",
  ]

  @Test func whatIsPrintedReadsTheSame() throws {
    var generator = SeededGenerator(defaultSeed: Self.seed)
    for round in 0..<Self.rounds {
      let selector = Self.selector(using: &generator)
      let text = selector.description
      do throws(FleetError) {
        let read = try Selector(parsing: text)
        guard read == selector, read.description == text else {
          Issue.record("seed \(generator.seed), round \(round): \(text) became \(read)")
          return
        }
      } catch {
        Issue.record("seed \(generator.seed), round \(round): \(text): \(error)")
        return
      }
    }
  }

  /// A matcher that tries everything, as the measure for the one that is fast.
  @Test func patternsMatchAsTheyShould() {
    var generator = SeededGenerator(defaultSeed: Self.seed)
    func matches(_ pieces: ArraySlice<String>, _ text: Substring) -> Bool {
      guard let first = pieces.first, text.hasPrefix(first) else { return false }
      let rest = text.dropFirst(first.count)
      if pieces.count == 1 { return rest.isEmpty }
      return rest.indices.contains { matches(pieces.dropFirst(), rest[$0...]) }
        || matches(pieces.dropFirst(), rest[rest.endIndex...])
    }
    var hits = 0
    for round in 0..<(5 * Self.rounds) {
      func text(_ length: ClosedRange<Int>) -> String {
        (0..<generator.pick(length)).map { _ in generator.pick(["a", "b"]) }.joined()
      }
      let pieces = (0..<generator.pick(1...4)).map { _ in text(0...2) }
      let candidate = text(0...6)
      let pattern = Selector.Pattern(pieces: pieces)
      let expected = matches(pieces[...], candidate[...])
      if expected { hits += 1 }
      guard pattern.matches(candidate) == expected else {
        Issue.record("seed \(generator.seed), round \(round): \(pattern) and \(candidate)")
        return
      }
    }
    #expect(hits > Self.rounds / 2)
  }

  /// Nonsense gets an answer, whatever it is.
  @Test func nonsenseIsRefusedOrRead() {
    var generator = SeededGenerator(defaultSeed: Self.seed)
    var refused = 0
    for round in 0..<Self.rounds {
      let text = (0..<generator.pick(0...12)).map { _ in
        generator.pick(Self.alphabet + ["tag", "=", "!=", ",", "notin", "Device.A", "name"])
      }.joined()
      do throws(FleetError) {
        let selector = try Selector(parsing: text)
        #expect(throws: Never.self, "seed \(generator.seed), round \(round): \(text)") {
          try Selector(parsing: selector.description)
        }
      } catch {
        refused += 1
        #expect(!error.diagnostics.isEmpty)
      }
    }
    #expect(refused > Self.rounds / 2 && refused < Self.rounds)
  }

  private static func selector(using generator: inout SeededGenerator) -> Selector {
    let terms = (0..<generator.pick(0...4)).map { _ in
      let subject: Selector.Subject = generator.pick([
        .tag, .name, .online, .fact("DeviceInfo.ModelName"), .fact("RootDataModelVersion"),
        .fact("A.1.B-c_d"),
      ])
      let patterns = (0..<generator.pick(1...3)).map { _ in
        subject == .online
          ? Selector.Pattern(exactly: generator.pick(["true", "false"]))
          : pattern(using: &generator)
      }
      let tests: [Selector.Test] =
        [.isAny(patterns), .isNone(patterns)] + (subject == .name ? [] : [.exists, .isAbsent])
      return Selector.Term(subject, generator.pick(tests))
    }
    return Selector(terms: terms)
  }

  private static func pattern(using generator: inout SeededGenerator) -> Selector.Pattern {
    Selector.Pattern(
      pieces: (0..<generator.pick(1...4)).map { _ in
        (0..<generator.pick(0...4)).map { _ in generator.pick(alphabet) }.joined()
      })
  }
}
