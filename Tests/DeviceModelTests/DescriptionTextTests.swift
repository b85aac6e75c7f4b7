import DeviceModel
import Testing

/// Descriptions as plain text.
@Suite struct DescriptionTextTests {
  private static let model = """
    <model name="Device:2.0"><object name="Device."/>
    <object name="Device.WiFi."><parameter name="SSIDNumberOfEntries"><syntax><unsignedInt/></syntax></parameter></object>
    <object name="Device.WiFi.SSID.{i}." minEntries="0" maxEntries="unbounded" numEntriesParameter="SSIDNumberOfEntries">
    <parameter name="Speed"><syntax><unsignedInt><range minInclusive="1" maxInclusive="9"/><units value="Mbps"/>
    </unsignedInt></syntax></parameter></object>
    <object name="Device.WiFi.Deep.Other."/>
    <object name="Device.WiFi.Deep.Other.SSID.{i}." minEntries="0" maxEntries="unbounded"
      numEntriesParameter="SSIDNumberOfEntries"/></model>
    """

  private static func plain(_ raw: String, at path: String = "Device.WiFi.SSID.{i}.Speed") throws
    -> String
  {
    let model = try ModelText.model(model)
    return DescriptionText(about: .init(model, try #require(model.place(of: path)))).plain(raw)
  }

  @Test func linesAreJoinedAndIndentsTakenAway() {
    let text = DescriptionText().plain(
      "\n      One line\n      that goes on.\n\n      Next.\n        Deeper.\n    ")
    #expect(text == "One line that goes on.\n\nNext. Deeper.")
  }

  @Test func listsAndEmphasisAreReadable() {
    let text = DescriptionText().plain(
      """

            These '''MUST''' hold:

            * The ''first''
              goes on.

            * The second.
            # A number.

            After.
      """)
    #expect(
      text == "These MUST hold:\n- The first goes on.\n- The second.\n- A number.\n\nAfter.")
  }

  @Test(arguments: [
    ("{{param}} is in {{units}}.", "Speed is in Mbps."),
    ("See {{param|Enable}} of {{object}}.", "See Enable of SSID."),
    ("A {{object|#.Radio.{i}.}} or {{object|.IP.}}", "A Device.WiFi.Radio.{i}. or Device.IP."),
    ("{{param|#.Radio.{i}.Enable}}, {{event|###.Boot!}}", "Device.WiFi.Radio.{i}.Enable, Boot!"),
    ("{{enum|Up}} or {{enum|}} but {{true}}", "Up or an empty string but true"),
    ("{{empty}}, {{null}}", "an empty string, null"),
    ("In {{bibref|RFC2863|Section 4}}.", "In [RFC2863, Section 4]."),
    ("One. {{enum}} Two. {{datatype|expand}}", "One. Two."),
    ("{{range}}", "from 1 to 9"),
    ("{{list|of {{units}}}}", "Comma-separated list of of Mbps."),
    ("{{reference|a {{object|#.Radio}}}}", "A reference to a Device.WiFi.Radio."),
    (
      "{{deprecated|2.16|because of {{param|New}}}}", "DEPRECATED in 2.16 because of New."
    ),
    ("{{obsoleted|2.17}}", "OBSOLETED in 2.17."),
    ("{{nolist}}Text{{noenum}}", "Text"),
    ("{{strange|one|two}}", "strange: one, two"),
    ("{{open and {{param}}", "{{open and {{param}}"),
    ("a { b } {i} }} c", "a { b } {i} }} c"),
  ])
  func templatesAreWords(raw: String, expected: String) throws {
    #expect(try Self.plain(raw) == expected)
  }

  @Test func theTableThatIsCountedIsTheOneBesideTheCount() throws {
    #expect(
      try Self.plain("{{numentries}}", at: "Device.WiFi.SSIDNumberOfEntries")
        == "The number of entries in the Device.WiFi.SSID.{i}. table.")
  }

  @Test func nestingIsBounded() throws {
    let deep =
      String(repeating: "{{param|", count: 5_000) + "A" + String(repeating: "}}", count: 5_000)
    #expect(try Self.plain(deep).utf8.count <= deep.utf8.count)
  }

  @Test(arguments: [
    ("{{units}}", 450_000), ("{{units|{{units|{{units}}}}}}", 100_000), ("{{numentries}} ", 50_000),
    ("wörter ", 100_000),
  ])
  func longOnesAreCut(part: String, count: Int) throws {
    let units = String(repeating: "x", count: 1_000)
    let objects = (0..<2_000).map { "<object name=\"Device.O\($0).\"/>" }.joined()
    let model = try ModelText.model(
      "<model name=\"Device:2.0\"><object name=\"Device.\"><parameter name=\"A\"><syntax><int><units value=\"\(units)\"/></int></syntax></parameter></object>\(objects)</model>"
    )
    let place = try #require(model.place(of: "Device.A"))
    let text = DescriptionText(about: .init(model, place))
      .plain(String(repeating: part, count: count))
    #expect(text.utf8.count <= (64 << 10) + 3 && text.hasSuffix("…"))
  }
}
