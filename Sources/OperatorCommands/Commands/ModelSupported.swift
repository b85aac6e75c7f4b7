import ArgumentParser
import ManagementTypes

struct ModelSupported: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "supported",
    abstract: "Lists the firmwares of which is known what they support, or shows one.",
    discussion: """
      What a firmware supports is put together from the trees of the first devices that were read with it. \
      OUI-ProductClass@SoftwareVersion names it, or ProductClass@SoftwareVersion where that means only one.

        acsctl model supported
        acsctl model supported SG181@1.0.0
      """)

  @Argument(help: ArgumentHelp("A firmware, to see what it supports.", valueName: "name"))
  var name: String?

  @OptionGroup var list: ListOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let client = try connection.client()
    guard let name else {
      let (models, hasMore) = try await client.list(
        ["supported-models"], limit: list.limit, of: SupportedModelDetail.self)
      try output.show(models, table: { Self.table(models) }, name: \.name)
      if !output.isStructured { list.tellMore(hasMore) }
      return
    }
    let known: SupportedModelItems = try await client.get(["supported-models", name])
    try output.show(known, name: known.model.name) { Self.lines(known) }
  }

  static func table(_ models: [SupportedModelDetail]) -> TextTable {
    let now = currentTime()
    var table = TextTable(
      "NAME", "MANUFACTURER", "PROTOCOL", "OBJECTS", "PARAMETERS", "COMMANDS", "EVENTS", "DEVICES",
      "SEEN")
    for model in models {
      table.add(
        model.name, model.manufacturer, model.protocol, String(model.objects),
        String(model.parameters), String(model.commands), String(model.events),
        String(model.devices), model.seenAt.age(now: now))
    }
    return table
  }

  static func lines(_ known: SupportedModelItems) -> [String] {
    let model = known.model
    var text = Description()
    text.add("Name", model.name)
    text.add("Manufacturer", model.manufacturer)
    text.add("OUI", model.oui)
    text.add("Product class", model.productClass)
    text.add("Software version", model.softwareVersion)
    text.add("Protocol", model.protocol)
    text.add(
      "Supports",
      [
        CountText.count(model.objects, "object"), CountText.count(model.parameters, "parameter"),
        CountText.count(model.commands, "command"), CountText.count(model.events, "event"),
      ].joined(separator: ", ") + (model.isCut ? ", and more than is kept" : ""))
    text.add("From", "\(CountText.count(model.devices, "device")), last seen \(model.seenAt)")
    for announced in model.announced {
      text.add(
        "Announced",
        [announced.url, announced.urn ?? "", announced.uuid ?? ""].filter { !$0.isEmpty }
          .joined(separator: ", ") + (announced.features.map { " (\($0))" } ?? ""))
    }
    var table = TextTable("PATH", "KIND", "ACCESS", "TYPE")
    for item in known.items {
      table.add(item.path, item.kind, item.access ?? "", item.type ?? "")
    }
    return text.lines + [""] + table.lines()
  }
}
