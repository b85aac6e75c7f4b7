import DeviceModel
import Foundation
import Testing

@testable import Fleet

@Suite("Durations, times and limits as text")
struct TextFormTests {
  @Test func durations() {
    let good: [(String, Double)] = [
      ("45s", 45), ("10m", 600), ("1h30m", 5_400), ("2d", 172_800), ("1d1h1m1s", 90_061),
      ("90m", 5_400), ("0s", 0), ("007s", 7),
    ]
    for (text, seconds) in good { #expect(DurationText.seconds(text) == seconds, "\(text)") }
    for text in [
      "", "10", "m", "10 m", "1m1h", "1m1m", "-1m", "1.5h", "10M", "10min", "1h30", "٣m",
      "99999999999999999999s", "10m ",
    ] {
      #expect(DurationText.seconds(text) == nil, "\(text)")
    }
  }

  @Test func durationsPrinted() {
    for text in ["45s", "10m", "1h30m", "2d", "1d1h1m1s", "30d"] {
      #expect(DurationText.seconds(text).map(DurationText.text) == text)
    }
    #expect(DurationText.text(seconds: 0) == "0s")
    #expect(DurationText.text(seconds: -5) == "0s")
    #expect(DurationText.text(seconds: 61.9) == "1m1s")
    #expect(DurationText.text(seconds: .nan) == "0s")
    #expect(DurationText.text(seconds: .infinity) == "0s")
  }

  @Test func times() {
    let good: [(String, Double)] = [
      ("1970-01-01T00:00:00Z", 0), ("2000-03-01T00:00:00Z", 951_868_800),
      ("2024-02-29T12:34:56Z", 1_709_210_096), ("2026-01-31T12:00:00+02:30", 1_769_851_800),
      ("1969-12-31T23:59:59Z", -1), ("2026-01-31T12:00:00.25-01:00", 1_769_864_400.25),
    ]
    for (text, seconds) in good { #expect(TimestampText.seconds(text) == seconds, "\(text)") }
    for text in ["", "2026-01-31", "2026-01-31T12:00:00", "2026-02-30T12:00:00Z", "now"] {
      #expect(TimestampText.seconds(text) == nil, "\(text)")
    }
  }

  /// Foundation's calendar as the measure, from 1601 on: before it is not the Gregorian one.
  @Test func timesAgreeWithTheCalendar() throws {
    let seed: UInt64 = 12
    var generator = SeededGenerator(defaultSeed: seed)
    for _ in 0..<500 {
      let seconds = Double(generator.pick(-11_644_000_000...60_000_000_000))
      let text = Date(timeIntervalSince1970: seconds).formatted(.iso8601)
      try #require(TimestampText.seconds(text) == seconds, "seed \(generator.seed): \(text)")
    }
  }

  @Test func failureLimits() throws {
    for text in ["0", "5", "10000", "0%", "5%", "2.5%", "0.25%", "0.05%", "100%"] {
      let limit = try #require(FailureLimit(text), "\(text)")
      #expect(limit.description == text)
      let json = try JSONEncoder().encode([limit])
      #expect(try JSONDecoder().decode([FailureLimit].self, from: json) == [limit])
      #expect(
        String(decoding: json, as: UTF8.self)
          == (text.hasSuffix("%") ? "[\"\(text)\"]" : "[\(text)]"))
    }
    for text in [
      "", "%", "-1", "+1", "101%", "100.01%", "1.234%", ".5%", "5.%", "1.2.3%", "5 %", "five",
      "1e3", "99999999999999999999", "5%%",
    ] {
      #expect(FailureLimit(text) == nil, "\(text)")
    }
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([FailureLimit].self, from: Data(#"["x"]"#.utf8))
    }
  }

  @Test func failuresAllowed() throws {
    let cases: [(String, Int, Int)] = [
      ("0", 100, 0), ("3", 100, 3), ("0%", 100, 0), ("5%", 100, 5), ("5%", 10, 1), ("5%", 39, 1),
      ("5%", 40, 2), ("0.01%", 100_000, 10), ("100%", 7, 7), ("1%", 0, 1),
    ]
    for (text, targets, allowed) in cases {
      #expect(
        try #require(FailureLimit(text)).allowed(of: targets) == allowed, "\(text) \(targets)")
    }
  }

  @Test func spelling() {
    let words = ["selector", "image", "concurrency"]
    #expect(words.nearest(to: "selecter") == "selector")
    #expect(words.nearest(to: "Imgae") == "image")
    #expect(words.nearest(to: "concurency") == "concurrency")
    #expect(words.nearest(to: "x") == nil)
    #expect(words.nearest(to: "") == nil)
    #expect(words.nearest(to: String(repeating: "x", count: 10_000)) == nil)
    #expect([String]().nearest(to: "image") == nil)
    #expect("abc".clipped(to: 3) == "abc")
    #expect("abcd".clipped(to: 3) == "abc…")
    #expect("".clipped(to: 0) == "")
  }
}
