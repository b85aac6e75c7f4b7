extension EnvelopeReader {
  /// The entries of a ParameterList of ParameterValueStructs; an entry without a Value has an empty one.
  func parameterValues(in parent: Int) -> [ParameterValue] {
    guard let list = child(of: parent, named: .parameterList) else { return [] }
    var values: [ParameterValue] = []
    // Each entry has at least its own node, its name and its value.
    values.reserveCapacity((Int(nodes[list].end) - list) / 3)
    for entry in children(of: list) {
      var name: String?
      var value = ""
      var type = ValueType.string
      for field in children(of: entry) {
        switch nodes[field].name {
        case .name:
          name = self.name(field)
        case .value:
          value = string(field)
          type = nodes[field].type ?? .string
        default:
          break
        }
      }
      if let name { values.append(ParameterValue(name: name, value: value, type: type)) }
    }
    return values
  }

  /// The entries of a ParameterList of ParameterInfoStructs.
  func parameterInfos(in parent: Int) -> [ParameterInfo] {
    guard let list = child(of: parent, named: .parameterList) else { return [] }
    var infos: [ParameterInfo] = []
    infos.reserveCapacity((Int(nodes[list].end) - list) / 3)
    for entry in children(of: list) {
      guard let name = child(of: entry, named: .name).map(self.name) else { continue }
      infos.append(
        ParameterInfo(name: name, writable: boolean(of: .writable, in: entry) ?? false))
    }
    return infos
  }

  /// The entries of a ParameterList of ParameterAttributeStructs.
  func parameterAttributes(in parent: Int) -> [ParameterAttributes] {
    guard let list = child(of: parent, named: .parameterList) else { return [] }
    return children(of: list).compactMap { entry in
      guard let name = child(of: entry, named: .name).map(self.name) else { return nil }
      return ParameterAttributes(
        name: name, notification: integer(of: .notification, in: entry) ?? 0,
        accessList: strings(of: .accessList, in: entry))
    }
  }

  /// The entries of a ParameterList of SetParameterAttributesStructs.
  func setParameterAttributes(in parent: Int) -> [SetParameterAttributes] {
    guard let list = child(of: parent, named: .parameterList) else { return [] }
    return children(of: list).compactMap { entry in
      guard let name = child(of: entry, named: .name).map(self.name) else { return nil }
      let changesNotification = boolean(of: .notificationChange, in: entry) ?? false
      let changesAccess = boolean(of: .accessListChange, in: entry) ?? false
      return SetParameterAttributes(
        name: name,
        notification: changesNotification ? integer(of: .notification, in: entry) : nil,
        accessList: changesAccess ? strings(of: .accessList, in: entry) : nil)
    }
  }
}
