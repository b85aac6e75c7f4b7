import Fleet
import FleetStore
import Logging
import USP

/// What the agent's own table of requests tells about commands whose end nobody has reported: the notification may have been given
/// up while nobody took it, or the subscription to it was not there.
extension AgentConversation {
  /// Looks, where tasks wait for the end of a command, whether the agent shows it; may be called at any time.
  func lookForEnds() async {
    guard !isLookingForEnds, !isClosed, let device, device.hasOpenWork,
      supported.objects[AgentRequest.supportedPath] != nil
    else { return }
    isLookingForEnds = true
    defer { isLookingForEnds = false }
    let store = controller.environment.store
    let before = token
    do {
      let waiting = try await store.openTasks(of: device.deviceID).filter(\.awaitsEndOfCommand)
      guard !waiting.isEmpty else { return }
      let operation = AgentOperation(.get(paths: []), context: context(), ask: asking)
      guard case .success(let requests) = await operation.requests() else { return }
      let own = controller.settings.endpoint.text
      let ends = waiting.compactMap { task in
        task.end(in: requests, of: own).map { (task: task, request: $0) }
      }
      guard !ends.isEmpty else { return }
      // The report of what has just ended may be on its way, and says more than the table does.
      try await Task.sleep(for: .seconds(controller.settings.reportPatience))
      let unchanged = try await store.openTasks(of: device.deviceID)
      for (task, request) in ends where unchanged.contains(task) {
        guard !isClosed, isRecognised, token == before else { return }
        try await end(task, as: request)
      }
    } catch let error as StoreError where error.code == .superseded {
      // Another session of the device has begun; it is looked again later.
    } catch {
      note("whether commands of an agent have ended can't be found out", error)
    }
  }

  /// Ends a task as the table says; what the command brought, nobody knows any more.
  private func end(_ task: DeviceTask, as request: AgentRequest) async throws {
    guard let device else { return }
    let now = controller.environment.now()
    let fault = request.fault
    controller.logger.info(
      "the report that a command has ended was lost",
      metadata: [
        "agent": "\(agentName)", "task": "\(task.id)", "command": "\(request.command)",
        "status": "\(request.status?.rawValue ?? "")",
      ])
    if fault == nil, task.waitingFor == .transfer {
      return try await end(
        TransferReport(commandKey: task.commandKey), affected: request.object, now: now)
    }
    if fault == nil, task.waitingFor == .software {
      try await controller.environment.store.observe(
        SoftwareReport(commandKey: task.commandKey, results: [], isWhole: false),
        of: device.deviceID, session: token, now: now, random: controller.environment.random())
      return noteWork()
    }
    try await controller.environment.store.observe(
      CommandReport(commandKey: task.commandKey, command: request.command, fault: fault),
      of: device.deviceID, session: token, now: now, random: controller.environment.random())
  }
}
