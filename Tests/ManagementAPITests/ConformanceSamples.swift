import DeviceModel
import Foundation
import ManagementTypes

/// One value of each type about models and devices, with all members present, and the name of its schema.
enum ConformanceSamples {
  static let all: [(String, any Encodable & Sendable)] = {
    var all: [(String, any Encodable & Sendable)] = []
    func add<Value: Encodable & Sendable>(_ name: String, _ value: Value?) {
      if let value { all.append((name, value)) }
    }
    add("Conformance", conformance)
    add("ModelReason", reason)
    add("ChosenModel", ChosenModelDetail(name: "n", version: "v", reason: reason))
    add("ModelOutline", outline)
    add("OutlineItem", outline.items.values.first)
    add("ConformanceCounts", conformance?.counts)
    add("VendorShare", conformance?.vendors.first)
    add("Findings", conformance?.values)
    add("Finding", conformance?.values.list.first)
    add("ProfileSupport", conformance?.profiles.first)
    add("MissingItem", conformance?.profiles.first?.missingItems.first)
    add("SupportedModelDetail", supported)
    add("AnnouncedModel", supported.announced.first)
    let item = SupportedModelItems.Item(path: "p", kind: "param", access: "readOnly", type: "int")
    add("SupportedItem", item)
    add("SupportedModelItems", SupportedModelItems(model: supported, items: [item]))
    add("ModelDifference", difference)
    add("DifferentItem", difference.added.first)
    add("ChangedItem", difference.changed.first)
    add("ItemChange", difference.changed.first?.changes.first)
    return all
  }()

  private static let document = """
    <dm:document xmlns:dm="urn:broadband-forum-org:cwmp:datamodel-1-14" spec="urn:broadband-forum-org:tr-181-2-1-0-cwmp">
    <model name="Device:2.1"><object name="Device." access="readOnly">
      <parameter name="Level" access="readWrite"><syntax><int><range maxInclusive="9"/></int></syntax></parameter>
      <parameter name="Other" access="readWrite"><syntax><int/></syntax></parameter></object>
    <profile name="Half:1" status="deprecated"><object ref="Device." requirement="present">
      <parameter ref="Level" requirement="readWrite"/><parameter ref="Other" requirement="readWrite"/></object>
    </profile></model></dm:document>
    """

  static let model: CatalogedModel? = {
    guard let document = try? ModelDocument(Array(document.utf8), file: "model.xml") else {
      return nil
    }
    var library = ModelLibrary()
    library.add(document)
    return DataModel.compile("model.xml", in: library).model.map {
      CatalogedModel($0, name: "half", origin: .shipped)
    }
  }()

  private static let conformance = model.map { model in
    Conformance(
      of: [
        ObservedItem(path: "Device.Level", value: "10", type: .int, isWritable: true),
        ObservedItem(path: "Device.X_ACME_Own"),
      ], with: model, because: reason, isComplete: true, limit: 9)
  }

  private static let reason = ModelReason(.switches, "w", remarks: ["r"])

  private static let outline = ModelOutline(
    name: "n", items: ["Device.A": .init(kind: "param", [.access: ["readOnly"]])])

  private static let supported = SupportedModelDetail(
    name: "n", manufacturer: "m", oui: "o", productClass: "p", softwareVersion: "s",
    protocol: "cwmp", root: "Device.", objects: 1, parameters: 1, commands: 1, events: 1,
    isCut: true, announced: [.init(url: "u", urn: "n", uuid: "i", features: "f")], devices: 1,
    createdAt: Timestamp(0), updatedAt: Timestamp(0), seenAt: Timestamp(0))

  private static let difference = ModelDifference(
    from: ModelOutline(
      name: "old", items: ["Device.A": .init(kind: "param", [.access: ["readOnly"]])]),
    to: ModelOutline(
      name: "new",
      items: [
        "Device.A": .init(kind: "param", [.access: ["readWrite"]]),
        "Device.B": .init(kind: "param", [.access: ["readWrite"], .type: ["int"]]),
      ]))
}
