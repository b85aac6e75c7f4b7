import Fleet
import ManagementTypes

/// The schemas of what the API takes and gives.
enum OpenAPISchemas {
  /// By name; each list has a page of its own besides.
  static let all: [String: JSONValue] = {
    var all = [objects, taskObjects, modelObjects, conformanceObjects, orderParts]
      .reduce(into: [:]) { $0.merge($1) { first, _ in first } }.mapValues(\.schema)
    all["TaskOrder"] = anyOrder
    for (kind, order) in orders { all[name(of: kind)] = order.schema }
    all["Role"] = .object([
      "type": "string", "enum": .array(Role.allCases.map { .string($0.rawValue) }),
    ])
    for item in listed {
      all["\(item)Page"] =
        Object([Member("items", .list(.reference(item))), Member("nextCursor", .text, .optional)])
        .schema
    }
    return all
  }()

  private static let listed = [
    "DeviceSummary", "ParameterDetail", "EventDetail", "TaskDetail", "FileDetail", "RolloutDetail",
    "RolloutTargetDetail", "TokenDetail", "CredentialDetail", "AuditDetail", "TraceEntry",
    "SwitchesDetail", "ModelDetail", "ModelItemSummary", "SupportedModelDetail",
  ]

  private static let objects: [String: Object] = [
    "Problem": Object([
      Member("type", .text),
      Member("title", .text),
      Member("status", .integer),
      Member("detail", .text, .optional),
      Member("code", .text),
      Member("diagnostics", .list(.reference("ProblemDiagnostic")), .optional),
    ]),
    "ProblemDiagnostic": Object([
      Member("severity", .oneOf(["error", "warning"])),
      Member("message", .text),
      Member("line", .integer, .optional),
      Member("column", .integer, .optional),
      Member("file", .text, .optional),
    ]),
    "DeviceSummary": Object([
      Member("name", .text),
      Member("tags", .list(.text)),
      Member("lastContact", .time, .optional),
      Member("facts", .map(.text)),
      Member("presence", .reference("PresenceDetail"), .optional),
    ]),
    "DeviceDetail": Object([
      Member("name", .text),
      Member("manufacturer", .text),
      Member("oui", .text),
      Member("productClass", .text),
      Member("serialNumber", .text),
      Member("tags", .list(.text)),
      Member("facts", .map(.text)),
      Member("protocol", .text),
      Member("root", .text),
      Member("address", .text),
      Member("createdAt", .time),
      Member("lastContact", .time, .optional),
      Member("lastBoot", .time, .optional),
      Member("lastRead", .time, .optional),
      Member("readDue", .time, .optional),
      Member("isReachable", .flag),
      Member("openTasks", .integer),
      Member("switches", .reference("SwitchesInForce"), .optional),
      Member("agent", .reference("AgentDetail"), .optional),
      Member("presence", .reference("PresenceDetail"), .optional),
    ]),
    "PresenceDetail": Object([
      Member("online", .flag),
      Member("since", .time),
      Member("transport", .text),
      Member("endpoint", .text),
      Member("node", .text, .optional),
      Member("lastHeard", .time),
    ]),
    "AgentDetail": Object([
      Member("endpoints", .list(.text)),
      Member("transport", .text, .optional),
      Member("versions", .list(.text)),
    ]),
    "SwitchesInForce": Object([
      Member("documents", .list(.text)),
      Member("values", .map(.anything)),
    ]),
    "NewDevice": Object([
      Member("manufacturer", .text, .optional),
      Member("oui", .text),
      Member("productClass", .text),
      Member("serialNumber", .text),
      Member("tags", .list(.text), .optional),
      Member("credential", .reference("NewDeviceCredential"), .optional),
    ]),
    "NewDeviceCredential": Object([
      Member("username", .text),
      Member("password", .text),
    ]),
    "DevicePatch": Object([
      Member("tags", .list(.text), .optional),
      Member("addTags", .list(.text), .optional),
      Member("removeTags", .list(.text), .optional),
    ]),
    "DeviceCount": Object([
      Member("count", .integer)
    ]),
    "ParameterDetail": Object([
      Member("path", .text),
      Member("value", .anything, .optional),
      Member("type", .text, .optional),
      Member("writable", .flag, .optional),
      Member("notification", .integer, .optional),
      Member("changedAt", .time),
    ]),
    "EventDetail": Object([
      Member("device", .text),
      Member("at", .time),
      Member("kind", .text),
      Member("detail", .anything),
    ]),
    "ConnectionResult": Object([
      Member("called", .flag),
      Member("method", .text, .optional),
      Member("milliseconds", .integer, .optional),
      Member("reason", .text, .optional),
    ]),
    "TraceEntry": Object([
      Member("id", .integer),
      Member("at", .time),
      Member("session", .integer),
      Member("direction", .oneOf(["in", "out"])),
      Member("peer", .text),
      Member("head", .text),
      Member("method", .text, .optional),
      Member("headers", .list(.reference("TraceHeader"))),
      Member("body", .text),
      Member("bodySize", .integer),
    ]),
    "TraceHeader": Object([
      Member("name", .text),
      Member("value", .text),
    ]),
    "SwitchesDetail": Object([
      Member("name", .text),
      Member("selector", .text),
      Member("document", .text),
      Member("appliedBy", .text),
      Member("updatedAt", .time),
    ]),
    "SwitchesApplied": Object([
      Member("name", .text),
      Member("outcome", .oneOf(["created", "changed", "unchanged"])),
      Member("diagnostics", .list(.reference("ProblemDiagnostic"))),
    ]),
    "NewTrace": Object([
      Member("seconds", .integer)
    ]),
    "TraceState": Object([
      Member("until", .time, .optional)
    ]),
    "FileDetail": Object([
      Member("sha256", .text),
      Member("name", .text),
      Member("version", .text),
      Member("size", .integer),
      Member("createdBy", .text),
      Member("createdAt", .time),
    ]),
    "RolloutDetail": Object([
      Member("name", .text),
      Member("state", .oneOf(["running", "paused", "done", "cancelled"])),
      Member("reason", .text, .optional),
      Member("selector", .text),
      Member("version", .text),
      Member("file", .text),
      Member("counts", .reference("RolloutCounts")),
      Member("appliedBy", .text),
      Member("createdAt", .time),
      Member("endedAt", .time, .optional),
      Member("document", .text, .optional),
    ]),
    "RolloutCounts": Object([
      Member("pending", .integer),
      Member("preparing", .integer, .optional),
      Member("prepared", .integer, .optional),
      Member("active", .integer),
      Member("done", .integer),
      Member("skipped", .integer),
      Member("failed", .integer),
      Member("cancelled", .integer),
    ]),
    "RolloutApplied": Object([
      Member("name", .text),
      Member("outcome", .oneOf(["created", "unchanged"])),
      Member("targets", .integer),
      Member("diagnostics", .list(.reference("ProblemDiagnostic"))),
    ]),
    "RolloutTargetDetail": Object([
      Member("device", .text),
      Member("state", .oneOf(RolloutTarget.State.allCases.map(\.rawValue))),
      Member("task", .integer, .optional),
      Member("fromVersion", .text, .optional),
      Member("detail", .text, .optional),
      Member("updatedAt", .time),
    ]),
    "TokenDetail": Object([
      Member("name", .text),
      Member("role", .reference("Role")),
      Member("createdAt", .time),
      Member("lastUsedAt", .time, .optional),
      Member("expiresAt", .time, .optional),
    ]),
    "NewToken": Object([
      Member("name", .text),
      Member("role", .reference("Role")),
      Member("expiresAt", .time, .optional),
    ]),
    "TokenCreated": Object([
      Member("name", .text),
      Member("role", .reference("Role")),
      Member("token", .text),
      Member("expiresAt", .time, .optional),
    ]),
    "CredentialDetail": Object([
      Member("username", .text),
      Member("device", .text, .optional),
      Member("realm", .text),
      Member("createdAt", .time),
    ]),
    "NewCredential": Object([
      Member("username", .text),
      Member("password", .text),
      Member("device", .text, .optional),
    ]),
    "AuditDetail": Object([
      Member("id", .integer),
      Member("at", .time),
      Member("actor", .text),
      Member("action", .text),
      Member("target", .text),
      Member("detail", .anything),
    ]),
    "WhoAmI": Object([
      Member("name", .text),
      Member("role", .reference("Role")),
    ]),
    "ServerVersion": Object([
      Member("product", .text),
      Member("version", .text),
      Member("api", .text),
    ]),
    "ServerStatus": Object([
      Member("version", .text),
      Member("uptime", .integer),
      Member("database", .reference("DatabaseStatus")),
      Member("fleet", .reference("FleetStatus"), .optional),
    ]),
    "DatabaseStatus": Object([
      Member("state", .oneOf(["ok", "unreachable"]))
    ]),
    "FleetStatus": Object([
      Member("devices", .integer),
      Member("devicesSeenToday", .integer),
      Member("openTasks", .integer),
      Member("runningRollouts", .integer),
      Member("pausedRollouts", .integer),
      Member("files", .integer),
    ]),
  ]
}
