import ArgumentParser
import DeviceModel
import Foundation

extension Model {
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes a data model as one document of facts, without descriptions.",
      discussion: """
        Works without a server. The document is one of TR-106, imports nothing, and has a line for each item; it \
        compiles to the same model. Names, types, bounds, access, references, defaults, keys, commands, events, \
        profiles, versions and status are in it.

          acsctl model export tr-181-2-19-1-cwmp.xml --output facts.xml
        """)

    @Argument(
      help: ArgumentHelp(
        "Documents; the first one that none of the others imports is written.", valueName: "file"),
      completion: .file(extensions: ["xml"]))
    var files: [String]

    @Option(help: ArgumentHelp("The model, for example Device:2.19.", valueName: "name"))
    var model: String?

    @Option(
      help: ArgumentHelp(
        "Where it is written; without it, to standard output.", valueName: "file"),
      completion: .file(extensions: ["xml"]))
    var output: String?

    func run() throws {
      let text = DeviceModel.ModelExport(try ModelFiles.compile(files, model: model)).text
      guard let output, output != "-" else {
        Terminal.write(String(text.dropLast()))
        return
      }
      do {
        try Data(text.utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
      } catch {
        throw CommandFailure(.usage, DisplayText.escaped("“\(output)” can't be written"))
      }
    }
  }
}
