import DeviceModel
import Fleet
import FleetStore
import Hummingbird
import ManagementTypes

/// What devices of some make need differently.
extension ManagementAPI {
  var switchesRoutes: [Route] {
    [
      Route(
        .get, "/switches", .atLeast(.viewer), "Lists the documents of switches",
        answers: [(200, "SwitchesDetailPage")], listSwitches),
      Route(
        .post, "/switches", .atLeast(.operator), "Applies a document of switches",
        query: ["dryRun"], body: "application/yaml",
        answers: [(201, "SwitchesApplied"), (200, "SwitchesApplied")], applySwitches),
      Route(
        .get, "/switches/{name}", .atLeast(.viewer), "Shows a document of switches",
        answers: [(200, "SwitchesDetail"), (304, nil)], getSwitches),
      Route(
        .delete, "/switches/{name}", .atLeast(.operator), "Removes a document of switches",
        answers: [(204, nil)], deleteSwitches),
    ]
  }

  func listSwitches(_ request: Request, _ context: APIContext) async throws -> Response {
    try answer(Page(items: try await store.switches().map { SwitchesDetail($0) }))
  }

  func getSwitches(_ request: Request, _ context: APIContext) async throws -> Response {
    let name = try context.segment("name")
    guard let record = try await store.switches().first(where: { $0.name == name }) else {
      throw Refusal(.notFound, "There are no switches “\(name.prefix(200))”.")
    }
    return try tagged(SwitchesDetail(record), for: request)
  }

  func applySwitches(_ request: Request, _ context: APIContext) async throws -> Response {
    let isDryRun = try request.flag("dryRun")
    var (resource, diagnostics) = try await resource(.deviceSwitches, from: request)
    diagnostics += unknownModel(in: resource)
    let outcome = try await store.applySwitches(
      named: resource.name, document: resource.source, isDryRun: isDryRun, by: context.actor)
    if !isDryRun, outcome != .unchanged { viewChanged() }
    return try answer(
      SwitchesApplied(
        name: resource.name, outcome: outcome.rawValue, diagnostics: diagnostics),
      status: outcome == .created && !isDryRun ? .created : .ok)
  }

  /// A warning where nothing is known of the data model that switches name: it may be imported yet.
  private func unknownModel(in resource: ResourceFile.Resource) -> [Problem.Diagnostic] {
    let catalog = models()
    guard case .deviceSwitches(let spec) = resource.content, let name = spec.switches.dataModel,
      catalog[name] == nil
    else { return [] }
    let known = catalog.models.map(\.name).joined(separator: ", ")
    return [
      Problem.Diagnostic(
        Diagnostic(
          "There is no data model “\(name)”; until it is imported, devices are understood as without it.",
          severity: .warning, hint: "known are \(known)", field: "spec.dataModel",
          location: resource.location))
    ]
  }

  func deleteSwitches(_ request: Request, _ context: APIContext) async throws -> Response {
    try await store.deleteSwitches(named: try context.segment("name"), by: context.actor)
    viewChanged()
    return Response(status: .noContent)
  }
}

extension SwitchesDetail {
  init(_ record: SwitchesRecord) {
    let content = ResourceFile(record.document).resources.first?.content
    var selector = ""
    if case .deviceSwitches(let spec)? = content { selector = spec.selector.description }
    self.init(
      name: record.name, selector: selector, document: record.document,
      appliedBy: record.appliedBy, updatedAt: Timestamp(record.updatedAt))
  }
}

extension SwitchesInForce {
  /// Nil where no document is for the device.
  init?(_ table: DeviceSwitchesTable, for device: DeviceRecord) {
    let (switches, names) = table.inForce(
      for: device.identity, hardwareVersion: device.facts["DeviceInfo.HardwareVersion"],
      softwareVersion: device.facts[Facts.softwareVersion])
    guard !names.isEmpty else { return nil }
    self.init(documents: names, values: Self.values(of: switches))
  }

  /// As documents write them.
  private static func values(of switches: DeviceSwitches) -> [String: JSONValue] {
    var values: [String: JSONValue] = [:]
    values["messages.xmlDeclaration"] = switches.xmlDeclaration.map { .bool($0) }
    values["messages.booleans"] = switches.booleans.map { .string($0.rawValue) }
    values["messages.timeFractions"] = switches.timeFractions.map { .bool($0) }
    values["messages.compression"] = switches.compression.map { .bool($0) }
    values["reading.batchSize"] = switches.batchSize.map { .integer(Int64($0)) }
    values["reading.names"] = switches.nameListing.map { .string($0.rawValue) }
    values["connectionRequests.methods"] = switches.connectionMethods.map {
      .texts($0.map(\.rawValue))
    }
    values["connectionRequests.basic"] = switches.basicConnectionRequests.map { .bool($0) }
    values["dataModel"] = switches.dataModel.map { .string($0) }
    return values
  }
}
