import ArgumentParser
import DeviceModel
import Foundation
import ManagementTypes

struct ModelList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the data models that the server knows.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let page: Page<ModelDetail> = try await connection.client().get(["models"])
    try output.show(page.items, table: { Self.table(page.items) }, name: \.name)
  }

  private static func table(_ models: [ModelDetail]) -> TextTable {
    var table = TextTable(
      "NAME", "MODEL", "OBJECTS", "PARAMETERS", "COMMANDS", "EVENTS", "PROFILES", "TEXT", "ORIGIN")
    for model in models {
      let origin = model.importedBy.map {
        "imported by \($0), \(model.importedAt.age(now: currentTime()))"
      }
      table.add(
        model.name, model.model, String(model.objects), String(model.parameters),
        String(model.commands), String(model.events), String(model.profiles),
        model.hasDescriptions ? "yes" : "no", origin ?? model.origin)
    }
    return table
  }
}

struct ModelImport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Brings a data model to the server.",
    discussion: """
      Documents that are imported are looked for beside those that are given, and sent along. A model of the name of \
      one that is there takes its place; with the official document of one that came with the server, its items are \
      explained in words.

        acsctl model import tr-181-2-19-1-cwmp-full.xml
        acsctl model import acme-extensions.xml --as acme-2.4
      """)

  @Argument(
    help: ArgumentHelp(
      "Documents; the first one that none of the others imports is meant.", valueName: "file"),
    completion: .file(extensions: ["xml"]))
  var files: [String]

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp("Under which name; without it, that of its document.", valueName: "name"))
  var name: String?

  @Option(
    help: ArgumentHelp("Which model of the documents, for example Device:2.19.", valueName: "name"))
  var model: String?

  @Flag(help: "Only tell what would be done, and what is odd in the documents.")
  var dryRun = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    var documents = ModelFiles()
    for path in files { try documents.read(path) }
    documents.readImports()
    guard documents.diagnostics.isEmpty else {
      throw CommandFailure(
        .usage,
        documents.diagnostics.map { DisplayText.escaped($0.description) }.joined(separator: "\n"))
    }
    let main = try documents.main(model: model)
    let needed = documents.library.needed(by: main).subtracting([main])
    let body = NewModel(
      files: ([main] + needed.sorted()).compactMap { file in
        documents.contents[file].map { NewModel.File(name: file, content: $0) }
      })
    let answer: ModelImported = try await connection.client().post(
      ["models"],
      .init(["name": name, "model": model, "dryRun": dryRun ? "true" : nil]), body: body)
    for (number, diagnostic) in answer.diagnostics.enumerated() {
      let line = CommandFailure.line(diagnostic, file: nil)
      Terminal.note(DisplayText.escaped("\(number + 1). \(line)"))
    }
    try output.show(answer, name: answer.model.name) {
      let model = answer.model
      let outcome = dryRun ? "would be \(answer.outcome)" : answer.outcome
      return [
        DisplayText.escaped(
          "model/\(model.name): \(outcome) (\(model.model), \(CountText.counts(of: model)), \(CountText.count(body.files.count, "document")))"
        )
      ]
    }
  }
}

/// Numbers with what they count.
enum CountText {
  /// For example `873 objects, 7343 parameters`; what there is none of is left out.
  static func counts(of model: ModelDetail) -> String {
    [
      (model.objects, "object"), (model.parameters, "parameter"), (model.commands, "command"),
      (model.events, "event"), (model.profiles, "profile"),
    ].filter { $0.0 > 0 }.map { count($0, $1) }.joined(separator: ", ")
  }

  static func count(_ number: Int, _ word: String) -> String {
    "\(number) \(word)\(number == 1 ? "" : "s")"
  }
}

struct ModelRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Removes imported data models.",
    usage: "acsctl model remove NAME ... [--yes]")
  @OptionGroup var options: RemovalOptions
  func run() async throws {
    try await options.remove("model") { name, _ in ["models", name] }
  }
}

struct ModelSearchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Finds items of a data model by words in their paths and descriptions.",
    discussion: """
      All words have to be there, in whatever case. Those that are called so come first. Descriptions are known of \
      imported models only.

        acsctl model search channel bandwidth
        acsctl model search "dhcp option" --file tr-181-2-19-1-usp-full.xml
      """)

  @Argument(help: ArgumentHelp("What to search for.", valueName: "word"))
  var words: [String]

  @OptionGroup var list: ListOptions
  @OptionGroup var source: ModelSourceOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let query = words.joined(separator: " ")
    let (items, hasMore) = try await source.source(for: query).search(query, limit: list.limit)
    try output.show(
      items, table: { Self.table(items) }, width: Terminal.width, name: \.path)
    if !output.isStructured { list.tellMore(hasMore) }
  }

  private static func table(_ items: [ModelItemSummary]) -> TextTable {
    var table = TextTable("PATH", "KIND", "TYPE", "WHAT")
    for item in items {
      table.add(item.path, item.kind, item.type ?? "", ModelText.remark(item))
    }
    return table
  }
}
