import Fleet
import FleetStore
import Foundation
import HTTPTypes
import Hummingbird
import ManagementTypes

extension ManagementAPI {
  func listTasks(_ request: Request, _ context: APIContext) async throws -> Response {
    try await listTasks(of: nil, request)
  }

  func listDeviceTasks(_ request: Request, _ context: APIContext) async throws -> Response {
    try await listTasks(of: try await deviceID(context), request)
  }

  private func listTasks(of device: Device.ID?, _ request: Request) async throws -> Response {
    let filter: TaskFilter
    switch try request.query("state") {
    case nil: filter = .all
    case "open": filter = .open
    case let text?:
      guard let state = DeviceTask.State(rawValue: text) else {
        throw Refusal(
          .badRequest,
          "“state” is open or one of \(DeviceTask.State.allCases.map(\.rawValue).joined(separator: ", "))."
        )
      }
      filter = .state(state)
    }
    let limit = try limit(of: request)
    let records = try await store.tasks(
      of: device, filter, before: try request.keyCursor(), limit: limit + 1)
    let show = await taskView(of: records)
    return try answer(
      Page(records, limit: limit) {
        String($0.task.id)
      } _: {
        try show($0)
      })
  }

  /// What shows tasks as they are now.
  private func taskView(of records: [TaskRecord]) async -> (TaskRecord) throws -> TaskDetail {
    let queued = Set(records.lazy.filter { $0.task.state == .queued }.map(\.task.deviceID))
    let requests = queued.isEmpty ? [:] : await callRequests(queued)
    let now = now()
    return { record in
      try TaskDetail(record, request: requests[record.task.deviceID] ?? .none, now: now)
    }
  }

  private func detail(_ record: TaskRecord) async throws -> TaskDetail {
    try await taskView(of: [record])(record)
  }

  func createTask(_ request: Request, _ context: APIContext) async throws -> Response {
    let body = try await decode(NewTask.self, from: request)
    let name = try context.segment("name")
    try Self.checkConfirmation(of: body.order, body.confirmed)
    var task = try await taskRequest(
      body.order, dueAt: body.dueAt, expiresIn: body.expiresIn, maxAttempts: body.maxAttempts)
    task.operation = try await fitting(task.operation, for: name, isForced: body.force ?? false)
    let record = try await store.createTask(for: name, task, by: context.actor)
    if body.connect ?? true { wake(record.task.deviceID) }
    var response = try answer(try await detail(record), status: .created)
    response.headers[.location] = "\(request.uri.path)/\(record.task.id)"
    return response
  }

  func createTasks(_ request: Request, _ context: APIContext) async throws -> Response {
    let body = try await decode(NewTasks.self, from: request)
    let selector = try selector(body.selector)
    guard !selector.terms.isEmpty else {
      throw Refusal(
        .invalidSelector, "An empty selector means every device; write name=* if that is meant.")
    }
    let limit = body.limit ?? configuration.defaultTaskLimit
    guard (1...configuration.maximumTaskLimit).contains(limit) else {
      throw Refusal(
        .invalidBody, "“limit” is a number from 1 to \(configuration.maximumTaskLimit).")
    }
    if body.dryRun != true { try Self.checkConfirmation(of: body.order, body.confirmed) }
    var task = try await taskRequest(
      body.order, dueAt: body.dueAt, expiresIn: body.expiresIn, maxAttempts: body.maxAttempts)
    task.operation = try fitting(task.operation, isForced: body.force ?? false)
    if body.dryRun ?? false {
      return try answer(
        TasksCreated(matched: try await store.deviceCount(matching: selector), tasks: []))
    }
    let devices = try await store.deviceIDs(matching: selector, limit: limit + 1)
    guard devices.count <= limit else {
      throw Refusal(
        .tooManyMatches,
        "The selector matches \(try await store.deviceCount(matching: selector)) devices; the limit is \(limit)."
      )
    }
    let created = try await store.createTasks(
      for: devices, task, selector: selector.description, by: context.actor)
    let names = Dictionary(
      uniqueKeysWithValues: try await store.devices(created.map(\.device)).map {
        ($0.id, $0.identity.name)
      })
    if body.connect ?? true { for task in created { wake(task.device) } }
    return try answer(
      TasksCreated(
        matched: devices.count,
        tasks: created.compactMap { task in
          names[task.device].map { .init(device: $0, id: task.task) }
        }), status: .created)
  }

  func getTask(_ request: Request, _ context: APIContext) async throws -> Response {
    let name = try context.segment("name")
    let id = try taskID(context)
    let wait = try request.number("wait", in: 0...configuration.maximumWait, default: 0)
    let clock = ContinuousClock()
    let end = clock.now + .seconds(wait)
    while true {
      guard let record = try await store.task(id, of: name) else {
        throw Refusal(.notFound, "The device “\(name.prefix(200))” has no task \(id).")
      }
      let rest = end - clock.now
      guard record.task.state.isOpen, rest > .zero else {
        return try tagged(try await detail(record), for: request)
      }
      try await clock.sleep(for: min(.seconds(configuration.pollInterval), rest))
    }
  }

  func cancelTask(_ request: Request, _ context: APIContext) async throws -> Response {
    let record = try await store.cancelTask(
      try taskID(context), of: try context.segment("name"), by: context.actor)
    return try answer(try await detail(record))
  }

  private func taskID(_ context: APIContext) throws -> DeviceTask.ID {
    guard let id = DeviceTask.ID(try context.segment("id")), id > 0 else {
      throw Refusal(.badRequest, "The key of a task is a number.")
    }
    return id
  }

  private static func checkConfirmation(of order: TaskOrder, _ isConfirmed: Bool?) throws {
    let paths = order.mayShutOut
    guard !paths.isEmpty, isConfirmed != true else { return }
    throw Refusal(
      .confirmationNeeded,
      "A wrong value of \(paths.joined(separator: ", ").prefix(400)) keeps the device from ever calling again; send “confirmed”: true if it is meant."
    )
  }

  /// Seconds that an order may be put off or live at the most.
  private static let longestTime = 366 * 86_400

  /// What the body of a request orders, checked.
  private func taskRequest(
    _ order: TaskOrder, dueAt: Timestamp?, expiresIn: Int?, maxAttempts: Int?
  ) async throws -> TaskRequest {
    let operation = try Self.operation(order)
    for file in operation.storedFiles where try await store.file(sha256: file) == nil {
      throw Refusal(.invalidOperation, "There is no file with the SHA-256 \(file).")
    }
    let now = now()
    let due = max(now, dueAt?.secondsSince1970 ?? now)
    guard due - now <= Double(Self.longestTime) else {
      throw Refusal(.invalidBody, "“dueAt” is more than a year away.")
    }
    let policy = store.settings.policy
    let lifetime = expiresIn ?? Int(policy.lifetime(of: operation.kind))
    guard (1...Self.longestTime).contains(lifetime) else {
      throw Refusal(.invalidBody, "“expiresIn” is a number from 1 to \(Self.longestTime).")
    }
    let attempts = maxAttempts ?? policy.maxAttempts
    guard (1...100).contains(attempts) else {
      throw Refusal(.invalidBody, "“maxAttempts” is a number from 1 to 100.")
    }
    return TaskRequest(
      operation: operation, dueAt: due, deadline: due + Double(lifetime), maxAttempts: attempts)
  }

  static func operation(_ order: TaskOrder) throws -> Fleet.Operation {
    guard let kind = OperationKind(rawValue: order.kind) else {
      throw Refusal(
        .invalidOperation,
        "There is no operation “\(order.kind.prefix(64))”; known are \(OperationKind.allCases.map(\.rawValue).joined(separator: ", "))."
      )
    }
    let arguments = try APIJSON.encode(order.withTextValues.arguments)
    let problems: [Diagnostic]
    do throws(FleetError) {
      let operation = try Fleet.Operation(kind: kind, argumentsJSON: arguments)
      problems = operation.validate()
      if !problems.containsError { return operation }
    } catch {
      problems = error.diagnostics
    }
    let diagnostics = problems.map(Problem.Diagnostic.init)
    throw Refusal(
      .invalidOperation, diagnostics.first?.message ?? "The operation can't be sent.",
      diagnostics: diagnostics)
  }
}

extension Fleet.Operation {
  /// The stored files that devices are to fetch, by SHA-256.
  fileprivate var storedFiles: [String] {
    switch self {
    case .download(let order): order.remote == nil ? [order.file] : []
    case .changeSoftware(let changes):
      changes.compactMap { change in
        switch change {
        case .install(.stored(let file), _, _), .update(_, _, .stored(let file)?): file
        case .install, .update, .uninstall: nil
        }
      }
    default: []
    }
  }
}
