import DeviceModel
import Fleet

/// The schemas of what devices have of data models, and of what firmwares support.
extension OpenAPISchemas {
  private static let supportedKinds = SchemaType.oneOf(
    SupportedItem.Kind.allCases.map(\.rawValue))

  static let conformanceObjects: [String: Object] = [
    "Conformance": Object([
      Member("model", .text),
      Member("version", .text),
      Member("reason", .reference("ModelReason"), .optional),
      Member("isComplete", .flag),
      Member("counts", .reference("ConformanceCounts")),
      Member("profiles", .list(.reference("ProfileSupport"))),
      Member("vendor", .reference("Findings")),
      Member("vendors", .list(.reference("VendorShare"))),
      Member("services", .reference("Findings")),
      Member("unknown", .reference("Findings")),
      Member("types", .reference("Findings")),
      Member("values", .reference("Findings")),
      Member("access", .reference("Findings")),
      Member("outdated", .reference("Findings")),
      Member("entries", .reference("Findings")),
    ]),
    "ModelReason": Object([
      Member("kind", .oneOf(ModelReason.Kind.allCases.map(\.rawValue))),
      Member("words", .text),
      Member("remarks", .list(.text)),
    ]),
    "ChosenModel": Object([
      Member("name", .text),
      Member("version", .text),
      Member("reason", .reference("ModelReason")),
    ]),
    "ModelOutline": Object([
      Member("name", .text),
      Member("items", .map(.reference("OutlineItem"))),
    ]),
    "OutlineItem": Object([
      Member("kind", .text),
      Member("aspects", .map(.list(.text))),
    ]),
    "ConformanceCounts": Object([
      Member("objects", .integer),
      Member("parameters", .integer),
      Member("known", .integer),
      Member("itemsInUse", .integer),
      Member("itemsInModel", .integer),
    ]),
    "VendorShare": Object([
      Member("prefix", .text),
      Member("paths", .integer),
    ]),
    "Findings": Object([
      Member("items", .integer),
      Member("paths", .integer),
      Member("list", .list(.reference("Finding"))),
    ]),
    "Finding": Object([
      Member("item", .text),
      Member("path", .text),
      Member("paths", .integer),
      Member("found", .text, .optional),
      Member("expected", .text, .optional),
    ]),
    "ProfileSupport": Object([
      Member("name", .text),
      Member("state", .oneOf(ProfileSupport.State.allCases.map(\.rawValue))),
      Member("status", .text, .optional),
      Member("required", .integer),
      Member("met", .integer),
      Member("unseen", .integer),
      Member("missing", .integer),
      Member("missingItems", .list(.reference("MissingItem"))),
    ]),
    "MissingItem": Object([
      Member("item", .text),
      Member("reason", .oneOf(ProfileSupport.Missing.Reason.allCases.map(\.rawValue))),
    ]),
    "SupportedModelDetail": Object([
      Member("name", .text),
      Member("manufacturer", .text),
      Member("oui", .text),
      Member("productClass", .text),
      Member("softwareVersion", .text),
      Member("protocol", .text),
      Member("root", .text),
      Member("objects", .integer),
      Member("parameters", .integer),
      Member("commands", .integer),
      Member("events", .integer),
      Member("isCut", .flag),
      Member("announced", .list(.reference("AnnouncedModel"))),
      Member("devices", .integer),
      Member("createdAt", .time),
      Member("updatedAt", .time),
      Member("seenAt", .time),
    ]),
    "AnnouncedModel": Object([
      Member("url", .text),
      Member("urn", .text, .optional),
      Member("uuid", .text, .optional),
      Member("features", .text, .optional),
    ]),
    "SupportedModelItems": Object([
      Member("model", .reference("SupportedModelDetail")),
      Member("items", .list(.reference("SupportedItem"))),
    ]),
    "SupportedItem": Object([
      Member("path", .text),
      Member("kind", supportedKinds),
      Member("access", .oneOf(SupportedItem.Access.allCases.map(\.rawValue)), .optional),
      Member("type", .oneOf(PrimitiveType.allCases.map(\.rawValue)), .optional),
    ]),
    "ModelDifference": Object([
      Member("old", .text),
      Member("new", .text),
      Member("added", .list(.reference("DifferentItem"))),
      Member("removed", .list(.reference("DifferentItem"))),
      Member("changed", .list(.reference("ChangedItem"))),
      Member("unseen", .integer),
    ]),
    "DifferentItem": Object([
      Member("path", .text),
      Member("kind", .text),
      Member("access", .text, .optional),
      Member("type", .text, .optional),
    ]),
    "ChangedItem": Object([
      Member("path", .text),
      Member("kind", .text),
      Member("changes", .list(.reference("ItemChange"))),
    ]),
    "ItemChange": Object([
      Member("aspect", .oneOf(ModelOutline.Aspect.allCases.map(\.rawValue))),
      Member("removed", .list(.text)),
      Member("added", .list(.text)),
    ]),
  ]
}
