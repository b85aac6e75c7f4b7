import ArgumentParser
import DeviceModel
import ManagementTypes
import ShippedModels

struct ModelDiff: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Compares two data models, or what two firmwares support.",
    usage: """
      acsctl model diff OLD NEW
      acsctl model diff --of MODEL OLD-VERSION NEW-VERSION
      """,
    discussion: """
      Each of the two is a data model of the server, a document (a file that ends in .xml), or a firmware: \
      OUI-ProductClass@SoftwareVersion. What two firmwares have in tables without rows can't be compared, and is counted.

        acsctl model diff SG181@1.0.0 SG181@2.0.0
        acsctl model diff --of SG181 1.0.0 2.0.0
        acsctl model diff tr-181-2-19-1-cwmp SG181@2.0.0
        acsctl model diff old/acme.xml new/acme.xml

      The exit code is 0 if they are the same and 1 if they differ.
      """)

  @Argument(help: "The old one and the new one.", completion: .file(extensions: ["xml"]))
  var words: [String] = []

  @Option(
    help: ArgumentHelp(
      "The product class, with or without the OUI before it, whose software versions are compared.",
      valueName: "model"))
  var of: String?

  @Flag(help: "Show also what is in objects that have come or gone as a whole.")
  var all = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard words.count == 2 else {
      throw ValidationError(
        of == nil
          ? "name two models: acsctl model diff OLD NEW"
          : "name two versions: acsctl model diff --of MODEL OLD-VERSION NEW-VERSION")
    }
  }

  func run() async throws {
    let difference = try await difference()
    try output.show(difference, name: "\(difference.old) \(difference.new)") {
      ModelDifferenceText(isWhole: all).lines(difference)
    }
    if !difference.isEmpty { throw ExitCode(CommandFailure.Kind.failed.rawValue) }
  }

  private func difference() async throws -> ModelDifference {
    let names = of.map { model in words.map { "\(model)@\($0)" } } ?? words
    guard names.contains(where: Self.isFile) else {
      return try await connection.client().get(
        ["model-differences"], .init(["old": names[0], "new": names[1]]))
    }
    return ModelDifference(from: try await outline(names[0]), to: try await outline(names[1]))
  }

  private static func isFile(_ name: String) -> Bool {
    name.lowercased().hasSuffix(".xml") && !name.contains("@")
  }

  /// What is compared here rather than by the server.
  private func outline(_ name: String) async throws -> ModelOutline {
    if Self.isFile(name) {
      let model = try ModelFiles.compile([name], model: nil)
      return ModelOutline(CatalogedModel(model, name: name, origin: .imported))
    }
    if name.contains("@") {
      let known: SupportedModelItems = try await connection.client().get(
        ["supported-models", name])
      return ModelOutline(known)
    }
    do {
      return try await connection.client().get(["models", name, "outline"])
    } catch let failure as CommandFailure
      where failure.kind == .unreachable || failure.kind == .unauthorized
    {
      // What comes with this program needs no server.
      guard let model = ShippedModels.model(named: name) else { throw failure }
      Terminal.note(
        "acsctl: \(ModelSource.words(failure)); “\(model.name)” is what acsctl brings along")
      return ModelOutline(model)
    }
  }
}

extension ModelOutline {
  fileprivate init(_ known: SupportedModelItems) {
    self.init(
      name: known.model.name,
      items: Dictionary(known.items.map { ($0.path, Item($0)) }) { first, _ in first })
  }
}

extension ModelOutline.Item {
  fileprivate init(_ item: SupportedModelItems.Item) {
    self.init(kind: item.kind)
    aspects[.access] = item.access.map { [$0] }
    aspects[.type] = item.type.map { [$0] }
  }
}

/// A difference of models, for people.
struct ModelDifferenceText {
  /// Whether what is in objects that have come or gone is shown too.
  let isWhole: Bool

  func lines(_ difference: ModelDifference) -> [String] {
    guard !difference.isEmpty else { return ["no difference"] + remark(difference) }
    return [
      DisplayText.escaped("--- \(difference.old)"), DisplayText.escaped("+++ \(difference.new)"),
    ] + items(difference.removed, "-") + items(difference.added, "+")
      + difference.changed.map(Self.line)
      + [
        "\(difference.added.count) added, \(difference.removed.count) removed, \(difference.changed.count) changed"
      ] + remark(difference)
  }

  private func remark(_ difference: ModelDifference) -> [String] {
    difference.unseen == 0
      ? [] : ["\(difference.unseen) not compared: one of the two has no rows there"]
  }

  private func items(_ items: [ModelDifference.Item], _ sign: String) -> [String] {
    var lines: [String] = []
    var next = items.startIndex
    while next < items.endIndex {
      let item = items[next]
      next += 1
      let below =
        item.path.hasSuffix(".") ? items[next...].prefix { $0.path.hasPrefix(item.path) } : []
      var words = [item.kind == "object" ? nil : item.type, item.access].compactMap(\.self)
      if item.kind != "param" { words.insert(item.kind, at: 0) }
      if !isWhole, !below.isEmpty {
        words.append("with \(below.count) below")
        next += below.count
      }
      lines.append(
        DisplayText.escaped(
          "\(sign) \(item.path)\(words.isEmpty ? "" : "  (\(words.joined(separator: ", ")))")"))
    }
    return lines
  }

  private static func line(_ item: ModelDifference.ChangedItem) -> String {
    let changes = item.changes.map { change in
      let aspect = change.aspect.rawValue
      if change.removed.count <= 1, change.added.count <= 1 {
        return "\(aspect) \(change.removed.first ?? "none") → \(change.added.first ?? "none")"
      }
      let words = change.removed.map { "−\($0)" } + change.added.map { "+\($0)" }
      return "\(aspect) \(words.joined(separator: " "))"
    }
    return DisplayText.escaped("~ \(item.path)  \(changes.joined(separator: "; "))")
  }
}
