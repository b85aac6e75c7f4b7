import Foundation
import ManagementTypes
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00.000Z", 0.0), ("2026-01-31T12:00:00.250Z", 1_769_860_800.25),
    ("2000-02-29T23:59:59.999Z", 951_868_799.999), ("1969-12-31T23:59:59.500Z", -0.5),
    ("0001-01-01T00:00:00.000Z", -62_135_596_800), ("2100-03-01T00:00:00.000Z", 4_107_542_400),
  ])
  func textAndNumberAgree(text: String, seconds: Double) {
    #expect(Timestamp(seconds).description == text)
    #expect(Timestamp(text) == Timestamp(seconds))
  }

  @Test(arguments: [
    ("2026-01-31T12:00:00Z", 1_769_860_800.0), ("2026-01-31T13:30:00+01:30", 1_769_860_800),
    ("2026-01-31t11:00:00-01:00", 1_769_860_800),
    ("2026-01-31T12:00:00.1234567890123Z", 1_769_860_800.123456789),
  ])
  func otherFormsAreRead(text: String, seconds: Double) throws {
    #expect(abs(try #require(Timestamp(text)).secondsSince1970 - seconds) < 1e-6)
  }

  @Test(arguments: [
    "", "2026-01-31", "2026-01-31T12:00:00", "2026-02-29T12:00:00Z", "2026-13-01T12:00:00Z",
    "2026-00-01T12:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z", "2026-01-31T12:00:00.Z",
    "2026-01-31T12:00:00Zx", "2026-01-31T12:00:00+25:00", "+026-01-31T12:00:00Z", "1769860800",
  ])
  func otherTextsAreRefused(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test func everyDayOfFourCenturiesComesBack() {
    for day in stride(from: 0, to: 146_097, by: 1) {
      let time = Timestamp(Double(day - 30_000) * 86_400)
      guard Timestamp(time.description) == time else {
        Issue.record("\(time)")
        return
      }
    }
  }

  @Test func whatHasNoTextIsCutToWhatHas() {
    #expect(Timestamp(.infinity).description == "9999-12-31T23:59:59.000Z")
    #expect(Timestamp(-.infinity).description == "0001-01-01T00:00:00.000Z")
    #expect(Timestamp(.nan).description == "1970-01-01T00:00:00.000Z")
  }

  @Test func anyJSONComesBack() throws {
    let text = #"{"a":[1,-2.5,"x",true,null,{"b":{}}],"c":9007199254740993}"#
    let value = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    #expect(String(decoding: try encoder.encode(value), as: UTF8.self) == text)
  }
}
