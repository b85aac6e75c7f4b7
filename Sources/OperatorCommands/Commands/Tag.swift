import ArgumentParser
import ManagementTypes

struct Tag: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Adds tags to a device and removes others.",
    usage: "acsctl tag NAME +TAG -TAG ...")

  @Argument(help: "The device's name, then +TAG to add and -TAG (or TAG-) to remove.")
  var words: [String] = []

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  private func changes() throws(ValidationError) -> (device: String, TagChanges) {
    guard let device = words.first, !device.hasPrefix("+"), !device.hasPrefix("-") else {
      throw ValidationError("no device given: write its NAME first")
    }
    do { return (device, try TagChanges(Array(words.dropFirst()))) } catch {
      throw ValidationError(error)
    }
  }

  func validate() throws { _ = try changes() }

  func run() async throws {
    let (device, changes) = try changes()
    let detail: DeviceDetail = try await connection.client().patch(
      ["devices", device],
      body: DevicePatch(
        addTags: changes.added.isEmpty ? nil : changes.added,
        removeTags: changes.removed.isEmpty ? nil : changes.removed))
    try output.show(detail, name: detail.name) {
      let tags = detail.tags.isEmpty ? "no tags" : detail.tags.joined(separator: ", ")
      return [DisplayText.escaped("\(detail.name): \(tags)")]
    }
  }
}
