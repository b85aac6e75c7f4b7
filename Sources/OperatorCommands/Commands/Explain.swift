import ArgumentParser
import ManagementTypes

struct Explain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Explains an object, parameter, command or event of a data model.",
    discussion: """
      Instances are written as numbers, * or {i}; the last dot of an object may be left out. The model is the \
      server's, or that of --file; without a server it is the one that acsctl brings along.

        acsctl explain Device.WiFi.SSID.1.Enable
        acsctl explain Device.WiFi. --recursive
        acsctl explain 'Device.Reboot()' --model tr-181-2-19-1-usp
        acsctl explain Device.X_ACME_Led. --file acme.xml
        acsctl explain Device.WiFi. --device 00D09E-Box-1
      """)

  @Argument(
    help: ArgumentHelp("What to explain; nothing: what is at the top.", valueName: "path"),
    completion: PathCompletion.paths)
  var path = ""

  @Flag(help: "Show all that is in it, at any depth.")
  var recursive = false

  @OptionGroup var source: ModelSourceOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let source = try await source.source(for: path)
    let item = try await source.item(path, isRecursive: recursive)
    try output.show(item, name: item.path) {
      ModelText.lines(
        item, model: source.title, isRecursive: recursive,
        width: output.isWide ? nil : Terminal.width)
    }
  }
}
