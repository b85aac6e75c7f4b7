import Yams

extension DeviceModel {
  /// The trees that a model may include.
  static let fragmentNames = ["tr181-complete", "tr098-complete"]

  /// A tree that comes with the simulator, to be laid over a model's own; nil if there is none of that name.
  static func fragment(_ name: String) throws(SimulatorError) -> ObjectDefinition? {
    let bytes: [UInt8]
    switch name {
    case "tr181-complete": bytes = PackageResources.tr181_complete_yaml
    case "tr098-complete": bytes = PackageResources.tr098_complete_yaml
    default: return nil
    }
    return try DeviceModelReader(file: name + ".yaml")
      .fragment(String(decoding: bytes, as: UTF8.self))
  }
}

extension DeviceModelReader {
  func included(_ node: Node, into tree: ObjectDefinition) throws(SimulatorError)
    -> ObjectDefinition
  {
    let name = try string(node, "include")
    guard let fragment = try DeviceModel.fragment(name) else {
      throw problem(
        "\"\(name)\" cannot be included; there are: "
          + DeviceModel.fragmentNames.joined(separator: ", "), node)
    }
    guard fragment.name == tree.name else {
      throw problem("\(name) belongs to \(fragment.name), not to \(tree.name)", node)
    }
    return fragment
  }
}
