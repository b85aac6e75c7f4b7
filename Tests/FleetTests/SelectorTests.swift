import Foundation
import Testing

@testable import Fleet

@Suite("Selectors")
struct SelectorTests {
  static func exactly(_ text: String) -> Selector.Pattern { Selector.Pattern(exactly: text) }

  /// A text, what it means, and the text printed for it where that is another.
  static let readable: [(text: String, terms: [Selector.Term], printed: String?)] = [
    ("", [], nil),
    (" \n ", [], ""),
    ("tag=pilot", [Selector.Term(.tag, .isAny([exactly("pilot")]))], nil),
    ("tag==pilot", [Selector.Term(.tag, .isAny([exactly("pilot")]))], "tag=pilot"),
    ("tag!=pilot", [Selector.Term(.tag, .isNone([exactly("pilot")]))], nil),
    ("tag", [Selector.Term(.tag, .exists)], nil),
    ("!tag", [Selector.Term(.tag, .isAbsent)], nil),
    ("! tag", [Selector.Term(.tag, .isAbsent)], "!tag"),
    (
      "name=00A1B2-*", [Selector.Term(.name, .isAny([Selector.Pattern(pieces: ["00A1B2-", ""])]))],
      nil
    ),
    (
      "DeviceInfo.ModelName=FL-100",
      [Selector.Term(.fact("DeviceInfo.ModelName"), .isAny([exactly("FL-100")]))], nil
    ),
    (
      "Device.DeviceInfo.SoftwareVersion != 2.0",
      [Selector.Term(.fact("DeviceInfo.SoftwareVersion"), .isNone([exactly("2.0")]))],
      "DeviceInfo.SoftwareVersion!=2.0"
    ),
    (
      "InternetGatewayDevice.DeviceInfo.SoftwareVersion=1.*",
      [
        Selector.Term(
          .fact("DeviceInfo.SoftwareVersion"), .isAny([Selector.Pattern(pieces: ["1.", ""])]))
      ], "DeviceInfo.SoftwareVersion=1.*"
    ),
    (
      "Device.RootDataModelVersion=2.15",
      [Selector.Term(.fact("RootDataModelVersion"), .isAny([exactly("2.15")]))], nil
    ),
    (
      "DeviceInfo.ProvisioningCode,!DeviceInfo.ModelName",
      [
        Selector.Term(.fact("DeviceInfo.ProvisioningCode"), .exists),
        Selector.Term(.fact("DeviceInfo.ModelName"), .isAbsent),
      ], nil
    ),
    (
      "tag in (a, b ),tag notin(c)",
      [
        Selector.Term(.tag, .isAny([exactly("a"), exactly("b")])),
        Selector.Term(.tag, .isNone([exactly("c")])),
      ], "tag in (a,b),tag!=c"
    ),
    (
      #"tag in ("a,b",c*,")")"#,
      [
        Selector.Term(
          .tag, .isAny([exactly("a,b"), Selector.Pattern(pieces: ["c", ""]), exactly(")")]))
      ], nil
    ),
    (
      #"DeviceInfo.Manufacturer=Acme Corp , tag=x"#,
      [
        Selector.Term(.fact("DeviceInfo.Manufacturer"), .isAny([exactly("Acme Corp")])),
        Selector.Term(.tag, .isAny([exactly("x")])),
      ], #"DeviceInfo.Manufacturer="Acme Corp",tag=x"#
    ),
    (
      #"DeviceInfo.ModelName="5*"*"x\"\\"*"#,
      [
        Selector.Term(
          .fact("DeviceInfo.ModelName"), .isAny([Selector.Pattern(pieces: ["5*", #"x"\"#, ""])]))
      ], nil
    ),
    (
      "DeviceInfo.ModelName=\"\"",
      [Selector.Term(.fact("DeviceInfo.ModelName"), .isAny([exactly("")]))], nil
    ),
    ("tag=*", [Selector.Term(.tag, .isAny([Selector.Pattern(pieces: ["", ""])]))], nil),
    ("tag=***", [Selector.Term(.tag, .isAny([Selector.Pattern(pieces: ["", ""])]))], "tag=*"),
    (
      "tag=*a**b", [Selector.Term(.tag, .isAny([Selector.Pattern(pieces: ["", "a", "b"])]))],
      "tag=*a*b"
    ),
    ("tag=a=b", [Selector.Term(.tag, .isAny([exactly("a=b")]))], #"tag="a=b""#),
    ("tag=Größe", [Selector.Term(.tag, .isAny([exactly("Größe")]))], #"tag="Größe""#),
  ]

  @Test(arguments: readable.indices) func reads(index: Int) throws {
    let (text, terms, printed) = Self.readable[index]
    let selector = try Selector(parsing: text)
    #expect(selector.terms == terms)
    #expect(selector.description == printed ?? text)
    #expect(try Selector(parsing: selector.description) == selector)
  }

  static let unreadable: [(text: String, problems: [String])] = [
    ("tag=a,", ["1:7: error: Here a name is wanted.; leave out the comma"]),
    (
      ",",
      [
        "1:1: error: Here a name is wanted.; leave out the comma",
        "1:2: error: Here a name is wanted.; leave out the comma",
      ]
    ),
    ("=a", ["1:1: error: Here a name is wanted.; write tag, name, online or a parameter"]),
    (
      "tag=",
      [
        #"1:5: error: The value is missing.; write "" for an empty value; a name without = asks whether there is one"#
      ]
    ),
    (
      "tag in (a,,b)",
      [
        #"1:11: error: The value is missing.; write "" for an empty value; a name without = asks whether there is one"#
      ]
    ),
    (
      "tag in ()",
      [
        #"1:9: error: The value is missing.; write "" for an empty value; a name without = asks whether there is one"#
      ]
    ),
    (
      "tag in a",
      ["1:8: error: Here the values in parentheses are wanted.; write for example in (a,b)"]
    ),
    ("tag in (a", ["1:10: error: The parenthesis is not closed.; write ) after the last value"]),
    (
      "tag=a)",
      ["1:6: error: “)” has no place here.; put the value in double quotes if it is part of it"]
    ),
    ("tag=\"a", ["1:5: error: The quotes are not closed.; write \" after the value"]),
    (
      #"tag="\n""#,
      [
        #"1:6: error: A backslash stands only before a quote or a backslash.; write \\ for a backslash"#
      ]
    ),
    (
      #"tag=a\b"#,
      [#"1:6: error: “\” has no place here.; put the value in double quotes if it is part of it"#]
    ),
    (
      "tag='a'",
      ["1:5: error: “'” has no place here.; put the value in double quotes if it is part of it"]
    ),
    (
      "tag===a",
      ["1:6: error: “=” has no place here.; put the value in double quotes if it is part of it"]
    ),
    (
      "tag=a\u{0}b",
      ["1:6: error: “U+0” has no place here.; put the value in double quotes if it is part of it"]
    ),
    ("tag=\"a\u{0}b\"", ["1:7: error: “U+0” is a control character, which no value has."]),
    (
      "tag=\"a\" b", ["1:9: error: There is text beside the quotes.; put the whole value in quotes"]
    ),
    (
      "tag~a",
      [
        "1:4: error: There is no comparison “~a”.; write =, !=, in (…) or notin (…), or a comma before the next term"
      ]
    ),
    (
      "tag like a",
      [
        "1:5: error: There is no comparison “like”.; write =, !=, in (…) or notin (…), or a comma before the next term"
      ]
    ),
    (
      "tag (a)",
      [
        "1:5: error: Here a comparison is wanted.; write =, !=, in (…) or notin (…), or a comma before the next term"
      ]
    ),
    (
      "tag in (a) b",
      ["1:12: error: Here a comma is wanted.; put values in double quotes, terms after commas"]
    ),
    ("!tag=a", ["1:1: error: The term is negated in front.; write tag!=… or tag notin (…)"]),
    ("name", ["1:1: error: Every device has a name.; write name=… with the name that is meant"]),
    ("!name", ["1:1: error: Every device has a name.; write name=… with the name that is meant"]),
    (
      "SoftwareVersion=2",
      [
        "1:1: error: “SoftwareVersion” is neither tag, name, online nor a parameter.; did you mean “DeviceInfo.SoftwareVersion”?"
      ]
    ),
    (
      "softwareversoin=2",
      [
        "1:1: error: “softwareversoin” is neither tag, name, online nor a parameter.; did you mean “DeviceInfo.SoftwareVersion”?"
      ]
    ),
    (
      "tags=a",
      ["1:1: error: “tags” is neither tag, name, online nor a parameter.; did you mean “tag”?"]
    ),
    (
      "colour=a",
      [
        "1:1: error: “colour” is neither tag, name, online nor a parameter.; write tag, name, online or a path such as DeviceInfo.ModelName"
      ]
    ),
    (
      "Device.*=a",
      ["1:1: error: “Device.*” has a star; only values may have.; write the parameter's full name"]
    ),
    (
      "Device.DeviceInfo.=a",
      [
        "1:1: error: “Device.DeviceInfo.” is an object; only parameters can be asked for.; write the parameter's name after the dot"
      ]
    ),
    ("Device..A=a", ["1:1: error: “Device..A” has nothing before a dot.; write one dot, not two"]),
    (
      "tag=\"x,y\" z,\n tags=a,tag in (b,c,tag=d",
      [
        "1:11: error: There is text beside the quotes.; put the whole value in quotes",
        "2:2: error: “tags” is neither tag, name, online nor a parameter.; did you mean “tag”?",
        "2:26: error: The parenthesis is not closed.; write ) after the last value",
      ]
    ),
  ]

  @Test(arguments: unreadable.indices) func tellsWhatIsWrong(index: Int) {
    let (text, problems) = Self.unreadable[index]
    let error = #expect(throws: FleetError.self) { try Selector(parsing: text) }
    #expect(error?.code == .selector)
    #expect(error?.diagnostics.map(\.description) == problems)
  }

  @Test func limits() {
    var limits = SelectorLimits()
    limits.maxBytes = 40
    limits.maxTerms = 2
    limits.maxValues = 2
    limits.maxValueCharacters = 4
    limits.maxStars = 2
    func problem(_ text: String) -> String? {
      do throws(FleetError) {
        _ = try Selector(parsing: text, limits: limits)
        return nil
      } catch { return error.diagnostics.first?.message }
    }
    #expect(problem("tag=a,tag in (b,cccc),") != nil)
    #expect(problem("tag=a,tag in (b,cccc)") == nil)
    #expect(problem("tag=a,tag=b,tag=c") == "There are more than 2 terms.")
    #expect(problem("tag in (a,b,c)") == "There are more than 2 values.")
    #expect(problem("tag=abcde") == "The value is longer than 4 characters.")
    #expect(problem("tag=*a*") == nil)
    #expect(problem("tag=*a*b*") == "The value has more than 2 stars.")
    #expect(
      problem("tag=" + String(repeating: "x", count: 37))
        == "The selector has 41 bytes; at most 40 are taken.")
    let standard = SelectorLimits.standard
    #expect(standard.maxBytes == 16 << 10)
    #expect(standard.maxTerms == 32)
    #expect(standard.maxValues == 256)
    #expect(standard.maxValueCharacters == 256)
    #expect(standard.maxStars == 4)
  }

  /// What was read once can be kept as text and read again.
  @Test func whatIsWrittenOutIsLimitedToo() throws {
    let values = Array(repeating: "é", count: 256).joined(separator: ",")
    let term = "tag in (\(values))"
    let fits = try Selector(parsing: Array(repeating: term, count: 12).joined(separator: ","))
    #expect(fits.description.utf8.count > 15_000)
    #expect(try Selector(parsing: fits.description) == fits)
    let error = #expect(throws: FleetError.self) {
      try Selector(parsing: Array(repeating: term, count: 14).joined(separator: ","))
    }
    #expect(
      error?.description
        == "error: The selector has 18045 bytes when it is written out; at most 16384 are taken.")
  }

  @Test func keptAsJSON() throws {
    let selector = try Selector(parsing: #"tag in (a,"b c*"),!DeviceInfo.ModelName"#)
    let json = try JSONEncoder().encode([selector])
    #expect(
      try JSONDecoder().decode([String].self, from: json)
        == [#"tag in (a,"b c*"),!DeviceInfo.ModelName"#])
    #expect(try JSONDecoder().decode([Selector].self, from: json) == [selector])
    #expect(throws: FleetError.self) {
      try JSONDecoder().decode([Selector].self, from: Data(#"["tag="]"#.utf8))
    }
  }

  @Test func problemsAreLimited() {
    let text = Array(repeating: "a=", count: 100).joined(separator: ",")
    let error = #expect(throws: FleetError.self) { try Selector(parsing: text) }
    #expect(error?.diagnostics.count == 20)
  }

  // MARK: - Meaning

  static let name = "00A1B2-FL100-S%2F1"
  static let tags: Set<String> = ["pilot", "berlin"]
  static let facts = [
    "DeviceInfo.ModelName": "FL-100", "DeviceInfo.SoftwareVersion": "1.0.4",
    "DeviceInfo.ProvisioningCode": "", "DeviceInfo.Manufacturer": "a*b",
  ]

  static let meanings: [(text: String, holds: Bool)] = [
    ("", true),
    ("name=\(name)", true), ("name=00a1b2*", false), ("name=00A1B2-*", true),
    ("name=*", true), ("name!=*", false), ("name in (x,\(name))", true),
    ("tag=pilot", true), ("tag=Pilot", false), ("tag=pil", false), ("tag=p*", true),
    ("tag!=pilot", false), ("tag!=x", true), ("tag in (x,berlin)", true),
    ("tag notin (x,berlin)", false), ("tag notin (x,y)", true), ("tag", true), ("!tag", false),
    ("tag=pilot,tag=berlin", true), ("tag=pilot,tag=x", false),
    ("DeviceInfo.ModelName=FL-100", true), ("DeviceInfo.ModelName=FL-1", false),
    ("InternetGatewayDevice.DeviceInfo.ModelName=FL*", true),
    ("DeviceInfo.SoftwareVersion=*.0.*", true), ("DeviceInfo.SoftwareVersion=*.0.", false),
    ("DeviceInfo.SoftwareVersion=*1.0.4*", true), ("DeviceInfo.SoftwareVersion=1.*.4", true),
    ("DeviceInfo.SoftwareVersion=1.0*0.4", false), ("DeviceInfo.SoftwareVersion=1*0*4", true),
    ("DeviceInfo.SoftwareVersion=1.0.4*1.0.4", false),
    ("DeviceInfo.SoftwareVersion!=1.*", false), ("DeviceInfo.SoftwareVersion!=2.*", true),
    ("DeviceInfo.HardwareVersion!=1", true), ("DeviceInfo.HardwareVersion=*", false),
    ("DeviceInfo.HardwareVersion notin (1,*)", true),
    ("DeviceInfo.HardwareVersion", false), ("!DeviceInfo.HardwareVersion", true),
    ("DeviceInfo.ProvisioningCode", true), (#"DeviceInfo.ProvisioningCode="""#, true),
    ("DeviceInfo.ProvisioningCode=*", true), (#"DeviceInfo.ProvisioningCode!="""#, false),
    (#"DeviceInfo.Manufacturer="a*b""#, true), (#"DeviceInfo.Manufacturer="a*""#, false),
    (#"DeviceInfo.Manufacturer=a"*"*"#, true),
  ]

  @Test(arguments: meanings.indices) func means(index: Int) throws {
    let (text, holds) = Self.meanings[index]
    let selector = try Selector(parsing: text)
    #expect(
      selector.matches(name: Self.name, tags: Self.tags, facts: Self.facts) == holds, "\(text)")
  }

  @Test func deviceWithoutTags() throws {
    for (text, holds) in [("tag", false), ("!tag", true), ("tag!=a", true), ("tag=*", false)] {
      #expect(try Selector(parsing: text).matches(name: "n", tags: [], facts: [:]) == holds)
    }
  }

  @Test func whetherAnAgentIsConnected() throws {
    let meanings: [(text: String, online: Bool, offline: Bool, none: Bool)] = [
      ("online=true", true, false, false), ("online=false", false, true, false),
      ("online!=true", false, true, true), ("online in (true,false)", true, true, false),
      ("online", true, true, false), ("!online", false, false, true),
    ]
    for (text, online, offline, none) in meanings {
      let selector = try Selector(parsing: text)
      #expect(selector.description == text)
      for (isOnline, holds) in [(true, online), (false, offline), (nil, none)] {
        #expect(
          selector.matches(name: "n", tags: [], facts: [:], isOnline: isOnline) == holds,
          "\(text) \(String(describing: isOnline))")
      }
    }
    for text in ["online=yes", "online=t*", "online in (true,1)", "online!=\"\"", "Online=true"] {
      #expect(throws: FleetError.self) { try Selector(parsing: text) }
    }
  }

  /// Equal to a person's eye, yet other bytes: the store compares bytes too.
  @Test func comparesBytes() {
    #expect(!Selector.Pattern(exactly: "\u{E9}").matches("e\u{301}"))
    #expect(Selector.Pattern(pieces: ["\u{E9}", ""]).matches("\u{E9}\u{301}"))
  }
}
