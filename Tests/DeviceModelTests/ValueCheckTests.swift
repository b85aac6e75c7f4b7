import DeviceModel
import Testing

/// Which values parameters take.
@Suite struct ValueCheckTests {
  private static func syntax(_ body: String) throws -> Syntax {
    let model = try ModelText.model(
      """
      <dataType name="IPAddress"><string><size maxLength="45"/>
        <pattern value="((25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])\\.){3}(25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])"/>
        <pattern value=""/></string></dataType>
      <model name="Device:2.0"><object name="Device." access="readOnly">
        <parameter name="P" access="readWrite"><syntax>\(body)</syntax></parameter>
      </object></model>
      """)
    return try #require(model["Device.P"]?.syntax)
  }

  private func expect(
    _ syntax: Syntax, takes good: [String], not bad: [(String, ValueProblem.Kind)],
    _ location: SourceLocation = #_sourceLocation
  ) {
    for value in good {
      let problems = syntax.problems(of: value)
      #expect(problems.isEmpty, "\(value): \(problems)", sourceLocation: location)
    }
    for (value, kind) in bad {
      #expect(
        syntax.problems(of: value).map(\.kind) == [kind], "\(value)", sourceLocation: location)
    }
  }

  @Test func numbersHaveTypesAndRanges() throws {
    let ports = try Self.syntax(
      "<unsignedInt><range minInclusive=\"1\" maxInclusive=\"65535\"/><range minInclusive=\"100000\"/></unsignedInt>"
    )
    expect(
      ports, takes: ["1", "65535", "100000", "4294967295"],
      not: [
        ("0", .range), ("65536", .range), ("-1", .type), ("4294967296", .type), ("1.0", .type),
        ("", .type),
      ])
    let steps = try Self.syntax(
      "<decimal><range minInclusive=\"-1.5\" maxInclusive=\"2\" step=\"0.25\"/></decimal>")
    expect(
      steps, takes: ["-1.5", "0", "1.75", "2.00", "+0.250"],
      not: [("2.01", .range), ("0.1", .range), ("-1.75", .range), ("abc", .type)])
    let large = try Self.syntax(
      "<unsignedLong><range minInclusive=\"9223372036854775808\"/></unsignedLong>")
    expect(
      large, takes: ["18446744073709551615"], not: [("9223372036854775807", .range)])
  }

  @Test(arguments: [
    ("<string/>", "string"), ("<string><size/></string>", "string"),
    ("<string><size minLength=\"0\"/></string>", "string"),
    ("<string><size maxLength=\"4\"/><size/></string>", "string"),
    ("<string><size maxLength=\"4\"/></string>", "string of at most 4 characters"),
    ("<hexBinary><size minLength=\"2\"/></hexBinary>", "hexBinary of at least 2 bytes"),
    ("<unsignedInt><range/></unsignedInt>", "unsignedInt"),
    (
      "<unsignedInt><range minInclusive=\"1\"/></unsignedInt>", "unsignedInt at least 1"
    ),
    ("<list minItems=\"0\"><size/></list><string/>", "comma-separated list of strings"),
    (
      "<list maxItems=\"3\"/><string><size/></string>",
      "comma-separated list (at most 3 items) of strings"
    ),
  ]) func whatBoundsNothingIsNotToldInWords(body: String, words: String) throws {
    #expect(try Self.syntax(body).words == words)
  }

  @Test func textsHaveLengthsInCharactersAndBinariesInBytes() throws {
    let text = try Self.syntax(
      "<string><size maxLength=\"3\"/><size minLength=\"5\" maxLength=\"5\"/></string>")
    expect(text, takes: ["", "äöü", "12345"], not: [("1234", .length), ("123456", .length)])
    let bytes = try Self.syntax("<hexBinary><size minLength=\"2\" maxLength=\"2\"/></hexBinary>")
    expect(bytes, takes: ["00fF"], not: [("00", .length), ("0", .type), ("zz", .type)])
    let base64 = try Self.syntax("<base64><size maxLength=\"2\"/></base64>")
    expect(base64, takes: ["", "QUI=", "QQ=="], not: [("QUJD", .length), ("QUI", .type)])
  }

  @Test func enumerationsAreOpenForVendorsAndClosedForWhatIsOnlyReported() throws {
    let state = try Self.syntax(
      "<string><enumeration value=\"None\" access=\"readOnly\"/><enumeration value=\"Requested\"/></string>"
    )
    expect(
      state, takes: ["Requested", "X_EXAMPLE_Later"],
      not: [("None", .enumeration), ("requested", .enumeration), ("", .enumeration)])
    #expect(state.problems(of: "None", .reported).isEmpty)
    #expect(state.problems(of: "requested").first?.message == "“requested” is not “Requested”.")
  }

  @Test func patternsHoldForTheWholeValue() throws {
    let address = try Self.syntax("<dataType ref=\"IPAddress\"/>")
    expect(
      address, takes: ["192.0.2.1", ""],
      not: [("192.0.2", .pattern), ("192.0.2.1 ", .pattern), ("999.0.2.1", .pattern)])
    let broken = try Self.syntax("<string><pattern value=\"(a\"/></string>")
    expect(broken, takes: ["anything, since nobody knows what was meant"], not: [])
  }

  /// A pattern that libxml2 has to go back in ever more often is given up instead of being matched for ever.
  @Test func patternsThatTakeForEverAreGivenUp() throws {
    let syntax = try Self.syntax("<string><pattern value=\"((a|a)(a|a))*b\"/></string>")
    // Known for none after all.
    #expect(
      syntax.problems(of: String(repeating: "a", count: 4_000)).map(\.kind) == [.pattern])
    #expect(syntax.problems(of: String(repeating: "a", count: 5_000)).isEmpty)
  }

  @Test func listsHaveCountsAndItemsHaveTheRest() throws {
    let list = try Self.syntax(
      "<list minItems=\"1\" maxItems=\"3\"><size maxLength=\"12\"/></list><string><size maxLength=\"4\"/><enumeration value=\"A\"/><enumeration value=\"B C\"/></string>"
    )
    expect(
      list, takes: ["A", "A, B C", " A ,B%20C", "A,A,A"],
      not: [("", .count), ("A,A,A,A", .count), ("A,D", .enumeration), ("A,", .enumeration)])
    let long = try Self.syntax("<list><size maxLength=\"3\"/></list><string/>")
    expect(long, takes: ["a,b"], not: [("a,bc", .length)])
    #expect(ListItems("[a,b],[c]").texts == ["[a,b]", "[c]"])
    #expect(!ListItems("[a,b").isWellFormed)
    #expect(ListItems.value(of: ["a,b", "ä c", "100%"]) == "a%2Cb,ä%20c,100%25")
    #expect(
      ListItems(ListItems.value(of: ["a,b", "ä c", "100%"])).texts == ["a,b", "ä c", "100%"])
  }

  @Test func whatIsAllowedIsSaid() throws {
    #expect(
      try Self.syntax(
        "<unsignedInt><range minInclusive=\"1\" maxInclusive=\"9\"/><units value=\"seconds\"/></unsignedInt>"
      ).words
        == "unsignedInt from 1 to 9, in seconds")
    #expect(
      try Self.syntax(
        "<list maxItems=\"2\"/><string><enumeration value=\"A\"/><enumeration value=\"B\"/></string>"
      ).words
        == "comma-separated list (at most 2 items) of strings, each one of “A”, “B”")
  }
}
