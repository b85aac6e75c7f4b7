import Testing

@testable import MQTT

@Suite struct MQTTTopicTests {
  @Test(arguments: [
    "a", "usp/agent/os::A-1", "/", "a//b", "ü", String(repeating: "x", count: 1024),
  ])
  func names(text: String) { #expect(MQTTTopic.isName(text)) }

  @Test(arguments: [
    "", "a/#", "+", "a/+/b", "a\0b", "a\nb", "a\u{85}", String(repeating: "x", count: 1025),
  ])
  func notNames(text: String) { #expect(!MQTTTopic.isName(text)) }

  @Test(arguments: ["a", "#", "+", "a/#", "+/b/#", "$share/g/a/#", "a/+/b"])
  func filters(text: String) { #expect(MQTTTopic.isFilter(text)) }

  @Test(arguments: ["", "a#", "a/#/b", "a+", "a/b+/c", "a\0"])
  func notFilters(text: String) { #expect(!MQTTTopic.isFilter(text)) }

  @Test func whatFiltersCover() {
    #expect(MQTTTopic.covers("usp/#", "usp/a/b"))
    #expect(MQTTTopic.covers("usp/#", "usp"))
    #expect(MQTTTopic.covers("usp/+/b", "usp/a/b"))
    #expect(MQTTTopic.covers("$share/g/usp/#", "usp/a"))
    #expect(!MQTTTopic.covers("$share/g/usp/#", "other"))
    #expect(!MQTTTopic.covers("$share/g", "g"))
    #expect(!MQTTTopic.covers("usp/+", "usp/a/b"))
    #expect(!MQTTTopic.covers("usp", "usp/a"))
    #expect(!MQTTTopic.covers("#", "$SYS/a"))
  }
}
