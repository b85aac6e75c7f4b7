import CWMP
import Testing

/// What particular devices need, one by one.
@Suite struct EncoderStyleTests {
  private typealias Style = EnvelopeEncoder.Style

  private func encoded(_ message: Message, _ style: EnvelopeEncoder.Style) -> String {
    var buffer: [UInt8] = []
    EnvelopeEncoder(style: style).encode(
      Envelope(namespace: .v1_0, id: "7", message: message), into: &buffer)
    return String(decoding: buffer, as: UTF8.self)
  }

  /// The text of the one Value in a SetParameterValues.
  private func value(_ value: String, _ type: ValueType, _ style: EnvelopeEncoder.Style) -> String {
    let text = encoded(
      .request(
        .setParameterValues(
          SetParameterValues(parameters: [ParameterValue(name: "A", value: value, type: type)]))),
      style)
    // The type's quote ends what leads the value.
    let before = text.split(separator: "</Value>")[0].split(
      separator: "\">", omittingEmptySubsequences: false)
    return before.last.map(String.init) ?? text
  }

  @Test("netcwmp cannot read an XML declaration: there is none unless it is asked for")
  func xmlDeclaration() {
    #expect(encoded(.response(.inform), Style()).hasPrefix("<soap-env:Envelope"))
    #expect(
      encoded(.response(.inform), Style(xmlDeclaration: true))
        .hasPrefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soap-env:Envelope"))
  }

  @Test(
    "TP-Link TD-W9970 reads 0 and 1 only: these are what is written by default",
    arguments: [
      ("true", "1"), ("1", "1"), ("TRUE", "1"), ("false", "0"), ("0", "0"),
      ("False", "0"),
    ])
  func booleansAsDigits(text: String, written: String) {
    #expect(value(text, .boolean, Style()) == written)
  }

  @Test(
    "Devices that read true and false only",
    arguments: [
      ("true", "true"), ("1", "true"), ("TRUE", "true"), ("false", "false"),
      ("0", "false"),
    ])
  func booleansAsWords(text: String, written: String) {
    #expect(value(text, .boolean, Style(booleans: .words)) == written)
  }

  @Test(
    "What is no Boolean stays for the device to judge", arguments: ["", "yes", "2", " 1", "truth"])
  func otherTextsOfBooleans(text: String) {
    for booleans in Style.Booleans.allCases {
      #expect(value(text, .boolean, Style(booleans: booleans)) == text)
    }
  }

  @Test("The arguments of methods follow the style, too")
  func booleanArguments() {
    let names = Message.request(.getParameterNames(path: "Device.", nextLevel: true))
    #expect(encoded(names, Style()).contains("<NextLevel>1</NextLevel>"))
    #expect(encoded(names, Style(booleans: .words)).contains("<NextLevel>true</NextLevel>"))
    let attributes = Message.request(
      .setParameterAttributes([SetParameterAttributes(name: "A", notification: 2)]))
    #expect(
      encoded(attributes, Style(booleans: .words)).contains(
        "<NotificationChange>true</NotificationChange>"))
    #expect(
      encoded(attributes, Style(booleans: .words)).contains(
        "<AccessListChange>false</AccessListChange>"))
  }

  @Test(
    "Devices that refuse milliseconds (genieacs cwmp.datetimeMilliseconds)",
    arguments: [
      ("2026-11-22T21:49:11.123Z", "2026-11-22T21:49:11Z"),
      ("2026-11-22T21:49:11.123456+01:00", "2026-11-22T21:49:11+01:00"),
      ("2026-11-22T21:49:11,5", "2026-11-22T21:49:11"),
      ("2026-11-22T21:49:11Z", "2026-11-22T21:49:11Z"),
      ("0001-01-01T00:00:00.000Z", "0001-01-01T00:00:00Z"),
      ("9999-12-31T23:59:59.9Z", "9999-12-31T23:59:59Z"),
    ])
  func dateTimesWithoutFraction(text: String, written: String) {
    #expect(value(text, .dateTime, Style(dateTimes: .withoutFraction)) == written)
    #expect(value(text, .dateTime, Style()) == text)
    #expect(value(text, .string, Style(dateTimes: .withoutFraction)) == text)
  }

  @Test(
    "Devices that want milliseconds",
    arguments: [
      ("2026-11-22T21:49:11Z", "2026-11-22T21:49:11.000Z"),
      ("2026-11-22T21:49:11.5Z", "2026-11-22T21:49:11.500Z"),
      ("2026-11-22T21:49:11.987654-0400", "2026-11-22T21:49:11.987-0400"),
      ("2026-11-22T21:49:11", "2026-11-22T21:49:11.000"),
    ])
  func dateTimesWithMilliseconds(text: String, written: String) {
    #expect(value(text, .dateTime, Style(dateTimes: .milliseconds)) == written)
  }

  @Test(
    "What is no dateTime stays for the device to judge",
    arguments: [
      "", "now", "2026-11-22", "2026-11-22T21:49:11.Z", "2026-11-22T21:49:11.5Zx",
      "2026-11-22T21:49:11.5+1", "T21:49:11.5",
    ])
  func otherTextsOfDateTimes(text: String) {
    for dateTimes in Style.DateTimes.allCases {
      #expect(value(text, .dateTime, Style(dateTimes: dateTimes)) == text)
    }
  }

  @Test("White space inside Name and Value would become part of them (freeacs 166)")
  func noWhiteSpaceBetweenTags() {
    for style in [Style(), Style(booleans: .words, dateTimes: .milliseconds)] {
      for request in RoundTripTests.requests {
        let text = encoded(.request(request), style)
        #expect(!text.contains(">\n") && !text.contains("> <") && !text.contains("\n<"))
      }
    }
  }

  @Test("A style can be kept by its words")
  func stylesByName() {
    #expect(Style.Booleans(rawValue: "words") == .words)
    #expect(Style.DateTimes(rawValue: "withoutFraction") == .withoutFraction)
    #expect(Style.DateTimes.allCases.count == 3)
  }
}
