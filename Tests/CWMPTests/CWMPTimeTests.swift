import CWMP
import Testing

@Suite struct CWMPTimeTests {
  private static let moment = 1_795_384_151.0

  @Test(arguments: [
    "2026-11-22T21:49:11Z", "2026-11-22T21:49:11", "2026-11-22T21:49:11+00:00",
    "2026-11-22T21:49:11-00:00", "2026-11-22T21:49:11+0000", "2026-11-22T22:49:11+01:00",
    "2026-11-22T17:49:11-04:00", "2026-11-22T22:49:11+01", " 2026-11-22T21:49:11Z\n",
    "2026-11-22 21:49:11", "2026-11-22T21:49:11.000Z", "2026-11-23T03:19:11+05:30",
  ])
  func everyFormThatDevicesSend(text: String) {
    #expect(CWMPTime.parse(text) == Self.moment)
  }

  @Test func fractions() throws {
    let time = try #require(CWMPTime.parse("2026-11-22T21:49:11.213697"))
    #expect(abs(time - Self.moment - 0.213697) < 1e-6)
    #expect(CWMPTime.parse("2026-11-22T21:49:11.5Z") == Self.moment + 0.5)
    #expect(CWMPTime.parse("2026-11-22T21:49:11.00000000000000000000000001Z") == Self.moment)
  }

  @Test(arguments: [
    "", "garbage", "2019-03-05T11:54::14", "0001-01-01T00:00:00Z", "0001-01-03T03:04:05",
    "9999-12-31T23:59:59Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
    "2026-02-29T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
    "2026-01-01T00:00:61Z", "2026-01-01T00:00:00X", "2026-01-01T00:00:00.Z", "2026-01-01",
    "2026-01-01T00:00:00+1", "2026-01-01T00:00:00+15:00", "2026-01-01T00:00:00ZZ",
    "٢٠٢٦-01-01T00:00:00Z", "-026-01-01T00:00:00Z",
  ])
  func whatIsNoPointInTimeIsNil(text: String) {
    #expect(CWMPTime.parse(text) == nil)
  }

  @Test func knownMoments() {
    #expect(CWMPTime.parse("1970-01-01T00:00:00Z") == 0)
    #expect(CWMPTime.parse("2000-02-29T12:00:00Z") == 951_825_600)
    #expect(CWMPTime.parse("1969-12-31T23:59:59Z") == -1)
    #expect(CWMPTime.format(0) == "1970-01-01T00:00:00Z")
    #expect(CWMPTime.format(-1) == "1969-12-31T23:59:59Z")
    #expect(CWMPTime.format(Self.moment + 0.9) == "2026-11-22T21:49:11Z")
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, -1e300])
  func formattingNeverFails(seconds: Double) {
    #expect(CWMPTime.format(seconds).utf8.count == 20)
  }

  @Test func whatIsFormattedIsParsedBack() {
    // Steps that meet every day of the year, leap years and centuries among them.
    for seconds in stride(from: -30_000_000_000.0, through: 60_000_000_000, by: 86_399 * 37) {
      #expect(CWMPTime.parse(CWMPTime.format(seconds)) == seconds)
    }
  }
}
