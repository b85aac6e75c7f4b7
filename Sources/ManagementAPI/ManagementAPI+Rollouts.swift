import Fleet
import FleetStore
import HTTPTypes
import Hummingbird
import ManagementTypes

extension ManagementAPI {
  func listRollouts(_ request: Request, _ context: APIContext) async throws -> Response {
    let limit = try limit(of: request)
    let records = try await store.rollouts(before: try request.keyCursor(), limit: limit + 1)
    return try answer(
      Page(records, limit: limit) {
        String($0.id)
      } _: { record in
        var detail = RolloutDetail(record)
        detail.document = nil
        return detail
      })
  }

  func getRollout(_ request: Request, _ context: APIContext) async throws -> Response {
    try tagged(try await rollout(context), for: request)
  }

  func rollout(_ context: APIContext) async throws -> RolloutDetail {
    let name = try context.segment("name")
    guard let record = try await store.rollout(named: name) else {
      throw Refusal(.notFound, "There is no rollout “\(name.prefix(200))”.")
    }
    return RolloutDetail(record)
  }

  func applyRollout(_ request: Request, _ context: APIContext) async throws -> Response {
    let isDryRun = try request.flag("dryRun")
    let (resource, warnings) = try await resource(.firmwareRollout, from: request)
    guard case .firmwareRollout(let spec) = resource.content else {
      throw Refusal(.invalidDocument, "The document is no rollout.")
    }
    var diagnostics = warnings
    let application: RolloutApplication
    do {
      application = try await store.applyRollout(
        named: resource.name, spec, document: resource.source, isDryRun: isDryRun,
        by: context.actor)
    } catch let error as StoreError where error.code == .invalid || error.code == .notFound {
      throw Refusal(
        .invalidDocument, "The rollout can't be applied: \(error.message).",
        diagnostics: [Problem.Diagnostic(error: error.message, at: resource.location)])
    }
    if !application.isImageStored {
      diagnostics.append(
        .init(
          severity: "warning",
          message: "spec.image: there is no file with the SHA-256 \(spec.image.sha256) yet"))
    }
    let isNew = application.outcome == .created && !isDryRun
    if isNew {
      // The first devices need not wait for the next round.
      for device in (try? await store.advanceRollouts(now: now())) ?? [] { wake(device) }
    }
    return try answer(
      RolloutApplied(
        name: resource.name, outcome: application.outcome.rawValue, targets: application.targets,
        diagnostics: diagnostics), status: isNew ? .created : .ok)
  }

  func listTargets(_ request: Request, _ context: APIContext) async throws -> Response {
    let limit = try limit(of: request)
    var state: RolloutTarget.State?
    if let text = try request.query("state") {
      guard let known = RolloutTarget.State(rawValue: text) else {
        throw Refusal(
          .badRequest,
          "“state” is one of \(RolloutTarget.State.allCases.map(\.rawValue).joined(separator: ", "))."
        )
      }
      state = known
    }
    let name = try await rollout(context).name
    let records = try await store.rolloutTargets(
      of: name, state: state, after: try request.keyCursor(), limit: limit + 1)
    return try answer(
      Page(records, limit: limit) {
        String($0.deviceID)
      } _: { record in
        RolloutTargetDetail(
          device: record.deviceName, state: record.state.rawValue, task: record.task,
          fromVersion: record.fromVersion, detail: record.detail,
          updatedAt: Timestamp(record.updatedAt))
      })
  }

  func pauseRollout(_ request: Request, _ context: APIContext) async throws -> Response {
    try await store.pauseRollout(named: try context.segment("name"), by: context.actor)
    return try answer(try await rollout(context))
  }

  func resumeRollout(_ request: Request, _ context: APIContext) async throws -> Response {
    try await store.resumeRollout(named: try context.segment("name"), by: context.actor)
    return try answer(try await rollout(context))
  }

  func cancelRollout(_ request: Request, _ context: APIContext) async throws -> Response {
    try await store.cancelRollout(named: try context.segment("name"), by: context.actor)
    return try answer(try await rollout(context))
  }

  func deleteRollout(_ request: Request, _ context: APIContext) async throws -> Response {
    try await store.deleteRollout(named: try context.segment("name"), by: context.actor)
    return Response(status: .noContent)
  }
}

extension RolloutDetail {
  init(_ record: RolloutRecord) {
    self.init(
      name: record.name, state: record.state.rawValue, reason: record.reason,
      selector: record.spec.selector.description, version: record.spec.image.version,
      file: record.spec.image.sha256,
      counts: Counts(
        pending: record.counts.pending, preparing: record.counts.preparing,
        prepared: record.counts.prepared, active: record.counts.active, done: record.counts.done,
        skipped: record.counts.skipped, failed: record.counts.failed,
        cancelled: record.counts.cancelled), appliedBy: record.appliedBy,
      createdAt: Timestamp(record.createdAt), endedAt: record.endedAt.map { Timestamp($0) },
      document: record.document)
  }
}
