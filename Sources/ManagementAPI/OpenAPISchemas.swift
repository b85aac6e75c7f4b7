import ManagementTypes

/// The schemas of what the API takes and gives.
enum OpenAPISchemas {
  /// By name; each list has a page of its own besides.
  static let all: [String: JSONValue] = {
    var all = objects.mapValues(\.schema)
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
    "RolloutTargetDetail", "TokenDetail", "CredentialDetail", "AuditDetail",
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
    ]),
    "DeviceSummary": Object([
      Member("name", .text),
      Member("tags", .list(.text)),
      Member("lastContact", .time, .optional),
      Member("facts", .map(.text)),
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
      Member("value", .text, .optional),
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
    "TaskOrder": Object([
      Member(
        "kind",
        .oneOf(["get", "set", "add", "delete", "refresh", "reboot", "factoryReset", "download"])),
      Member("paths", .list(.text), .optional),
      Member("values", .list(.reference("TaskValue")), .optional),
      Member("object", .text, .optional),
      Member("path", .text, .optional),
      Member("file", .text, .optional),
      Member("fileType", .text, .optional),
      Member("targetFileName", .text, .optional),
      Member("expectedVersion", .text, .optional),
    ]),
    "TaskValue": Object([
      Member("path", .text),
      Member("value", .text),
      Member("type", .text, .optional),
    ]),
    "NewTask": Object([
      Member("order", .reference("TaskOrder")),
      Member("connect", .flag, .optional),
      Member("dueAt", .time, .optional),
      Member("expiresIn", .integer, .optional),
      Member("maxAttempts", .integer, .optional),
    ]),
    "NewTasks": Object([
      Member("selector", .text),
      Member("order", .reference("TaskOrder")),
      Member("connect", .flag, .optional),
      Member("dueAt", .time, .optional),
      Member("expiresIn", .integer, .optional),
      Member("maxAttempts", .integer, .optional),
      Member("limit", .integer, .optional),
      Member("dryRun", .flag, .optional),
    ]),
    "TasksCreated": Object([
      Member("matched", .integer),
      Member("tasks", .list(.reference("TaskReference"))),
    ]),
    "TaskReference": Object([
      Member("device", .text),
      Member("id", .integer),
    ]),
    "TaskDetail": Object([
      Member("id", .integer),
      Member("device", .text),
      Member("order", .reference("TaskOrder")),
      Member(
        "state", .oneOf(["queued", "running", "waiting", "done", "failed", "expired", "cancelled"])),
      Member("waitingFor", .text, .optional),
      Member("attempts", .integer),
      Member("maxAttempts", .integer),
      Member("dueAt", .time),
      Member("deadline", .time),
      Member("createdAt", .time),
      Member("startedAt", .time, .optional),
      Member("endedAt", .time, .optional),
      Member("orderedBy", .text),
      Member("rollout", .text, .optional),
      Member("result", .reference("TaskResult"), .optional),
      Member("fault", .reference("TaskFault"), .optional),
    ]),
    "TaskResult": Object([
      Member("values", .list(.reference("TaskValue")), .optional),
      Member("instance", .text, .optional),
      Member("isPending", .flag, .optional),
      Member("parametersRead", .integer, .optional),
      Member("parametersRefused", .integer, .optional),
      Member("version", .text, .optional),
    ]),
    "TaskFault": Object([
      Member("code", .text),
      Member("text", .text),
      Member("parameters", .list(.reference("ParameterFault")), .optional),
    ]),
    "ParameterFault": Object([
      Member("path", .text),
      Member("code", .text),
      Member("text", .text),
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
      Member("state", .oneOf(["pending", "active", "done", "skipped", "failed", "cancelled"])),
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

  private struct Object: Sendable {
    let members: [Member]

    init(_ members: [Member]) {
      self.members = members
    }

    var schema: JSONValue {
      .object([
        "type": "object",
        "properties": .object(
          Dictionary(members.map { ($0.name, $0.type.schema) }) { first, _ in first }),
        "required": .array(members.filter { $0.presence == .required }.map { .string($0.name) }),
      ])
    }
  }

  private struct Member: Sendable {
    enum Presence: Sendable {
      case required
      case optional
    }

    let name: String
    let type: SchemaType
    let presence: Presence

    init(_ name: String, _ type: SchemaType, _ presence: Presence = .required) {
      self.name = name
      self.type = type
      self.presence = presence
    }
  }

  private indirect enum SchemaType: Sendable {
    case text
    case integer
    case flag
    case time
    case anything
    case list(SchemaType)
    case map(SchemaType)
    case reference(String)
    case oneOf([String])

    var schema: JSONValue {
      switch self {
      case .text: ["type": "string"]
      case .integer: ["type": "integer", "format": "int64"]
      case .flag: ["type": "boolean"]
      case .time: ["type": "string", "format": "date-time"]
      case .anything: .object([:])
      case .list(let item): ["type": "array", "items": item.schema]
      case .map(let value): ["type": "object", "additionalProperties": value.schema]
      case .reference(let name): ["$ref": .string("#/components/schemas/\(name)")]
      case .oneOf(let values): ["type": "string", "enum": .array(values.map { .string($0) })]
      }
    }
  }
}
