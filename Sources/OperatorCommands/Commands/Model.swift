import ArgumentParser
import DeviceModel
import Foundation

struct Model: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Reads data models of the Broadband Forum and of vendors, and brings them to the server.",
    subcommands: [
      ModelList.self, ModelImport.self, ModelRemove.self, ModelSearchCommand.self,
      ModelConform.self, ModelSupported.self, ModelDiff.self, Export.self, Dump.self,
    ])
}

extension Model {
  struct Dump: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints the items of a data model with all that they inherit.",
      discussion: """
        Works without a server. Documents that are imported are looked for beside those that are given. \
        What is wrong with the documents is told on standard error, with file and line; what is unambiguous is printed \
        all the same.

        The columns: path, kind, access, primitive, list, sizes, ranges, enums, units, status, version. Lists are JSON; \
        an absent value is empty.
        """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
      case tsv, json
    }

    @Argument(
      help: ArgumentHelp(
        "Documents; the first one that none of the others imports is printed.", valueName: "file"),
      completion: .file(extensions: ["xml"]))
    var files: [String]

    @Option(help: ArgumentHelp("The model, for example Device:2.19.", valueName: "name"))
    var model: String?

    @Option(help: ArgumentHelp("How the items are printed: tsv or json.", valueName: "format"))
    var format = Format.tsv

    func run() throws {
      let compiled = try ModelFiles.compile(files, model: model)
      let table = ModelTable(compiled)
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
      switch format {
      case .tsv: Terminal.write(try table.lines(encoder))
      case .json:
        Terminal.write(String(decoding: try encoder.encode(table.rows), as: UTF8.self))
      }
    }
  }
}

extension ModelTable {
  /// The header, then a line a row; values stand between tabs.
  fileprivate func lines(_ encoder: JSONEncoder) throws -> [String] {
    func json(_ value: (some Encodable)?) throws -> String {
      guard let value else { return "" }
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
    return try [Self.columns.joined(separator: "\t")]
      + rows.map { row in
        try [
          row.path, row.kind, row.access ?? "", row.primitive ?? "", row.list ?? "",
          json(row.sizes), json(row.ranges), json(row.enums), row.units ?? "", row.status,
          row.version ?? "",
        ].map { $0.replacing("\t", with: " ").replacing("\n", with: " ") }
          .joined(separator: "\t")
      }
  }
}
