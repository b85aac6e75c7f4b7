/// A document of switches: what devices of some make need differently.
package struct SwitchesDetail: Codable, Sendable, Equatable {
  package var name: String
  /// Which devices it is for.
  package var selector: String
  /// The text that was applied.
  package var document: String
  package var appliedBy: String
  package var updatedAt: Timestamp

  package init(
    name: String, selector: String, document: String, appliedBy: String, updatedAt: Timestamp
  ) {
    self.name = name
    self.selector = selector
    self.document = document
    self.appliedBy = appliedBy
    self.updatedAt = updatedAt
  }
}

/// What came of applying a document of switches.
package struct SwitchesApplied: Codable, Sendable, Equatable {
  package var name: String
  /// `created`, `changed` or `unchanged`.
  package var outcome: String
  package var diagnostics: [Problem.Diagnostic]

  package init(name: String, outcome: String, diagnostics: [Problem.Diagnostic]) {
    self.name = name
    self.outcome = outcome
    self.diagnostics = diagnostics
  }
}

/// The switches that hold for a device.
package struct SwitchesInForce: Codable, Sendable, Equatable {
  /// The names of the documents that they come from; where two say something of the same, the later one wins.
  package var documents: [String]
  /// By their places in a document's `spec`, for example `messages.booleans`.
  package var values: [String: JSONValue]

  package init(documents: [String], values: [String: JSONValue]) {
    self.documents = documents
    self.values = values
  }
}
