import Testing

@testable import CWMPServer

@Suite struct TraceRedactionTests {
  private static func blanked(_ text: String) -> String {
    String(decoding: TraceRedaction.body(Array(text.utf8)), as: UTF8.self)
  }

  @Test(arguments: [
    ("<Password>secret</Password>", "<Password>…</Password>"),
    ("<Password></Password>", "<Password></Password>"),
    ("<Password/><Username>u</Username>", "<Password/><Username>u</Username>"),
    ("<a:Password x='1'>s<![CDATA[<b>]]></a:Password>!", "<a:Password x='1'>…</a:Password>!"),
    (
      "<Name>Device.ManagementServer.Password</Name><Value xsi:type=\"xsd:string\">s</Value>",
      "<Name>Device.ManagementServer.Password</Name><Value xsi:type=\"xsd:string\">…</Value>"
    ),
    (
      "<Name> Device.WiFi.AccessPoint.1.Security.KeyPassphrase\n</Name>\n<Value>s</Value>",
      "<Name> Device.WiFi.AccessPoint.1.Security.KeyPassphrase\n</Name>\n<Value>…</Value>"
    ),
    (
      "<Name>A.WEPKey.1.WEPKey</Name><Value>s</Value><Name>B.C</Name><Value>v</Value>",
      "<Name>A.WEPKey.1.WEPKey</Name><Value>…</Value><Name>B.C</Name><Value>v</Value>"
    ),
    (
      "<Name>Device.ManagementServer.ParameterKey</Name><Value>k</Value>",
      "<Name>Device.ManagementServer.ParameterKey</Name><Value>k</Value>"
    ),
    (
      "<URL>http://acs/files/x?expires=1&amp;signature=abc</URL>",
      "<URL>http://acs/files/x?…</URL>"
    ),
    ("<URL>http://acs/uploads/1/2/3/c2ln</URL>", "<URL>http://acs/uploads/…</URL>"),
    (
      "<ParameterValueStruct><Value>s</Value><Name>A.Password</Name></ParameterValueStruct>",
      "<ParameterValueStruct><Value>…</Value><Name>A.Password</Name></ParameterValueStruct>"
    ),
    (
      "<Name><![CDATA[A.Password]]></Name><Value>s</Value>",
      "<Name><![CDATA[A.Password]]></Name><Value>…</Value>"
    ),
    (
      "<Name>A.Passwor&#100;</Name><Value>s</Value>", "<Name>A.Passwor&#100;</Name><Value>…</Value>"
    ),
    ("\u{FE}\0<\0P", "(6 bytes in an encoding that is not shown)"),
    ("<VoucherList><base64>AAAA</base64></VoucherList>", "<VoucherList>…</VoucherList>"),
    // What has no end is left out rather than shown.
    ("<Password>secret", "<Password>…"),
    ("no markup at all", "no markup at all"),
    ("broken <tag", "broken <tag"),
    ("", ""),
  ]) func bodies(text: String, expected: String) {
    #expect(Self.blanked(text) == expected)
  }

  @Test func oneBytePerLookHoweverHostile() {
    // A quadratic walk over this would take minutes.
    let hostile = "<Password>" + String(repeating: "<", count: 1 << 20) + ">"
    #expect(Self.blanked(hostile) == "<Password>…")
    let tags = String(repeating: "<Password>", count: 1 << 16)
    #expect(Self.blanked(tags) == "<Password>…")
  }

  @Test(arguments: [
    ("Authorization", "Basic dTpw", "Basic …"),
    (
      "authorization", "Digest username=\"u\", realm=\"r\", nonce=\"n\", response=\"abc\", nc=1",
      "Digest username=\"u\", realm=\"r\", nc=1, response=…"
    ),
    ("Cookie", "session=x", "…"), ("Set-Cookie", "session=x; Path=/", "…"),
    ("Content-Type", "text/xml", "text/xml"),
  ]) func fields(name: String, value: String, expected: String) {
    #expect(TraceRedaction.field(name, value) == expected)
  }
}
