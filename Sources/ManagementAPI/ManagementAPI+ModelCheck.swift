import DeviceModel
import Fleet
import FleetStore
import ManagementTypes

/// Orders against what is known of devices before anything is asked of them.
extension ManagementAPI {
  /// An order to one device as it is queued: with the types that the device's model has.
  ///
  /// - Throws: ``Refusal`` where the device's tree or its data model have something against it, unless it is forced.
  func fitting(
    _ operation: Fleet.Operation, for name: String, isForced: Bool
  ) async throws -> Fleet.Operation {
    guard operation.isJudgedByModels, let device = try await store.device(named: name) else {
      return operation
    }
    let stored = try await store.tree(of: device.id)
    let chosen = choice(for: device, tree: stored).chosen
    let model = chosen?.model.model
    guard !isForced else { return Self.forced(operation, model) }
    let tree = Dictionary(stored.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
    return try Self.checked(
      operation, by: DeviceKnowledge(model: model) { tree[$0] }, chosen: chosen)
  }

  /// An order to many devices, which is judged by the models of the root that its paths have, each protocol's: what one of them takes
  /// is for the devices to refuse.
  func fitting(_ operation: Fleet.Operation, isForced: Bool) throws -> Fleet.Operation {
    guard operation.isJudgedByModels else { return operation }
    let root = operation.paths.first.map { String($0.prefix { $0 != "." }) + "." } ?? "Device."
    let catalog = models()
    let known = ["cwmp", "usp"].compactMap {
      catalog.model(root: root, protocolName: $0)?.model
    }
    let fitting = known.first {
      operation.problems(by: DeviceKnowledge(model: $0)).isEmpty
    }
    let model = fitting ?? known.first
    return isForced
      ? Self.forced(operation, model)
      : try Self.checked(operation, by: DeviceKnowledge(model: model))
  }

  /// The data model by which a device is understood, and what of the ways to it led nowhere.
  func choice(for device: DeviceRecord, tree: [StoredParameter]) -> (
    chosen: ChosenModel?, remarks: [String]
  ) {
    models().model(
      root: device.root, protocolName: device.protocolName,
      named: switches().namedModel(
        for: device.identity, hardwareVersion: device.facts["DeviceInfo.HardwareVersion"],
        softwareVersion: device.facts[Facts.softwareVersion]),
      announced: AnnouncedModel.all(in: tree))
  }

  private static func forced(_ operation: Fleet.Operation, _ model: DataModel?) -> Fleet.Operation {
    let operation = operation.forced
    return model.map { operation.typed(by: $0) } ?? operation
  }

  /// - Parameter chosen: how the model came to be the device's; nil where the order is not to one device.
  private static func checked(
    _ operation: Fleet.Operation, by knowledge: DeviceKnowledge, chosen: ChosenModel? = nil
  ) throws -> Fleet.Operation {
    let problems = operation.problems(by: knowledge).map(Problem.Diagnostic.init)
    guard let first = problems.first else {
      return knowledge.model.map { operation.typed(by: $0) } ?? operation
    }
    let model =
      chosen.map { " The data model is “\($0.model.name)”: \($0.reason.words)." } ?? ""
    throw Refusal(
      .modelMismatch,
      "\(first.message)\(model) Send “force”: true if the device is known to take it all the same.",
      diagnostics: problems)
  }
}
