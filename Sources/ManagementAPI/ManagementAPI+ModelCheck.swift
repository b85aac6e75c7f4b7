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
    let model = models().model(root: device.root, protocolName: device.protocolName)?.model
    guard !isForced else { return Self.forced(operation, model) }
    let tree = Dictionary(
      try await store.tree(of: device.id).map { ($0.path, $0) }, uniquingKeysWith: { $1 })
    return try Self.checked(operation, by: DeviceKnowledge(model: model) { tree[$0] })
  }

  /// An order to many devices, which is judged by the model of the root that its paths have.
  func fitting(_ operation: Fleet.Operation, isForced: Bool) throws -> Fleet.Operation {
    guard operation.isJudgedByModels else { return operation }
    let root = operation.paths.first.map { String($0.prefix { $0 != "." }) + "." } ?? "Device."
    let model = models().model(root: root, protocolName: "cwmp")?.model
    return isForced
      ? Self.forced(operation, model)
      : try Self.checked(operation, by: DeviceKnowledge(model: model))
  }

  private static func forced(_ operation: Fleet.Operation, _ model: DataModel?) -> Fleet.Operation {
    let operation = operation.forced
    return model.map { operation.typed(by: $0) } ?? operation
  }

  private static func checked(
    _ operation: Fleet.Operation, by knowledge: DeviceKnowledge
  ) throws -> Fleet.Operation {
    let problems = operation.problems(by: knowledge).map(Problem.Diagnostic.init)
    guard let first = problems.first else {
      return knowledge.model.map { operation.typed(by: $0) } ?? operation
    }
    throw Refusal(
      .modelMismatch,
      "\(first.message) Send “force”: true if the device is known to take it all the same.",
      diagnostics: problems)
  }
}
