import ArgumentParser
import DeviceModel

struct ModelConform: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conform", abstract: "Compares a device's tree with its data model.",
    discussion: """
      Tells which profiles the device has, what it has beyond the model, and where its types, values, access and rows \
      are not as the model says. It looks at the tree as it was last read; nothing is asked of the device. \
      What is in tables that have no rows at the moment counts as not seen.

        acsctl model conform NAME
        acsctl model conform NAME --model tr-181-2-15-0-cwmp --all
      """)

  @Argument(help: ArgumentHelp("The device.", valueName: "name"))
  var device: String

  @Option(
    help: ArgumentHelp(
      "The data model; without it the one that switches name, that the device announces, or the newest of its root.",
      valueName: "name"))
  var model: String?

  @Flag(help: "Show all that was found, not only the first of each.")
  var all = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  /// What the server gives at the most.
  private static let maximum = 10_000
  private static let few = 10

  func run() async throws {
    let conformance: Conformance = try await connection.client().get(
      ["devices", device, "conformance"],
      .init(["model": model, "limit": String(all ? Self.maximum : Self.few)]))
    try output.show(conformance, name: conformance.model) {
      ConformanceText(
        device: device, shownProfiles: all ? nil : Self.few,
        width: Terminal.width ?? 100
      ).lines(conformance)
    }
  }
}

/// A comparison of a device with its model, for people.
struct ConformanceText {
  let device: String
  /// How many profiles are shown that the device has in part; nil: all.
  let shownProfiles: Int?
  let width: Int

  func lines(_ conformance: Conformance) -> [String] {
    let counts = conformance.counts
    var text = Description()
    text.add("Device", device)
    text.add("Model", "\(conformance.model) (\(conformance.version))")
    if let reason = conformance.reason {
      text.add("Because", reason.words)
      for remark in reason.remarks { text.add("Note", remark) }
    }
    text.add(
      "Tree",
      CountText.count(counts.objects, "object") + ", "
        + CountText.count(counts.parameters, "parameter") + ", "
        + "\(counts.known) of them in the model")
    text.add("In use", "\(counts.itemsInUse) of the model's \(counts.itemsInModel) items")
    if !conformance.isComplete {
      text.add("Note", "the tree was never read as a whole; what seems missing may only be unread")
    }
    return text.lines + profiles(conformance.profiles) + beyond(conformance)
      + section("With another type than the model's", conformance.types)
      + section("With values that the model does not allow", conformance.values)
      + section("To be written, or not, unlike in the model", conformance.access)
      + section("In use and not current", conformance.outdated, found: "STATUS")
      + section("With more or fewer rows than said", conformance.entries)
  }

  // MARK: Profiles

  /// Items of what is missing of a profile, where not all are wanted.
  private static let shownMissing = 2

  private func profiles(_ profiles: [ProfileSupport]) -> [String] {
    let full = Self.newest(profiles.filter { $0.state == .full })
    let unseen = Self.newest(profiles.filter { $0.state == .unseen })
    var lines = names("Profiles in full", full)
    lines += names("Profiles with nothing missing, and not seen in full", unseen)
    let partial = profiles.filter { $0.state == .partial }
    guard !partial.isEmpty else { return lines }
    var table = TextTable("PROFILE", "HAS", "NOT SEEN", "STATUS", "MISSING")
    for profile in partial.prefix(shownProfiles ?? .max) {
      var missing = profile.missingItems.map {
        $0.reason == .absent ? $0.item : "\($0.item) (\($0.reason.words))"
      }
      if shownProfiles != nil {
        missing = [missing.prefix(Self.shownMissing).joined(separator: ", ")]
        let more = profile.missing - Self.shownMissing
        if more > 0 { missing[0] += " and \(more) more" }
      }
      table.add(
        profile.name, "\(profile.met) of \(profile.required)",
        profile.unseen == 0 ? "" : String(profile.unseen), profile.status ?? "",
        missing.first ?? "")
      for item in missing.dropFirst() { table.add("", "", "", "", item) }
    }
    lines += ["", "Profiles in part (\(partial.count)):"] + indented(table)
    let rest = partial.count - (shownProfiles ?? .max)
    return rest > 0 ? lines + ["  … and \(rest) more; --all shows them"] : lines
  }

  private func names(_ title: String, _ profiles: [ProfileSupport]) -> [String] {
    guard !profiles.isEmpty else { return [] }
    var lines = ["", "\(title) (\(profiles.count)):"]
    var line = " "
    for profile in profiles {
      let name =
        DisplayText.escaped(profile.name)
        + (profile.status.map { " (\(DisplayText.escaped($0)))" } ?? "")
      if line.count + name.count + 1 > width, line.count > 1 {
        lines.append(line)
        line = " "
      }
      line += " " + name
    }
    return lines + [line]
  }

  /// Of several versions of a profile the newest.
  private static func newest(_ profiles: [ProfileSupport]) -> [ProfileSupport] {
    func parts(_ profile: ProfileSupport) -> (name: Substring, version: Int) {
      let pieces = profile.name.split(separator: ":", maxSplits: 1)
      return (pieces.first ?? "", pieces.count > 1 ? Int(pieces[1]) ?? 0 : 0)
    }
    var newest: [Substring: Int] = [:]
    for (name, version) in profiles.map(parts) { newest[name] = max(newest[name] ?? 0, version) }
    return profiles.filter { newest[parts($0).name] == parts($0).version }
  }

  // MARK: Findings

  private func beyond(_ conformance: Conformance) -> [String] {
    let vendors = conformance.vendors.map { "\($0.prefix) \($0.paths)" }.joined(separator: ", ")
    return section("Beyond the model, and no vendor's", conformance.unknown)
      + section(
        "Vendors' own" + (vendors.isEmpty ? "" : " (\(DisplayText.escaped(vendors)))"),
        conformance.vendor)
      + section("Of services whose models are not known here", conformance.services)
  }

  private func section(_ title: String, _ findings: Findings, found: String = "FOUND") -> [String] {
    guard findings.items > 0 else { return [] }
    let hasExpected = findings.list.contains { $0.expected != nil }
    let hasFound = hasExpected || findings.list.contains { $0.found != nil }
    let columns = ["ITEM", "PLACES"] + (hasFound ? [found] : []) + (hasExpected ? ["MODEL"] : [])
    var table = TextTable(columns)
    for finding in findings.list {
      table.add([
        finding.paths == 1 ? finding.path : finding.item, String(finding.paths),
        finding.found ?? (hasExpected ? "(not shown)" : ""), finding.expected ?? "",
      ])
    }
    var lines = ["", "\(title): \(CountText.count(findings.items, "item"))"] + indented(table)
    let shown = Set(findings.list.map(\.item)).count
    if shown < findings.items {
      lines.append("  … and \(findings.items - shown) more; --all shows them")
    }
    return lines
  }

  private func indented(_ table: TextTable) -> [String] {
    table.lines().map { "  " + $0 }
  }
}

extension ProfileSupport.Missing.Reason {
  fileprivate var words: String {
    switch self {
    case .absent: "missing"
    case .readOnly: "can't be written"
    case .notCreatable: "rows can't be added"
    }
  }
}
