import Foundation
import ManagementTypes

/// One value of each type that speaks of data models with all members present, and the name of its schema.
enum ModelSamples {
  private static let detail = ModelDetail(
    name: "n", model: "Device:2.0", spec: "urn:x", origin: "imported", objects: 1, parameters: 1,
    commands: 1, events: 1, profiles: 1, hasDescriptions: true, documents: 1, size: 1,
    importedBy: "o", importedAt: Timestamp(0))

  private static let summary = ModelItemSummary(
    path: "Device.", kind: "object", access: "readOnly", type: "string", status: "current",
    summary: "s")

  private static let range = ModelTypeDetail.Range(min: "1", max: "2", step: "1")

  private static let value: ModelTypeDetail.Value = {
    var value = ModelTypeDetail.Value(
      value: "v", isWritable: true, isOptional: false, status: "current")
    value.version = "2.0"
    value.description = "d"
    return value
  }()

  private static let reference = ModelTypeDetail.Reference(
    kind: "path", strength: "weak", targets: ["Device.A."], targetType: "row")

  private static let type = ModelTypeDetail(
    words: "string", primitive: "string", name: "T", isList: true, items: range, lengths: [range],
    ranges: [range], values: [value], patterns: ["a"], units: "u", references: [reference],
    defaultValue: .init(kind: "object", value: "v"), isHidden: false, isSecured: false,
    isCommand: false)

  private static let table: ModelTableDetail = {
    var table = ModelTableDetail(
      minEntries: 0, maxEntries: 4, uniqueKeys: [.init(isFunctional: true, parameters: ["A"])])
    table.countParameter = "C"
    table.enableParameter = "E"
    table.discriminatorParameter = "D"
    table.mountType = "mountPoint"
    return table
  }()

  private static let item: ModelItemDetail = {
    var item = ModelItemDetail(path: "Device.", kind: "object")
    item.access = "readOnly"
    item.type = type
    item.table = table
    item.version = "2.0"
    item.isMandatory = true
    item.isAsynchronous = true
    item.activeNotify = "canDeny"
    item.isForcedInform = true
    item.description = "d"
    item.profiles = ["P:1"]
    item.children = [summary]
    return item
  }()

  static let all: [(String, any Encodable & Sendable)] = [
    ("ModelDetail", detail),
    ("NewModel", NewModel(files: [.init(name: "n", content: Data([1]))])),
    ("NewModelFile", NewModel.File(name: "n", content: Data([1]))),
    ("ModelImported", ModelImported(outcome: "created", model: detail, diagnostics: [])),
    ("ModelItemDetail", item), ("ModelItemSummary", summary), ("ModelTableDetail", table),
    ("ModelKey", ModelTableDetail.Key(isFunctional: true, parameters: ["A"])),
    ("ModelTypeDetail", type), ("ModelRange", range), ("ModelValue", value),
    ("ModelReference", reference),
    ("ModelDefault", ModelTypeDetail.Default(kind: "object", value: "v")),
  ]
}
