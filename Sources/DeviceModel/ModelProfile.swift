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
    let bases = name == nil ? [] : document.words(node, .base)
    if bases.count > 1 {
      note(
        .error, scope.document, node,
        "“\(bases.joined(separator: " "))” is no name of one profile; it is left out")
    } else {
      include(bases, in: index, node, scope.document)
    }
    include(document.words(node, .extends), in: index, node, scope.document)
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

  private mutating func include(
    _ names: [String], in index: Int, _ node: ModelDocument.Node, _ place: Int
  ) {
    for name in names where !profiles[index].includes.contains(name) {
      let known = profiles[index].includes
      guard known.count < Limits.includes,
        known.reduce(name.utf8.count, { $0 + $1.utf8.count }) <= Limits.includedNames
      else {
        note(
          .error, place, node,
          "more than \(Limits.includes) other profiles belong to this one, or their names are too long"
        )
        return
      }
      profiles[index].includes.append(name)
    }
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
        guard inner.utf8.count <= Limits.path, !document.bytes[name].contains(where: { $0 <= 0x20 })
        else {
          note(
            .error, place, child,
            "a path with white space in it, or of more than \(Limits.path) bytes; it is left out")
          continue
        }
        guard spend(place, child, bytes: inner.utf8.count) else { return }
        profiles[profile].requirements.append(
          ModelProfile.Requirement(
            path: inner, requirement: document.trimmed(child, .requirement) ?? ""))
        require(childrenOf: child, below: inner, for: profile, in: place)
      default: break
      }
    }
  }
}
