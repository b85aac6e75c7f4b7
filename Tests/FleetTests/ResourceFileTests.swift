import Foundation
import Testing

@testable import Fleet

@Suite("Rollout files")
struct ResourceFileTests {
  static let sum = String(repeating: "0123456789abcdef", count: 4)

  static let smallest = """
    apiVersion: fairlead/v1
    kind: FirmwareRollout
    metadata:
      name: fl-100-2-0
    spec:
      selector: DeviceInfo.ModelName=FL-100
      image:
        version: 2.10
        sha256: \(sum)
    """

  static let complete = """
    # All members there are.
    apiVersion: fairlead/v1
    kind: FirmwareRollout
    metadata: {name: everything}
    spec:
      selector:
        - DeviceInfo.ModelName in (FL-100, FL-200)
        - "tag=pilot"
      image:
        file: images/fl-100.bin
        version: "2.0.0"
        sha256: \(sum.uppercased())
        fileType: 1 Firmware Upgrade Image
        targetFileName: fw.bin
      concurrency: 500
      maxFailures: 1.5%
      retries: 0
      verify: {within: 15m}
      transfer:
        within: 1h30m
      deadline: 2026-12-31T04:00:00Z
      prepare:
        within: 2d
        concurrency: 200
    """

  @Test func defaults() throws {
    let file = ResourceFile(Self.smallest, file: "a.yaml")
    #expect(file.diagnostics == [])
    let resource = try #require(file.resources.first)
    #expect(resource.name == "fl-100-2-0")
    #expect(resource.kind == .firmwareRollout)
    #expect(resource.location == Diagnostic.Location(file: "a.yaml", line: 1, column: 1))
    let expected = RolloutSpec(
      selector: try Selector(parsing: "DeviceInfo.ModelName=FL-100"),
      image: RolloutSpec.Image(version: "2.10", sha256: Self.sum))
    #expect(resource.content == .firmwareRollout(expected))
    #expect(expected.concurrency == 10)
    #expect(expected.maxFailures.description == "5%")
    #expect(expected.retries == 2)
    #expect(expected.verifyWithin == 600)
    #expect(expected.transferWithin == 3_600)
    #expect(expected.deadline == nil)
    #expect(expected.image.fileType == "1 Firmware Upgrade Image")
  }

  @Test func everyMember() throws {
    let file = ResourceFile(Self.complete)
    #expect(file.diagnostics == [])
    guard case .firmwareRollout(let spec) = try #require(file.resources.first).content else {
      return
    }
    #expect(
      spec
        == RolloutSpec(
          selector: try Selector(parsing: "DeviceInfo.ModelName in (FL-100,FL-200),tag=pilot"),
          image: RolloutSpec.Image(
            file: "images/fl-100.bin", version: "2.0.0", sha256: Self.sum, targetFileName: "fw.bin"),
          concurrency: 500, maxFailures: .share(hundredths: 150), retries: 0, verifyWithin: 900,
          transferWithin: 5_400, deadline: 1_798_689_600,
          prepare: .init(within: 172_800, concurrency: 200)))
    #expect(spec.operation(.whole).validate() == [])
    let policy = spec.taskPolicy()
    #expect(policy.maxAttempts == 1)
    #expect(policy.verifyWithin == 900)
    #expect(policy.transferWithin == 5_400)
    #expect(policy.bootWithin == TaskPolicy.standard.bootWithin)
  }

  static let example = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Examples/firmware-rollout.yaml")

  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: example.path),
      "the example is not beside the tests")
  )
  func theExampleIsInOrder() throws {
    let file = ResourceFile(try String(contentsOf: Self.example, encoding: .utf8))
    #expect(file.diagnostics == [])
    #expect(file.resources.map(\.kind) == [.firmwareRollout])
  }

  @Test func specIsKeptAsJSON() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let file = ResourceFile(Self.complete)
    guard case .firmwareRollout(let spec) = try #require(file.resources.first).content else {
      return
    }
    let json = try encoder.encode(spec)
    #expect(
      String(decoding: json, as: UTF8.self)
        == #"{"concurrency":500,"deadline":1798689600,"image":{"file":"images/fl-100.bin","fileType":"1 Firmware Upgrade Image","sha256":"\#(Self.sum)","targetFileName":"fw.bin","version":"2.0.0"},"maxFailures":"1.5%","prepare":{"concurrency":200,"within":172800},"retries":0,"selector":"DeviceInfo.ModelName in (FL-100,FL-200),tag=pilot","transferWithin":5400,"verifyWithin":900}"#
    )
    #expect(try JSONDecoder().decode(RolloutSpec.self, from: json) == spec)
  }

  @Test func severalDocuments() {
    let text =
      "%YAML 1.2\n---\n# nothing\n---\n\(Self.smallest)\n--- # the second\n\(Self.complete)\n...\n---\n"
    let file = ResourceFile(text)
    #expect(file.diagnostics == [])
    #expect(file.resources.map(\.name) == ["fl-100-2-0", "everything"])
    #expect(file.resources.map(\.location.line) == [5, 16])
    #expect(file.resources[0].source == "---\n\(Self.smallest)\n")
    #expect(file.resources[1].source.hasPrefix("--- # the second\n# All members"))
    #expect(ResourceFile(file.resources[1].source).resources.map(\.name) == ["everything"])
  }

  @Test func carriageReturnsAndByteOrderMark() {
    let text =
      "\u{FEFF}" + Self.smallest.replacing("\n", with: "\r\n") + "\r\n---\r\n" + Self.complete
    let file = ResourceFile(text)
    #expect(file.diagnostics == [])
    #expect(file.resources.map(\.name) == ["fl-100-2-0", "everything"])
  }

  @Test func aFlawInOneDocumentHidesNoneInAnother() {
    let text = "a: [\n---\n\(Self.smallest.replacing("2.10", with: "''"))\n---\n\(Self.complete)"
    let file = ResourceFile(text, file: "x.yaml")
    #expect(file.diagnostics.map(\.location?.line) == [1, 10])
    #expect(file.diagnostics.map(\.field) == ["", "spec.image.version"])
    #expect(file.resources.map(\.name) == ["everything"])
  }

  @Test func theSameNameTwice() {
    let file = ResourceFile("\(Self.smallest)\n---\n\(Self.smallest)", file: "x.yaml")
    #expect(
      file.diagnostics.map(\.description) == [
        "x.yaml:11:1: error: metadata.name: The FirmwareRollout “fl-100-2-0” is in the file twice, first in line 1.; give one of them another name"
      ])
  }

  /// What is written instead of what in the smallest file, and what is said to it.
  static let flaws: [(replaced: String, by: String, problems: [String])] = [
    (
      "fairlead/v1", "fairlead/v2",
      ["1:13: error: apiVersion: “fairlead/v2” is not known.; write fairlead/v1"]
    ),
    (
      "apiVersion: fairlead/v1", "",
      ["2:1: error: “apiVersion” is missing.; write apiVersion: fairlead/v1"]
    ),
    (
      "apiVersion: fairlead/v1", "apiVersion:",
      ["1:1: error: “apiVersion” is empty.; write apiVersion: fairlead/v1"]
    ),
    (
      "FirmwareRollout", "firmwareRolout",
      ["2:7: error: kind: There is no kind “firmwareRolout”.; write FirmwareRollout"]
    ),
    (
      "FirmwareRollout", "Profile",
      ["2:7: error: kind: There is no kind “Profile”.; write FirmwareRollout or DeviceSwitches"]
    ),
    (
      "kind: FirmwareRollout", "kind: [FirmwareRollout]",
      ["2:7: error: kind: Here a single value is wanted."]
    ),
    (
      "name: fl-100-2-0", "title: x",
      [
        "4:3: error: metadata: There is no member “title” here.; known are name",
        "4:3: error: metadata: “name” is missing.",
      ]
    ),
    (
      "fl-100-2-0", "FL_100",
      [
        "4:9: error: metadata.name: “FL_100” is not a name.; write 1 to 63 lower-case letters, digits and hyphens, no hyphen first or last"
      ]
    ),
    (
      "selector: DeviceInfo.ModelName=FL-100", "selectors: a",
      [
        "6:3: error: spec: There is no member “selectors” here.; did you mean “selector”?",
        "6:3: error: spec: “selector” is missing.; write for example DeviceInfo.ModelName=FL-100,tag=pilot; name=* means every device",
      ]
    ),
    (
      "selector: DeviceInfo.ModelName=FL-100", "selector: ''",
      [
        "6:13: error: spec.selector: The selector is empty.; write for example DeviceInfo.ModelName=FL-100,tag=pilot; name=* means every device"
      ]
    ),
    (
      "selector: DeviceInfo.ModelName=FL-100", "selector: []",
      [
        "6:13: error: spec.selector: The selector is empty.; write for example DeviceInfo.ModelName=FL-100,tag=pilot; name=* means every device"
      ]
    ),
    (
      "selector: DeviceInfo.ModelName=FL-100", "selector: [tag=a, tags=b]",
      [
        "6:21: error: spec.selector[1]: At character 1: “tags” is neither tag, name, online nor a parameter.; did you mean “tag”?"
      ]
    ),
    (
      "selector: DeviceInfo.ModelName=FL-100", "selector: {tag: a}",
      [
        "6:13: error: spec.selector: Here a single value is wanted."
      ]
    ),
    (
      "    version: 2.10\n", "",
      [
        "8:5: error: spec.image: “version” is missing.; write the SoftwareVersion that devices report once they run the image"
      ]
    ),
    (
      "2.10", "null",
      [
        "8:5: error: spec.image: “version” is empty.; write the SoftwareVersion that devices report once they run the image"
      ]
    ),
    (
      "sha256: \(sum)", "file: fw.bin",
      ["8:5: error: spec.image: “sha256” is missing.; write what “sha256sum fw.bin” prints"]
    ),
    (
      sum, "abc",
      [
        "9:13: error: spec.image.sha256: “abc” is not a SHA-256.; write the 64 hexadecimal digits that “sha256sum FILE” prints"
      ]
    ),
    (
      "image:\n    version: 2.10\n    sha256: \(sum)", "image: fw.bin",
      [
        "7:10: error: spec.image: Here members are wanted: file, version, sha256, fileType, targetFileName.; write each on a line of its own, indented, as in “file: …”"
      ]
    ),
    (
      "spec:", "spec:\n  concurrency: 0",
      ["6:16: error: spec.concurrency: “0” is not a number from 1 to 10000."]
    ),
    (
      "spec:", "spec:\n  concurrency: 10001",
      ["6:16: error: spec.concurrency: “10001” is not a number from 1 to 10000."]
    ),
    (
      "spec:", "spec:\n  concurrency: ten",
      ["6:16: error: spec.concurrency: “ten” is not a number from 1 to 10000."]
    ),
    (
      "spec:", "spec:\n  concurency: 1",
      ["6:3: error: spec: There is no member “concurency” here.; did you mean “concurrency”?"]
    ),
    (
      "spec:", "spec:\n  maxFailures: some",
      [
        "6:16: error: spec.maxFailures: “some” is neither a number of devices nor a percentage.; write for example 3 or 1.5%"
      ]
    ),
    (
      "spec:", "spec:\n  retries: 21",
      ["6:12: error: spec.retries: “21” is not a number from 0 to 20."]
    ),
    (
      "spec:", "spec:\n  verify: 10m",
      [
        "6:11: error: spec.verify: Here members are wanted: within.; write each on a line of its own, indented, as in “within: …”"
      ]
    ),
    (
      "spec:", "spec:\n  verify: {}",
      ["6:11: error: spec.verify: “within” is missing.; write for example 10m"]
    ),
    (
      "spec:", "spec:\n  verify: {within: 600}",
      [
        "6:20: error: spec.verify.within: “600” is not a span of time.; write the unit too, for example 600s"
      ]
    ),
    (
      "spec:", "spec:\n  transfer: {within: soon}",
      [
        "6:22: error: spec.transfer.within: “soon” is not a span of time.; write for example 45s, 10m or 1h30m"
      ]
    ),
    (
      "spec:", "spec:\n  transfer: {within: 31d}",
      ["6:22: error: spec.transfer.within: “31d” is outside 1s to 30d."]
    ),
    (
      "spec:", "spec:\n  deadline: tomorrow",
      [
        "6:13: error: spec.deadline: “tomorrow” is not a point in time with its offset.; write for example 2026-12-31T04:00:00Z"
      ]
    ),
    (
      "spec:", "spec:\n  image: {}",
      ["6:3: error: “image” is written more than once in the same place.; keep one of them"]
    ),
    (
      "spec:", "status: x\nspec:",
      ["5:1: error: There is no member “status” here.; known are apiVersion, kind, metadata, spec"]
    ),
    (
      "spec:", "spec: &a",
      [
        "5:7: error: Anchors and aliases are not taken.; write the content out; put a text in which & follows a space in quotes"
      ]
    ),
    ("2.10", "\"a\\nb\"", ["8:14: error: spec.image.version: The text has several lines."]),
    (
      "2.10", "\"a\\0b\"",
      ["8:14: error: spec.image.version: The text has the control character U+0."]
    ),
    (
      "kind: FirmwareRollout", "? [a]\n: b\nkind: FirmwareRollout",
      ["2:3: error: The name of a member is a text."]
    ),
    (
      "kind: FirmwareRollout", "kind: FirmwareRollout\n\tx: y",
      [
        "3:1: error: This is not YAML: found a tab character that violates indentation while scanning a plain scalar.; check the indentation, and put texts with special characters in quotes"
      ]
    ),
  ]

  @Test(arguments: flaws.indices) func tellsWhatIsWrong(index: Int) throws {
    let (replaced, by, problems) = Self.flaws[index]
    try #require(Self.smallest.contains(replaced))
    let file = ResourceFile(Self.smallest.replacing(replaced, with: by, maxReplacements: 1))
    #expect(file.diagnostics.map(\.description) == problems)
    #expect(file.resources == [])
  }

  @Test func severalProblemsAtOnce() {
    let file = ResourceFile(
      """
      apiVersion: v1
      kind: FirmwareRollout
      metadata: {name: -x-}
      spec:
        selector: tag=
        image: {versoin: 2, sha256: x}
        concurrency: many
      """, file: "r.yaml")
    #expect(
      file.diagnostics.map(\.field) == [
        "apiVersion", "metadata.name", "spec.selector", "spec.image", "spec.image",
        "spec.image.sha256", "spec.concurrency",
      ])
    #expect(file.diagnostics.map(\.location?.line) == [1, 3, 5, 6, 6, 6, 7])
    #expect(file.diagnostics.allSatisfy { $0.location?.file == "r.yaml" })
    #expect(file.diagnostics.containsError)
  }

  // MARK: - Hostile files

  @Test(arguments: ["", "\n\n", "# only a comment\n", "---\n", "---\n...\n---\n# x", "\u{FEFF}"])
  func emptyFiles(text: String) {
    #expect(
      ResourceFile(text).diagnostics.map(\.message) == ["The file is empty."],
      "\(text.debugDescription)")
  }

  @Test(arguments: [
    "x", "- a", "~", "a: b", "{", "*a", "!!binary x", "\u{0}", "a: b: c", "''", "? ",
  ])
  func thingsThatAreNoResources(text: String) {
    let file = ResourceFile(text)
    #expect(file.diagnostics.containsError)
    #expect(file.resources.isEmpty)
  }

  @Test func limits() {
    var limits = ResourceLimits()
    limits.maxBytes = 10
    #expect(
      ResourceFile("aaaaaaaaaaa", limits: limits).diagnostics.map(\.message) == [
        "The file has 11 bytes; at most 10 are taken."
      ])
    limits = ResourceLimits()
    limits.maxDocuments = 2
    let documents = (1...3).map { Self.smallest.replacing("fl-100-2-0", with: "r\($0)") }
    let file = ResourceFile(documents.joined(separator: "\n---\n"), limits: limits)
    #expect(file.resources.map(\.name) == ["r1", "r2"])
    #expect(file.diagnostics.map(\.message) == ["The file has more than 2 documents."])
    #expect(ResourceLimits.standard.maxBytes == 256 << 10)
    #expect(ResourceLimits.standard.maxDocuments == 100)
  }

  @Test func selectorsOfAListAreOneTogether() {
    let list = (1...33).map { "tag=t\($0)" }.joined(separator: ", ")
    func problems(_ list: String) -> [String] {
      ResourceFile(Self.smallest.replacing("DeviceInfo.ModelName=FL-100", with: "[\(list)]"))
        .diagnostics.map(\.message)
    }
    #expect(problems(list) == ["There are more than 32 terms."])
    #expect(problems(String(list.dropLast(9))) == [])
  }

  @Test(arguments: ["[", "{a: ", "- ", "? ", "!x ", "\"", "[[", "a:\n"])
  func deepNesting(part: String) {
    let file = ResourceFile(String(repeating: part, count: (64 << 10) / part.utf8.count))
    #expect(file.diagnostics.containsError)
  }

  @Test func nestedAliasesAreNeverExpanded() {
    var text = "a0: &a0 [x, x]\n"
    for level in 1..<40 {
      text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n? *a\(level)\n: x\n"
    }
    #expect(ResourceFile(text).diagnostics.map(\.message) == ["Anchors and aliases are not taken."])
  }

  @Test(arguments: [
    "[&a b, *a]", "{x: &a b}", "{\"x\":&a b}", "- &a b", "&a b", "[b,&a c]", "!!str &a b",
    "x:\n  &a b",
  ])
  func anchorsAreFound(value: String) {
    #expect(
      ResourceFile(value).diagnostics.map(\.message) == ["Anchors and aliases are not taken."])
  }

  @Test(arguments: ["R&D", "a & b", "x=1&y=2", "\"a&b\"", "&"])
  func ampersandsInTexts(text: String) {
    let file = ResourceFile("a: \(text)")
    #expect(!file.diagnostics.contains { $0.message.contains("Anchors") })
  }

  @Test func names() {
    for name in ["a", "a-b", "0", "a--b", String(repeating: "a", count: 63)] {
      #expect(ResourceFile.isName(name), "\(name)")
    }
    for name in ["", "-", "-a", "a-", "A", "a.b", "a_b", "ä", String(repeating: "a", count: 64)] {
      #expect(!ResourceFile.isName(name), "\(name)")
    }
  }
}
