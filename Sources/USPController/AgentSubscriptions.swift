import Fleet
import USP

/// A row of Device.LocalAgent.Subscription: what an agent tells of by itself.
struct AgentSubscription: Sendable, Equatable {
  enum Kind: String, Sendable {
    case valueChange = "ValueChange"
    case objectCreation = "ObjectCreation"
    case objectDeletion = "ObjectDeletion"
    case operationComplete = "OperationComplete"
    case event = "Event"
  }

  /// Unique among this controller's; ours begin with ``prefix``.
  var id: String
  var kind: Kind
  /// Sorted.
  var references: [String]

  static let prefix = "fairlead-"
  /// The beginning of the IDs of those that somebody ordered.
  static let orderedPrefix = "fairlead-value-"
  /// Bytes of a list of references; each list is cut into as many subscriptions as it takes.
  private static let maxReferenceBytes = 4_096

  /// The parameters that a new row is made with.
  var settings: [(name: String, value: String, isRequired: Bool)] {
    [
      ("Enable", "true", true), ("ID", id, true), ("NotifType", kind.rawValue, true),
      ("ReferenceList", references.joined(separator: ","), true), ("Persistent", "true", false),
      ("NotifRetry", "true", false), ("NotifExpiration", "0", false),
    ]
  }

  /// What this controller wants to be told of.
  /// - Parameters:
  ///   - controllerPath: that of its row.
  ///   - supported: what the firmware supports; what it has not can't be subscribed to.
  ///   - values: parameters of which changes are wanted, from the root.
  static func wanted(
    controllerPath: String, supported: SupportedObjects, values: [String]
  ) -> [AgentSubscription] {
    var wanted: [AgentSubscription] = []
    func event(_ name: String, _ path: String) {
      if !supported.isEmpty {
        guard let (object, event) = path.splitAtLastDot, supported[object]?.events[event] != nil
        else { return }
      }
      wanted.append(AgentSubscription(id: prefix + name, kind: .event, references: [path]))
    }
    event("boot", "Device.Boot!")
    event("periodic", "Device.LocalAgent.Periodic!")
    event("transfer", "Device.LocalAgent.TransferComplete!")
    event("software", "Device.SoftwareModules.DUStateChange!")
    if !controllerPath.isEmpty { event("timer", controllerPath + "Timer!") }
    wanted.append(
      AgentSubscription(
        id: prefix + "complete", kind: .operationComplete, references: ["Device."]))
    let reported = values.filter { path in
      guard let parameter = supported.parameter(at: path) else { return false }
      return parameter.reportsChanges != false
    }
    wanted += Self.cut(reported.sorted()).enumerated().map {
      AgentSubscription(id: prefix + "values-\($0 + 1)", kind: .valueChange, references: $1)
    }
    let tables = supported.creatableTables
    for (index, part) in Self.cut(tables).enumerated() {
      wanted.append(
        AgentSubscription(
          id: prefix + "created-\(index + 1)", kind: .objectCreation, references: part))
      wanted.append(
        AgentSubscription(
          id: prefix + "deleted-\(index + 1)", kind: .objectDeletion,
          references: part.map { $0 + "*." }))
    }
    return wanted
  }

  private static func cut(_ references: [String]) -> [[String]] {
    var parts: [[String]] = []
    var size = 0
    for reference in references {
      if parts.isEmpty || size + reference.utf8.count > maxReferenceBytes {
        parts.append([])
        size = 0
      }
      parts[parts.count - 1].append(reference)
      size += reference.utf8.count + 1
    }
    return parts
  }

  /// What has to be done so that the agent has the rows that are wanted.
  /// - Parameters:
  ///   - rows: the agent's own, by path.
  ///   - controllerPath: empty where it is not known: rows of other controllers could be taken for ours then.
  ///   - isModelKnown: false: what depends on the supported model is left as it is.
  /// - Returns: the paths of rows to delete, and the subscriptions to add.
  static func changes(
    from rows: [String: [String: String]], to wanted: [AgentSubscription], controllerPath: String,
    isModelKnown: Bool
  ) -> (delete: [String], add: [AgentSubscription]) {
    var missing = Dictionary(wanted.map { ($0.id, $0) }) { first, _ in first }
    var gone: [String] = []
    for (path, fields) in rows.sorted(by: { $0.key < $1.key }) {
      let recipient = fields["Recipient"] ?? ""
      guard let id = fields["ID"], id.hasPrefix(prefix), !id.hasPrefix(orderedPrefix),
        recipient.isEmpty || recipient == controllerPath || recipient + "." == controllerPath
      else { continue }
      if let subscription = missing[id], fields["NotifType"] == subscription.kind.rawValue,
        subscription.isSame(as: fields["ReferenceList"] ?? ""),
        ["true", "1"].contains(fields["Enable"])
      {
        missing[id] = nil
      } else if isModelKnown && !controllerPath.isEmpty || !dependsOnModel(id, fields) {
        gone.append(path)
      } else {
        missing[id] = nil
      }
    }
    return (gone, wanted.filter { missing[$0.id] != nil })
  }

  /// Whether a row can be judged only by whoever knows what the agent supports and which row is this controller's.
  private static func dependsOnModel(_ id: String, _ fields: [String: String]) -> Bool {
    switch fields["NotifType"].flatMap(Kind.init) {
    case .valueChange, .objectCreation, .objectDeletion: true
    case .operationComplete, .event, nil: id == prefix + "timer"
    }
  }

  private func isSame(as list: String) -> Bool {
    let others = list.split(separator: ",").map {
      String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
    return others.sorted() == references.sorted()
  }
}

extension SupportedObjects {
  /// The tables that are in no other one and to which rows can be added, those of the agent itself apart; sorted.
  fileprivate var creatableTables: [String] {
    objects.compactMap { path, object in
      guard object.isMultiInstance, object.access.isCreating, path.hasSuffix(".{i}."),
        !path.hasPrefix("Device.LocalAgent.")
      else { return nil }
      let table = path.dropLast("{i}.".utf8.count)
      return table.contains("{i}") ? nil : String(table)
    }.sorted()
  }
}

extension USPAdd {
  /// Makes each of the rows that it can.
  init(_ subscriptions: [AgentSubscription]) {
    self.init()
    allowPartial = true
    createObjs = subscriptions.map { subscription in
      var object = USPAdd.CreateObject()
      object.objPath = "Device.LocalAgent.Subscription."
      object.paramSettings = subscription.settings.map { name, value, isRequired in
        var setting = USPAdd.CreateParamSetting()
        setting.param = name
        setting.value = value
        setting.required = isRequired
        return setting
      }
      return object
    }
  }
}
