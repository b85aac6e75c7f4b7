import DeviceModel
import Fleet
import FleetStore
import Hummingbird
import ManagementTypes

/// Devices against their data models, and what their firmwares support.
extension ManagementAPI {
  var conformanceRoutes: [Route] {
    [
      Route(
        .get, "/devices/{name}/model", .atLeast(.viewer),
        "Tells by which data model a device is understood, and why",
        answers: [(200, "ChosenModel")],
        getDeviceModel),
      Route(
        .get, "/devices/{name}/conformance", .atLeast(.viewer),
        "Compares a device's stored tree with its data model, or with another",
        query: ["model", "limit"], answers: [(200, "Conformance")], getConformance),
      Route(
        .get, "/supported-models", .atLeast(.viewer),
        "Lists the firmwares of which is known what they support", query: Self.paging,
        answers: [(200, "SupportedModelDetailPage")], listSupportedModels),
      Route(
        .get, "/supported-models/{name}", .atLeast(.viewer), "Shows what a firmware supports",
        answers: [(200, "SupportedModelItems"), (304, nil)], getSupportedModel),
      Route(
        .get, "/model-differences", .atLeast(.viewer),
        "Compares two data models, or what two firmwares support, or one of each",
        query: ["old", "new"], answers: [(200, "ModelDifference")], compareModels),
    ]
  }

  // MARK: Conformance

  /// Items in each list of a comparison at the most.
  private static let maximumFindings = 10_000

  func getConformance(_ request: Request, _ context: APIContext) async throws -> Response {
    let limit = try request.number("limit", in: 0...Self.maximumFindings, default: 100)
    let device = try await device(context)
    let catalog = models()
    let tree = try await store.tree(of: device.id)
    let chosen = try chosenModel(
      of: device, tree: tree, named: try request.query("model"), in: catalog)
    let isComplete = device.readAt != nil
    let conformance = await ModelShelf.offLoops {
      Conformance(
        of: tree.lazy.map { ObservedItem($0) }, with: chosen.model, because: chosen.reason,
        services: catalog.services, isComplete: isComplete, limit: limit)
    }
    return try answer(conformance)
  }

  func getDeviceModel(_ request: Request, _ context: APIContext) async throws -> Response {
    let device = try await device(context)
    let chosen = try chosenModel(
      of: device, tree: try await store.tree(of: device.id), named: nil, in: models())
    return try answer(
      ChosenModelDetail(
        name: chosen.model.name, version: chosen.model.model.name, reason: chosen.reason))
  }

  /// - Parameter name: by whoever asks; nil where the choice is the server's.
  private func chosenModel(
    of device: DeviceRecord, tree: [StoredParameter], named name: String?, in catalog: ModelCatalog
  ) throws -> ChosenModel {
    if let name {
      let model = try Self.model(named: name, in: catalog)
      return ChosenModel(model, because: ModelReason(.requested, "it was asked for"))
    }
    guard !device.protocolName.isEmpty else {
      throw Refusal(
        .conflict, "The device has never called, so that nothing is known of its data model.")
    }
    let (chosen, remarks) = choice(for: device, tree: tree)
    guard let chosen else {
      throw Refusal(
        .conflict,
        (["There is no data model for the root “\(device.root)” of the device."]
          + remarks.map { "Besides, \($0)." }).joined(separator: " "))
    }
    return chosen
  }

  // MARK: Supported models

  func listSupportedModels(_ request: Request, _ context: APIContext) async throws -> Response {
    let limit = try limit(of: request)
    let records = try await store.supportedModels(
      after: try request.query("cursor") ?? "", limit: limit + 1)
    return try answer(
      Page(records, limit: limit) {
        $0.name
      } _: {
        SupportedModelDetail($0)
      })
  }

  func getSupportedModel(_ request: Request, _ context: APIContext) async throws -> Response {
    let (record, model) = try await store.supportedModel(named: try context.segment("name"))
    return try tagged(
      SupportedModelItems(
        model: SupportedModelDetail(record), items: model.items.map { .init($0) }), for: request)
  }

  func compareModels(_ request: Request, _ context: APIContext) async throws -> Response {
    guard let old = try request.query("old"), let new = try request.query("new") else {
      throw Refusal(.badRequest, "“old” and “new” name what is to be compared.")
    }
    let before = try await outline(named: old)
    let after = try await outline(named: new)
    return try answer(
      await ModelShelf.offLoops { ModelDifference(from: before, to: after) })
  }

  /// A data model, or what a firmware supports, whose names have an @.
  private func outline(named name: String) async throws -> ModelOutline {
    guard name.contains("@") else {
      let catalog = models()
      let model = try Self.model(named: name, in: catalog)
      return await ModelShelf.offLoops { ModelOutline(model) }
    }
    let (record, model) = try await store.supportedModel(named: name)
    return ModelOutline(model, name: record.name)
  }
}

extension ObservedItem {
  init(_ parameter: StoredParameter) {
    self.init(
      path: parameter.path, value: parameter.value,
      type: parameter.value == nil ? nil : parameter.type.primitive,
      isWritable: parameter.writable, isSecret: ParameterPath.isSecret(parameter.path))
  }
}

extension ModelOutline {
  init(_ model: SupportedModel, name: String) {
    self.init(
      name: name,
      items: Dictionary(model.items.map { ($0.path, Item($0)) }) { first, _ in first })
  }
}

extension ModelOutline.Item {
  fileprivate init(_ item: SupportedItem) {
    self.init(kind: item.kind.rawValue)
    aspects[.access] = item.access.map { [$0.rawValue] }
    aspects[.type] = item.type.map { [$0.rawValue] }
  }
}

extension SupportedModelDetail {
  init(_ record: SupportedModelRecord) {
    self.init(
      name: record.name, manufacturer: record.manufacturer, oui: record.oui,
      productClass: record.productClass, softwareVersion: record.softwareVersion,
      protocol: record.protocolName, root: record.root, objects: record.objects,
      parameters: record.parameters, commands: record.commands, events: record.events,
      isCut: record.isCut,
      announced: record.announced.map {
        Announced(url: $0.url, urn: $0.urn, uuid: $0.uuid, features: $0.features)
      }, devices: record.devices, createdAt: Timestamp(record.createdAt),
      updatedAt: Timestamp(record.updatedAt), seenAt: Timestamp(record.seenAt))
  }
}

extension SupportedModelItems.Item {
  init(_ item: SupportedItem) {
    self.init(
      path: item.path, kind: item.kind.rawValue, access: item.access?.rawValue,
      type: item.type?.rawValue)
  }
}
