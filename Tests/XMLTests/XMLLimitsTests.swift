import Testing
import XML

/// Each limit passes what is as large as it and refuses what is one larger.
@Suite struct XMLLimitsTests {
  @Test func bytes() {
    let limits = XMLLimits(bytes: 20)
    #expect(refusal("<a>" + String(repeating: "x", count: 13) + "</a>", limits: limits) == nil)
    #expect(
      refusal("<a>" + String(repeating: "x", count: 14) + "</a>", limits: limits)
        == .limit(.bytes))
    #expect(
      refusal("<a>" + String(repeating: "x", count: 14) + "</a>", limits: limits, pieces: 3)
        == .limit(.bytes))
  }

  @Test func depth() {
    let limits = XMLLimits(depth: 5)
    func nested(_ depth: Int) -> String {
      String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
    }
    #expect(refusal(nested(5), limits: limits) == nil)
    #expect(refusal(nested(6), limits: limits) == .limit(.depth))
  }

  @Test func nameLength() {
    let limits = XMLLimits(nameLength: 10)
    let ten = String(repeating: "n", count: 10)
    #expect(refusal("<\(ten)/>", limits: limits) == nil)
    #expect(refusal("<\(ten)n/>", limits: limits) == .limit(.nameLength))
    #expect(refusal("<a \(ten)='1'/>", limits: limits) == nil)
    #expect(refusal("<a \(ten)n='1'/>", limits: limits) == .limit(.nameLength))
  }

  @Test func textLength() {
    let limits = XMLLimits(textLength: 1_000)
    func text(_ count: Int) -> String { "<a>\(String(repeating: "x", count: count))</a>" }
    #expect(refusal(text(1_000), limits: limits) == nil)
    #expect(refusal(text(1_001), limits: limits) == .limit(.textLength))
    #expect(refusal(text(1_001), limits: limits, pieces: 10) == .limit(.textLength))
    #expect(
      refusal("<a><![CDATA[\(String(repeating: "x", count: 1_001))]]></a>", limits: limits)
        == .limit(.textLength))
  }

  @Test func elements() {
    let limits = XMLLimits(elements: 3)
    #expect(refusal("<a><b/><b/></a>", limits: limits) == nil)
    #expect(refusal("<a><b/><b/><b/></a>", limits: limits) == .limit(.elements))
  }

  @Test func attributes() {
    let limits = XMLLimits(attributes: 2)
    #expect(refusal("<a b='1' xmlns:c='u'/>", limits: limits) == nil)
    #expect(refusal("<a b='1' c='1' xmlns:c='u'/>", limits: limits) == .limit(.attributes))
  }

  @Test func tokenLength() {
    let limits = XMLLimits(tokenLength: 20_000)
    func comment(_ count: Int) -> String {
      "<a><!--\(String(repeating: "x", count: count))--></a>"
    }
    #expect(refusal(comment(19_000), limits: limits, pieces: 500) == nil)
    #expect(refusal(comment(40_000), limits: limits) == .limit(.tokenLength))
    #expect(refusal(comment(40_000), limits: limits, pieces: 500) == .limit(.tokenLength))
  }

  @Test func tokenLengthWithEntities() {
    let limits = XMLLimits(tokenLength: 2_000, entities: 1)
    func document(_ count: Int) -> String {
      let references = String(repeating: "&x;", count: count)
      let entity = String(repeating: "x", count: 100)
      return "<!DOCTYPE a [<!ENTITY x \"\(entity)\">]><a b=\"\(references)\" c=\"&x;\"/>"
    }
    #expect(refusal(document(19), limits: limits) == nil)
    #expect(refusal(document(20), limits: limits) == .limit(.tokenLength))
  }

  @Test func memory() {
    let strangers = (0..<40_000).map { "<n\($0)\(String(repeating: "y", count: 200))/>" }
    #expect(refusal("<a>" + strangers.joined() + "</a>") == .limit(.memory))
  }
}
