import ServerConfiguration
import Testing

@Suite struct AddressSyntaxTests {
  @Test(arguments: [
    "0.0.0.0", "::", "::1", "2001:db8::1", "1:2:3:4:5:6:7:8", "::ffff:192.0.2.1", "localhost",
    "acs-1.example.net", "a_b",
  ])
  func isAHost(_ text: String) { #expect(AddressSyntax.isHost(text)) }

  @Test(arguments: [
    "", " ", "1.2.3", "256.0.0.1", "01.2.3.4", ":::", "1::2::3", "12345::", "1:2:3:4:5:6:7:8:9",
    "::1.2.3.4:1", "-a", "a..b", "a b", "[::1]", "1:2:3:4:5:6:7:8::",
    String(repeating: "a", count: 64),
  ])
  func isNoHost(_ text: String) { #expect(!AddressSyntax.isHost(text)) }

  @Test(arguments: ["10.0.0.0/8", "192.0.2.1", "0.0.0.0/0", "::/0", "2001:db8::/128", "::1"])
  func isARange(_ text: String) { #expect(AddressSyntax.isRange(text)) }

  @Test(arguments: [
    "", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/08", "a/8", "/8",
  ])
  func isNoRange(_ text: String) { #expect(!AddressSyntax.isRange(text)) }

  @Test(arguments: [
    "http://a", "https://files.example.net:8443/acs", "http://[2001:db8::1]:80",
    "http://192.0.2.1/",
  ])
  func isABaseURL(_ text: String) { #expect(AddressSyntax.isBaseURL(text)) }

  @Test(arguments: [
    "", "a", "ftp://a", "http://", "http://a:0", "http://a:65536", "http://u@a", "http://a?x",
    "http://a#x",
    "http://a b", "http://[::1", "http://[x]", "http://a:", "http://a\"b",
  ])
  func isNoBaseURL(_ text: String) { #expect(!AddressSyntax.isBaseURL(text)) }
}

@Suite struct SpellingTests {
  @Test func theNearestNameIsSuggestedIfAnyIsNear() {
    #expect(nearest(to: "prot", among: ["host", "port"]) == "port")
    #expect(nearest(to: "max_body", among: ["maxBody", "port"]) == "maxBody")
    #expect(nearest(to: "colour", among: ["host", "port"]) == nil)
    #expect(nearest(to: "", among: ["a"]) == nil)
  }
}
