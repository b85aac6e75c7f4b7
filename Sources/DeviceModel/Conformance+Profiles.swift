extension TreeSurvey {
  /// The profiles of which the device has something.
  func profiles(limit: Int) -> [ProfileSupport] {
    let requirements = ProfileRequirements(model.profiles)
    var commandsAreSeen = false
    for (place, item) in model.items.enumerated()
    where item.kind == .command || item.kind == .event {
      if isPresent(place) {
        commandsAreSeen = true
        break
      }
    }
    return model.profiles.compactMap { profile in
      // Names of parts of a model that are no profiles by themselves begin so.
      guard profile.status != .deleted, !profile.name.hasPrefix("_") else { return nil }
      return support(
        of: profile, requirements[profile.name], commandsAreSeen: commandsAreSeen, limit: limit)
    }.sorted { $0.comesBefore($1) }
  }

  private enum Presence {
    case present
    /// In a table that has no rows.
    case unseen
    case absent
  }

  /// - Returns: nil where the device has nothing of it.
  private func support(
    of profile: ModelProfile, _ requirements: [String: Set<String>], commandsAreSeen: Bool,
    limit: Int
  ) -> ProfileSupport? {
    var support = ProfileSupport(
      name: profile.name, state: .full,
      status: profile.status == .current ? nil : profile.status.rawValue, required: 0, met: 0,
      unseen: 0, missing: 0, missingItems: [])
    var hasParameters = false
    var hasParameter = false
    for (path, words) in requirements.sorted(by: { $0.key < $1.key }) {
      guard let place = model.place(of: path) else { continue }
      let item = model.items[place]
      guard item.effectiveStatus != .deleted else { continue }
      support.required += 1
      let isCommand = item.kind == .command || item.kind == .event
      if !item.kind.isObject { hasParameters = true }
      switch isCommand && !commandsAreSeen ? .unseen : presence(of: place) {
      case .present:
        if let reason = shortcoming(of: place, words) {
          support.lacks(path, reason, limit: limit)
        } else {
          support.met += 1
          if !item.kind.isObject { hasParameter = true }
        }
      case .unseen: support.unseen += 1
      case .absent: support.lacks(path, .absent, limit: limit)
      }
    }
    guard support.met > 0 else { return nil }
    // An object alone, which profiles of all sorts need, says nothing of this one.
    guard hasParameter || !hasParameters || support.missing == 0 else { return nil }
    support.state = support.missing > 0 ? .partial : support.unseen > 0 ? .unseen : .full
    return support
  }

  private func presence(of place: Int) -> Presence {
    if isPresent(place) { return .present }
    let item = model.items[place]
    // The table is there; of what is in its rows nothing can be said.
    if item.isTable, isTablePresent(place) { return .present }
    var above = item.parent
    while let parent = above {
      if isPresent(parent) { return .absent }
      if model.items[parent].isTable, isTablePresent(parent) { return .unseen }
      above = model.items[parent].parent
    }
    return .absent
  }

  private func shortcoming(of place: Int, _ requirements: Set<String>)
    -> ProfileSupport.Missing.Reason?
  {
    guard isNeverWritable(place) else { return nil }
    if model.items[place].isTable {
      return requirements.isDisjoint(with: ["create", "createDelete"]) ? nil : .notCreatable
    }
    return requirements.isDisjoint(with: ["readWrite", "writeOnceReadOnly"]) ? nil : .readOnly
  }
}

extension ProfileSupport {
  fileprivate mutating func lacks(_ item: String, _ reason: Missing.Reason, limit: Int) {
    missing += 1
    if missingItems.count < limit { missingItems.append(Missing(item: item, reason: reason)) }
  }

  fileprivate func comesBefore(_ other: ProfileSupport) -> Bool {
    let states = State.allCases
    let order = states.firstIndex(of: state) ?? 0
    let otherOrder = states.firstIndex(of: other.state) ?? 0
    guard order == otherOrder else { return order < otherOrder }
    if state == .partial {
      let share = met * other.required
      let otherShare = other.met * required
      if share != otherShare { return share > otherShare }
    }
    return name < other.name
  }
}

/// What profiles require, together with those that they are built on.
private struct ProfileRequirements {
  private let byName: [String: ModelProfile]

  init(_ profiles: [ModelProfile]) {
    byName = Dictionary(profiles.map { ($0.name, $0) }) { first, _ in first }
  }

  /// By the paths of the items: the words of all requirements for it.
  subscript(_ name: String) -> [String: Set<String>] {
    var requirements: [String: Set<String>] = [:]
    var taken: Set<String> = [name]
    var open = [name]
    while let next = open.popLast(), let profile = byName[next] {
      for requirement in profile.requirements {
        requirements[requirement.path, default: []].insert(requirement.requirement)
      }
      open += profile.includes.filter { taken.insert($0).inserted }
    }
    return requirements
  }
}
