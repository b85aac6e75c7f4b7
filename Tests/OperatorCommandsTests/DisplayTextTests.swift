import OperatorCommands
import Testing

@Suite struct DisplayTextTests {
  @Test(arguments: [
    ("plain ä 日本 \\", "plain ä 日本 \\"),
    ("a\nb\tc\r", "a\\nb\\tc\\r"),
    ("\u{1B}[2J\u{7}", "\\u{1B}[2J\\u{7}"),
    ("\u{9B}31m", "\\u{9B}31m"),
    ("abc\u{202E}def", "abc\\u{202E}def"),
    ("\u{200B}\u{FEFF}\u{7F}\u{2028}", "\\u{200B}\\u{FEFF}\\u{7F}\\u{2028}"),
  ]) func whatATerminalMightObeyIsSpelledOut(text: String, shown: String) {
    #expect(DisplayText.escaped(text) == shown)
  }

  @Test func jsonStaysJSON() {
    #expect(
      DisplayText.escapedJSON("{\n \"a\": \"ä\u{9B}\u{202E}\"\n}")
        == "{\n \"a\": \"ä\\u009b\\u202e\"\n}")
    #expect(DisplayText.escapedJSON("\u{E0001}") == "\\udb40\\udc01")
  }

  @Test(arguments: [("abc", 3), ("日本", 4), ("e\u{301}", 1), ("ｱ", 1), ("Ａ", 2), ("", 0), ("❤️", 2)])
  func widthsAreThoseOfTheTerminal(text: String, width: Int) {
    #expect(DisplayText.width(text) == width)
  }

  @Test func clippingNeverExceedsTheLimit() {
    #expect(DisplayText.clipped("abcdef", to: 6) == "abcdef")
    #expect(DisplayText.clipped("abcdefg", to: 6) == "abcde…")
    #expect(DisplayText.clipped("日本日本", to: 6) == "日本…")
  }

  @Test func columnsAlignWithWideCharacters() {
    var table = TextTable("NAME", "VALUE")
    table.add("日本", "1")
    table.add("abcdefg", "2\n")
    table.add("", "3")
    #expect(table.lines() == ["NAME      VALUE", "日本      1", "abcdefg   2\\n", "          3"])
    #expect(table.lines(showsHeaders: false).count == 3)
  }

  @Test func cellsAreCutExceptTheLast() {
    var table = TextTable("A", "B")
    table.add(String(repeating: "x", count: 100), String(repeating: "y", count: 100), "surplus")
    let line = table.lines(cellLimit: 10)[1]
    #expect(line == "xxxxxxxxx…   " + String(repeating: "y", count: 100))
  }
}

@Suite struct AgeTextTests {
  @Test(arguments: [
    (0.0, "0s"), (119, "119s"), (120, "2m"), (125, "2m5s"), (600, "10m"), (10_800, "3h"),
    (11_000, "3h3m"), (28_800, "8h"), (172_800, "2d"), (180_000, "2d2h"), (691_200, "8d"),
    (63_072_000, "2y"), (70_000_000, "2y80d"), (1e300, "∞"), (.infinity, "∞"),
  ]) func lengths(seconds: Double, text: String) {
    #expect(AgeText.length(seconds) == text)
  }

  @Test func momentsBeforeAndAfter() {
    #expect(AgeText.since(nil, now: 100) == "never")
    #expect(AgeText.since(40, now: 100) == "60s")
    #expect(AgeText.since(100.5, now: 100) == "0s")
    #expect(AgeText.since(400, now: 100) == "in 5m")
  }

  @Test func sizes() {
    let shown = [0, 1023, 1024, 1536, 10 << 20, 3 << 40].map { SizeText.bytes($0) }
    #expect(shown == ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "10.0 MiB", "3.0 TiB"])
  }

  @Test func barsStayInTheirFrame() {
    #expect(
      ProgressBar.text(label: "f", done: 5, total: 10, width: 4) == "f [##..]  50%  5 B of 10 B")
    #expect(ProgressBar.text(label: "f", done: 11, total: 10, width: 4).contains("[####] 100%"))
    #expect(ProgressBar.text(label: "f", done: 0, total: 0, width: 4).contains("100%"))
  }
}
