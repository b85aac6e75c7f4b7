import DeviceModel

/// The schemas of data models.
extension OpenAPISchemas {
  private static let statuses = SchemaType.oneOf(ItemStatus.allCases.map(\.rawValue))
  private static let access = SchemaType.oneOf(["readOnly", "readWrite", "writeOnceReadOnly"])
  private static let kinds = [
    "object", "parameter", "command", "event", "input", "output", "argument",
  ]

  static let modelObjects: [String: Object] = [
    "ModelDetail": Object([
      Member("name", .text),
      Member("model", .text),
      Member("spec", .text),
      Member("origin", .oneOf(["shipped", "imported"])),
      Member("objects", .integer),
      Member("parameters", .integer),
      Member("commands", .integer),
      Member("events", .integer),
      Member("profiles", .integer),
      Member("hasDescriptions", .flag),
      Member("documents", .integer, .optional),
      Member("size", .integer, .optional),
      Member("importedBy", .text, .optional),
      Member("importedAt", .time, .optional),
    ]),
    "NewModel": Object([
      Member("files", .list(.reference("NewModelFile")))
    ]),
    "NewModelFile": newFile,
    "ModelImported": Object([
      Member("outcome", .oneOf(["created", "changed", "unchanged"])),
      Member("model", .reference("ModelDetail")),
      Member("diagnostics", .list(.reference("ProblemDiagnostic"))),
    ]),
    "ModelItemDetail": Object([
      Member("path", .text),
      Member("kind", .oneOf(["model"] + kinds)),
      Member("access", access, .optional),
      Member("type", .reference("ModelTypeDetail"), .optional),
      Member("table", .reference("ModelTableDetail"), .optional),
      Member("status", statuses),
      Member("version", .text, .optional),
      Member("isMandatory", .flag, .optional),
      Member("isAsynchronous", .flag, .optional),
      Member("activeNotify", .text, .optional),
      Member("isForcedInform", .flag, .optional),
      Member("description", .text, .optional),
      Member("profiles", .list(.text)),
      Member("children", .list(.reference("ModelItemSummary"))),
    ]),
    "ModelItemSummary": Object([
      Member("path", .text),
      Member("kind", .oneOf(kinds)),
      Member("access", access, .optional),
      Member("type", .text, .optional),
      Member("status", statuses),
      Member("summary", .text, .optional),
    ]),
    "ModelTableDetail": Object([
      Member("minEntries", .integer),
      Member("maxEntries", .integer, .optional),
      Member("countParameter", .text, .optional),
      Member("enableParameter", .text, .optional),
      Member("discriminatorParameter", .text, .optional),
      Member("mountType", .text, .optional),
      Member("uniqueKeys", .list(.reference("ModelKey"))),
    ]),
    "ModelKey": Object([
      Member("isFunctional", .flag),
      Member("parameters", .list(.text)),
    ]),
    "ModelTypeDetail": Object([
      Member("words", .text),
      Member("primitive", .oneOf(PrimitiveType.allCases.map(\.rawValue))),
      Member("name", .text, .optional),
      Member("isList", .flag),
      Member("items", .reference("ModelRange"), .optional),
      Member("lengths", .list(.reference("ModelRange"))),
      Member("ranges", .list(.reference("ModelRange"))),
      Member("values", .list(.reference("ModelValue"))),
      Member("patterns", .list(.text)),
      Member("units", .text, .optional),
      Member("references", .list(.reference("ModelReference"))),
      Member("defaultValue", .reference("ModelDefault"), .optional),
      Member("isHidden", .flag),
      Member("isSecured", .flag),
      Member("isCommand", .flag),
    ]),
    "ModelRange": Object([
      Member("min", .text, .optional),
      Member("max", .text, .optional),
      Member("step", .text, .optional),
    ]),
    "ModelValue": Object([
      Member("value", .text),
      Member("isWritable", .flag),
      Member("isOptional", .flag),
      Member("status", statuses),
      Member("version", .text, .optional),
      Member("description", .text, .optional),
    ]),
    "ModelReference": Object([
      Member("kind", .oneOf(["path", "instance", "enumeration"])),
      Member("strength", .oneOf(["weak", "strong"]), .optional),
      Member("targets", .list(.text)),
      Member("targetType", .text, .optional),
    ]),
    "ModelDefault": Object([
      Member("kind", .oneOf(["object", "factory", "implementation", "parameter"])),
      Member("value", .text),
    ]),
  ]

  private static let newFile: Object = {
    var file = Object([Member("name", .text), Member("content", .text)])
    file.description = "A document as it is, in Base64"
    return file
  }()
}
