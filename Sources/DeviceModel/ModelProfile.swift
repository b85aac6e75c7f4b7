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
    if let found = profiles.firstIndex(where: { $0.name == key }) {
      index = found
    } else {
      index = profiles.count
      profiles.append(ModelProfile(name: key))
    }
    if name != nil, let base = document.trimmed(node, .base) {
      profiles[index].includes.append(base)
    }
    profiles[index].includes += document.words(node, .extends)
    profiles[index].version =
      document.trimmed(node, .version).flatMap { ModelVersion($0) } ?? profiles[index].version
    if let status = document.trimmed(node, .status).flatMap(ItemStatus.init) {
      profiles[index].status = max(profiles[index].status, status)
    }
    require(childrenOf: node, below: scope.path, for: index, in: scope.document)
  }

  private mutating func require(
    childrenOf node: ModelDocument.Node, below path: String, for profile: Int, in place: Int
  ) {
    let document = documents[place]
    for child in document.children(node) {
      switch document.word(child) {
      case .object, .parameter, .command, .event:
        guard let name = document.trimmed(child, .ref) else { continue }
        profiles[profile].requirements.append(
          ModelProfile.Requirement(
            path: path + name, requirement: document.trimmed(child, .requirement) ?? ""))
        require(childrenOf: child, below: path + name, for: profile, in: place)
      default: break
      }
    }
  }
}
