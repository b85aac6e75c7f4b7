import Cryptography
import Testing
import USP

/// Endpoint IDs of every scheme, and what is none.
@Suite struct EndpointIDTests {
  private static let valid: [(String, String, String, String)] = [
    ("oui:00256D:my-unique-bbf-id-42", "oui", "00256D", "my-unique-bbf-id-42"),
    ("oui:00256d1:a", "oui", "00256d1", "a"), ("oui:00256D123:a", "oui", "00256D123", "a"),
    ("cid:3AA3F8:my-unique-usp-id-42", "cid", "3AA3F8", "my-unique-usp-id-42"),
    ("pen:3561:my-unique-bbf-id-42", "pen", "3561", "my-unique-bbf-id-42"),
    ("self::my-Agent", "self", "", "my-Agent"), ("self:a-1._Z:x", "self", "a-1._Z", "x"),
    ("user:ab:x", "user", "ab", "x"), ("user::x", "user", "", "x"),
    ("os::012345-DHKW9", "os", "", "012345-DHKW9"), ("os::012345-A-B", "os", "", "012345-A-B"),
    ("ops::012345-Box-77", "ops", "", "012345-Box-77"),
    ("ops::012345-My-Box-7-7", "ops", "", "012345-My-Box-7-7"),
    (
      "uuid::f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "uuid", "",
      "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
    ), ("imei::990000862471854", "imei", "", "990000862471854"),
    ("fqdn::controller.example", "fqdn", "", "controller.example"),
    ("proto:abc:x", "proto", "abc", "x"), ("doc:a.b:x", "doc", "a.b", "x"),
    ("os::012345-A%2FB", "os", "", "012345-A%2FB"),
  ]

  @Test(arguments: valid)
  func isTakenApart(_ text: String, _ scheme: String, _ authority: String, _ instance: String)
    throws
  {
    let id = try #require(EndpointID(text))
    #expect(id.text == text)
    #expect(id.scheme.rawValue == scheme)
    #expect(id.authority == authority)
    #expect(id.instance == instance)
    #expect(EndpointID.fromURN(id.urn) == id)
    #expect(EndpointID(queryValue: id.queryEncoded) == id)
  }

  @Test func everySchemeIsTested() {
    #expect(Set(Self.valid.map(\.1)) == Set(EndpointID.Scheme.allCases.map(\.rawValue)))
    #expect(EndpointID.Scheme.allCases.count == 12)
  }

  @Test(arguments: [
    "", ":", "::", "os:", "os::", "self:x", "self::", "nosuch::x", "OS::012345-A",
    "oui:00256:x", "oui:00256D12:x", "oui:00256G:x", "oui::x", "cid:3AA3F81:x", "cid::x",
    "pen::x", "pen:12a:x", "pen:12345678901:x", "self:1234567:x", "self:a%b:x", "user:a b:x",
    "proto:a.b:x", "doc:1234567:x", "os:x:012345-A", "os::012345", "os::01234-A", "os::012345-",
    "os::01234G-A", "ops::012345-A", "ops::012345-A-", "ops::012345--A", "uuid::f81d4fae",
    "uuid::f81d4fae-7dec-11d0-a765-00a0c91e6bfg", "imei::9900008624718", "imei::99000086247185a",
    "fqdn::*.example", "fqdn::a..b", "fqdn::-a.b", "fqdn::a_b.c", "self::a:b", "self::a/b",
    "self::a%2", "self::a%2G", "self::ä", "self:: x", "self::x\n", "self::a\u{0}",
  ])
  func isRefused(_ text: String) {
    #expect(EndpointID(text) == nil)
  }

  @Test func anInstanceHasFiftyCharactersAtMost() {
    #expect(EndpointID("self::" + String(repeating: "a", count: 50)) != nil)
    #expect(EndpointID("self::" + String(repeating: "a", count: 51)) == nil)
    // What is escaped is one character.
    #expect(EndpointID("self:123456:" + String(repeating: "%2F", count: 50)) != nil)
    #expect(EndpointID("self::" + String(repeating: "%2F", count: 51)) == nil)
    #expect(EndpointID(String(repeating: "self::a", count: 100_000)) == nil)
  }

  @Test func aPercentSignIsEscapedInAQuery() throws {
    let id = try #require(EndpointID("os::012345-A%2FB"))
    #expect(id.queryEncoded == "os%3A%3A012345-A%252FB")
    #expect(EndpointID(queryValue: "os::012345-A%252FB") == id)
    // As it comes from who does not know that rule.
    #expect(EndpointID(queryValue: "os::012345-A%2FB") == id)
    for value in ["", "%", "os%3A%3A012345-A%", "os%3A%3A012345-%FF", "os%3A%3A012345-%0A"] {
      #expect(EndpointID(queryValue: value) == nil)
    }
    #expect(EndpointID(queryValue: String(repeating: "%61", count: 100_000)) == nil)
  }

  @Test func aURNIsReadWhateverTheCaseOfItsBeginning() {
    #expect(EndpointID.fromURN("URN:bbf:USP:id:self::x")?.text == "self::x")
    for urn in ["", "urn:bbf:usp:id:", "urn:bbf:usp:self::x", "self::x", "urn:bbf:usp:id:self:x"] {
      #expect(EndpointID.fromURN(urn) == nil)
    }
  }
}
