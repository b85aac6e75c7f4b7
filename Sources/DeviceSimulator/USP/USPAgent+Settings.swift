import CWMP
import USP

/// One setting of Set or Add.
struct AgentSetting {
  var name: String
  var value: String
  var isRequired: Bool
}

/// A setting that may be made.
struct AgentAssignment {
  var parameter: AgentParameter
  var place: AgentTree.Place
  var name: String
  var value: String
}

/// What a row or object takes of the settings, and what it does not.
struct SettingOutcome {
  var assignments: [AgentAssignment] = []
  var errors: [(setting: AgentSetting, path: String, fault: USPFault)] = []
  var isFailed: Bool { errors.contains { $0.setting.isRequired } }
}

/// Whether settings may be made.
extension USPAgent {
  func check(_ settings: [AgentSetting], in place: AgentTree.Place, isNew: Bool) -> SettingOutcome {
    var outcome = SettingOutcome()
    for setting in settings {
      do throws(USPFault) {
        outcome.assignments.append(try assignment(setting, in: place, isNew: isNew))
      } catch {
        outcome.errors.append((setting, place.path + setting.name, error))
      }
    }
    return outcome
  }

  private func assignment(_ setting: AgentSetting, in place: AgentTree.Place, isNew: Bool)
    throws(USPFault) -> AgentAssignment
  {
    var owner = place
    let names = setting.name.split(separator: ".", omittingEmptySubsequences: false)
    for name in names.dropLast() {
      guard let object = owner.object.object(String(name)), !object.isTable else {
        throw USPFault(.invalidPath, "\(setting.name) is not in the supported data model")
      }
      owner = tree.child(object, of: owner)
    }
    guard let name = names.last, let parameter = owner.object.parameter(String(name)) else {
      throw USPFault(.unsupportedParameter, "\(setting.name) is not in the supported data model")
    }
    guard parameter.isWritable else {
      throw USPFault(.parameterNotWritable, "\(setting.name) is read-only")
    }
    let value = Self.canonical(setting.value, parameter.definition.type)
    let current = tree.value(parameter, of: owner)
    if !isNew, value != current, !current.isEmpty,
      parameter.isWriteOnce || isFixed(parameter, of: owner)
    {
      throw USPFault(.parameterNotWritable, "\(setting.name) can't be changed any more")
    }
    if let fault = Self.valueFault(value, parameter) { throw fault }
    if parameter.name == "ReferenceList", owner.path.hasPrefix(Self.subscriptionTable),
      !AgentSubscription.isReferenceList(value)
    {
      throw USPFault(.invalidValue, "\(setting.name) is no list of paths")
    }
    return AgentAssignment(parameter: parameter, place: owner, name: setting.name, value: value)
  }

  /// What a subscription is about does not change while it is there (TR-181 Subscription.{i}.ReferenceList).
  private func isFixed(_ parameter: AgentParameter, of place: AgentTree.Place) -> Bool {
    place.path.hasPrefix(Self.subscriptionTable) && parameter.name == "ReferenceList"
  }

  private static func valueFault(_ value: String, _ parameter: AgentParameter) -> USPFault? {
    let definition = parameter.definition
    guard !definition.constraint.allows(value, type: definition.type) else { return nil }
    if ValueConstraint().allows(value, type: definition.type) {
      return USPFault(.invalidValue, "\(definition.name) can't have this value")
    }
    return USPFault(.invalidType, "\(definition.name) is of type \(definition.type.rawValue)")
  }

  private static func canonical(_ value: String, _ type: ValueType) -> String {
    guard type == .boolean else { return value }
    switch value {
    case "1": return "true"
    case "0": return "false"
    default: return value
    }
  }

  /// Two rows with the same values of a unique key are refused.
  func checkKeys(_ outcome: inout SettingOutcome, of row: AgentTree.Place) {
    guard row.object.isTable, let number = row.instances.last, !outcome.assignments.isEmpty else {
      return
    }
    let table = String(row.path.dropLast(String(number).utf8.count + 1))
    let written = outcome.assignments
    for key in row.object.uniqueKeys
    where written.contains(where: { key.contains($0.name) && $0.place.path == row.path }) {
      func value(_ name: String, of place: AgentTree.Place) -> String? {
        place.object.parameter(name).map { tree.value($0, of: place) }
      }
      let wanted = key.map { name in
        written.last { $0.name == name }?.value ?? value(name, of: row)
      }
      let isTaken = tree.rows(at: table).contains { other in
        other.path != row.path && key.map { value($0, of: other) } == wanted
      }
      guard isTaken, let name = key.first(where: { name in written.contains { $0.name == name } })
      else { continue }
      outcome.errors.append(
        (
          AgentSetting(name: name, value: "", isRequired: true), row.path + name,
          USPFault(.duplicateKey, "another row has this \(key.joined(separator: " and "))")
        ))
    }
  }
}
