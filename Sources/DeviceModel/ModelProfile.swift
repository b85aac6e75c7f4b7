/// What a device has to have that claims a profile.
package struct ModelProfile: Sendable {
  package struct Requirement: Sendable, Hashable {
    /// The path of the item in the model.
    package var path: String
    /// As written, for example `readWrite` or `createDelete`; empty for commands and events.
    package var requirement: String
  }

  package var name: String
  /// An older version of the same profile, and other profiles, all of which belong to it.
  package var includes: [String] = []
  package var version: ModelVersion?
  package var status = ItemStatus.current
  package var requirements: [Requirement] = []
}

extension Compilation {
  mutating func profile(_ node: ModelDocument.Node, _ scope: Scope) {
    let document = documents[scope.document]
    let name = document.trimmed(node, .name)
    guard let key = name ?? document.trimmed(node, .base) else { return }
    let index: Int
    if let found = profilesByName[key] {
      index = found
    } else {
      index = profiles.count
      profiles.append(ModelProfile(name: key))
      profilesByName[key] = index
    }
    if name != nil, let base = document.trimmed(node, .base) {
      profiles[index].includes.append(base)
    }
    profiles[index].includes += document.words(node, .extends)
    if let version = document.version(node, .version) {
      profiles[index].version = max(version, scope.clamp ?? version)
    } else if let version = document.version(node, .reportVersion) {
      profiles[index].version = version
    }
    if let status: ItemStatus = document.keyword(node, .status) {
      profiles[index].status = max(profiles[index].status, status)
    }
    // What is required of the object in which the profile's component was put is that it is there.
    let isDirect = document.children(node).contains {
      document.has($0, .ref) && document.word($0) != .object
    }
    if isDirect, !scope.path.isEmpty {
      profiles[index].requirements.append(
        ModelProfile.Requirement(path: scope.path, requirement: "present"))
    }
    require(childrenOf: node, below: scope.path, for: index, in: scope.document)
  }

  /// Of what is required more than once the last counts.
  mutating func unifyRequirements() {
    for index in profiles.indices {
      let requirements = profiles[index].requirements
      var known = Set<String>(minimumCapacity: requirements.count)
      if requirements.allSatisfy({ known.insert($0.path).inserted }) { continue }
      var places: [String: Int] = [:]
      var unified: [ModelProfile.Requirement] = []
      for requirement in requirements {
        if let place = places[requirement.path] {
          unified[place] = requirement
        } else {
          places[requirement.path] = unified.count
          unified.append(requirement)
        }
      }
      profiles[index].requirements = unified
    }
  }

  private mutating func require(
    childrenOf node: ModelDocument.Node, below path: String, for profile: Int, in place: Int
  ) {
    let document = documents[place]
    for child in document.children(node) {
      guard spend(place, child) else { return }
      switch document.word(child) {
      case .object, .parameter, .command, .event:
        guard let name = document.trimmedRange(child, .ref) else { continue }
        let inner = document.joined(path, name)
        guard inner.utf8.count <= Limits.path else { continue }
        profiles[profile].requirements.append(
          ModelProfile.Requirement(
            path: inner, requirement: document.trimmed(child, .requirement) ?? ""))
        require(childrenOf: child, below: inner, for: profile, in: place)
      default: break
      }
    }
  }
}
