import ManagementTypes
import OperatorCommands
import Testing

@Suite struct ArgumentTests {
  @Test func assignments() throws {
    #expect(
      try Assignment.parse("Device.X=a=b") == TaskOrder.Value(path: "Device.X", value: "a=b"))
    #expect(
      try Assignment.parse("Device.X:UNSIGNEDINT=5")
        == TaskOrder.Value(path: "Device.X", value: "5", type: "unsignedInt"))
    #expect(
      try Assignment.parse("Device.X=http://a:80/", defaultType: "string")
        == TaskOrder.Value(path: "Device.X", value: "http://a:80/", type: "string"))
    #expect(try Assignment.parse("Device.X=") == TaskOrder.Value(path: "Device.X", value: ""))
  }

  @Test(arguments: ["Device.X", "=5", ":int=5", "Device.X:number=5", "Device.WiFi.=5", ""])
  func whatIsNoAssignmentIsRefused(text: String) {
    #expect(throws: Assignment.Problem.self) { try Assignment.parse(text) }
  }

  @Test func tags() throws {
    let changes = try TagChanges(["+pilot", "-old", "+a-b", "gone-"])
    #expect(changes.added == ["pilot", "a-b"])
    #expect(changes.removed == ["old", "gone"])
    for words in [["pilot"], ["+"], ["-"], [], [""]] {
      #expect(throws: Assignment.Problem.self) { try TagChanges(words) }
    }
    #expect(
      TagChanges.withoutDashes(["tag", "N", "+p", "-old", "-o", "json", "--server", "x"])
        == ["tag", "N", "+p", "old-", "-o", "json", "--server", "x"])
    #expect(TagChanges.withoutDashes(["get", "-old"]) == ["get", "-old"])
  }

  @Test(arguments: [("90", 90.0), ("90s", 90), ("5m", 300), ("2h", 7200), ("1d", 86_400), ("0", 0)])
  func durations(text: String, seconds: Double) {
    #expect(DurationArgument(text)?.seconds == seconds)
  }

  @Test(arguments: ["", "s", "-1", "1.5h", "1w", "99999999999999999999", "１"])
  func whatIsNoDurationIsRefused(text: String) {
    #expect(DurationArgument(text) == nil)
  }

  @Test func windows() throws {
    let window = try #require(WindowArgument("90-1h:whenidle"))
    #expect(window.start == 90 && window.end == 3600 && window.mode == "whenIdle")
    #expect(window.json == ["start": 90, "end": 3600, "mode": "whenIdle"])
    #expect(WindowArgument("0-1m")?.json == ["start": 0, "end": 60])
  }

  @Test(arguments: ["", "-", "1h", "1h-", "-1h", "2h-1h", "1h-1h", "1h-2h-3h", "1h-2h:", "1h-2h:x"])
  func whatIsNoWindowIsRefused(text: String) {
    #expect(WindowArgument(text) == nil)
  }

  @Test func targets() throws {
    let one = try TargetArguments(words: ["N", "a", "b"], selector: nil)
    #expect(one.target == .device("N"))
    #expect(one.rest == ["a", "b"])
    let several = try TargetArguments(words: ["a", "b"], selector: "tag=x")
    #expect(several.target == .selector("tag=x"))
    #expect(several.rest == ["a", "b"])
    #expect(throws: Assignment.Problem.self) { try TargetArguments(words: [], selector: nil) }
    #expect(throws: Assignment.Problem.self) { try TargetArguments(words: ["a"], selector: "") }
  }

  @Test func documentsKeepTheirLines() {
    let documents = YAMLDocuments("# head\n---\na: 1\n---\n\n# nothing\n---\nb: 2\r\n").texts
    #expect(documents == ["\n\na: 1\n", "\n\n\n\n\n\n\nb: 2\n\n"])
    #expect(YAMLDocuments("").texts.isEmpty)
  }

  @Test func outlines() {
    let outline = ResourceOutline(
      yaml: "kind: K\nmetadata: {name: n}\nspec: {image: {file: f, sha256: s, more: 1}}")
    #expect(outline.metadata?.name == "n")
    #expect(outline.spec?.image?.file == "f")
    #expect(ResourceOutline(yaml: "spec: [").spec == nil)
    #expect(ResourceOutline(yaml: "just text").kind == nil)
  }

  @Test func differences() {
    #expect(LineDifference.lines(old: "a\nb\n", new: "a\nb") == [])
    #expect(LineDifference.lines(old: "a\nb\nc", new: "a\nx\nc") == [" a", "-b", "+x", " c"])
    #expect(LineDifference.lines(old: "", new: "a") == ["+a"])
    let old = (1...20).map(String.init).joined(separator: "\n")
    let new = old.replacing("\n10\n", with: "\nten\n")
    #expect(
      LineDifference.lines(old: old, new: new)
        == [" 7", " 8", " 9", "-10", "+ten", " 11", " 12", " 13"])
  }
}
