import DeviceModel
import Foundation

/// A data model as the server knows it.
package struct ModelDetail: Codable, Sendable, Equatable {
  /// The name under which it is known, for example `tr-181-2-19-1-cwmp`.
  package var name: String
  /// What its document calls it, for example `Device:2.19`.
  package var model: String
  /// The URN of its document.
  package var spec: String
  /// `shipped` or `imported`.
  package var origin: String
  package var objects: Int
  package var parameters: Int
  package var commands: Int
  package var events: Int
  package var profiles: Int
  /// Whether it says in words what its items are.
  package var hasDescriptions: Bool
  /// Of an imported one, like the rest: how many documents there are with those that it needs, and their bytes.
  package var documents: Int?
  package var size: Int?
  package var importedBy: String?
  package var importedAt: Timestamp?

  package init(
    name: String, model: String, spec: String, origin: String, objects: Int, parameters: Int,
    commands: Int, events: Int, profiles: Int, hasDescriptions: Bool, documents: Int? = nil,
    size: Int? = nil, importedBy: String? = nil, importedAt: Timestamp? = nil
  ) {
    self.name = name
    self.model = model
    self.spec = spec
    self.origin = origin
    self.objects = objects
    self.parameters = parameters
    self.commands = commands
    self.events = events
    self.profiles = profiles
    self.hasDescriptions = hasDescriptions
    self.documents = documents
    self.size = size
    self.importedBy = importedBy
    self.importedAt = importedAt
  }
}

/// The documents of a data model that is brought to the server.
package struct NewModel: Codable, Sendable, Equatable {
  package struct File: Codable, Sendable, Equatable {
    /// The name under which others import it.
    package var name: String
    /// The document as it is; Base64 in JSON.
    package var content: Data

    package init(name: String, content: Data) {
      self.name = name
      self.content = content
    }
  }

  /// The first one that has the model, and that none of the others imports, is the one that is meant.
  package var files: [File]

  package init(files: [File]) { self.files = files }
}

/// What came of bringing a data model.
package struct ModelImported: Codable, Sendable, Equatable {
  /// `created`, `changed` or `unchanged`.
  package var outcome: String
  package var model: ModelDetail
  /// What is odd in the documents; it does not keep the model from being used.
  package var diagnostics: [Problem.Diagnostic]

  package init(outcome: String, model: ModelDetail, diagnostics: [Problem.Diagnostic]) {
    self.outcome = outcome
    self.model = model
    self.diagnostics = diagnostics
  }
}

/// By which data model a device is understood.
package struct ChosenModelDetail: Codable, Sendable, Equatable {
  /// The name under which it is known, for example `tr-181-2-19-1-cwmp`.
  package var name: String
  /// What its document calls it, for example `Device:2.19`.
  package var version: String
  package var reason: ModelReason

  package init(name: String, version: String, reason: ModelReason) {
    self.name = name
    self.version = version
    self.reason = reason
  }
}
