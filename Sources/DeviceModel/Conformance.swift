/// A parameter or object of a device's tree as the device shows it.
package struct ObservedItem: Sendable, Hashable {
  /// Full, with the numbers of instances; an object's ends in a dot.
  package var path: String
  /// Nil where the device has told none, and for objects.
  package var value: String?
  /// As the device announced it with the value.
  package var type: PrimitiveType?
  /// Nil where the device has not told; of a table, whether rows can be added, of a row, whether it can be removed (TR-069 A.3.2.3).
  package var isWritable: Bool?
  /// Whether the value is nobody's business.
  package var isSecret: Bool

  package init(
    path: String, value: String? = nil, type: PrimitiveType? = nil, isWritable: Bool? = nil,
    isSecret: Bool = false
  ) {
    self.path = path
    self.value = value
    self.type = type
    self.isWritable = isWritable
    self.isSecret = isSecret
  }
}

/// What a device's tree has of a data model, and where it strays from it.
package struct Conformance: Sendable, Codable, Equatable {
  /// The name of the model in the catalog.
  package var model: String
  /// For example `Device:2.19`.
  package var version: String
  /// Why it is this one; nil where nobody had to choose.
  package var reason: ModelReason?
  /// False where the tree was never read as a whole: what seems missing may only be unread, and rows are not counted.
  package var isComplete: Bool
  package var counts: Counts
  /// Those of which the device has something: first what it has in full, then by how much it has.
  package var profiles: [ProfileSupport]
  /// Beyond the model, with a vendor's prefix (TR-106 3.3).
  package var vendor: Findings
  /// The vendors' prefixes, the most frequent first.
  package var vendors: [VendorShare]
  /// Below `Services.`, where other models say what is right.
  package var services: Findings
  /// Beyond the model, and no vendor's.
  package var unknown: Findings
  /// Values that are announced with another type than the model's.
  package var types: Findings
  /// Values that the model does not allow.
  package var values: Findings
  /// What can be written and should not, and the other way.
  package var access: Findings
  /// What is deprecated, obsoleted or deleted, and in use all the same.
  package var outdated: Findings
  /// Tables whose rows are more or less than the device or the model says.
  package var entries: Findings

  package struct Counts: Sendable, Codable, Equatable {
    package var objects = 0
    package var parameters = 0
    /// Of the objects and parameters, those that the model has.
    package var known = 0
    /// Items of the model that the device has, and all that it could have.
    package var itemsInUse = 0
    package var itemsInModel = 0
  }

  package struct VendorShare: Sendable, Codable, Equatable {
    /// For example `X_AVM-DE`.
    package var prefix: String
    package var paths: Int
  }
}

/// What was found of one sort: how much in all, and the first of it.
package struct Findings: Sendable, Codable, Equatable {
  /// Different items of the model, or different paths without the numbers of instances.
  package var items = 0
  /// Places in the tree.
  package var paths = 0
  /// The first ones in the order of their paths.
  package var list: [Finding] = []

  package init(items: Int = 0, paths: Int = 0, list: [Finding] = []) {
    self.items = items
    self.paths = paths
    self.list = list
  }

  package struct Finding: Sendable, Codable, Equatable {
    /// With `{i}` for instances.
    package var item: String
    /// The first path at which it was found.
    package var path: String
    /// At how many paths.
    package var paths: Int
    /// What the device has.
    package var found: String?
    /// What the model says.
    package var expected: String?
  }
}

/// How much of a profile a device has.
package struct ProfileSupport: Sendable, Codable, Equatable {
  package enum State: String, Sendable, Codable, CaseIterable {
    /// All that is required is there.
    case full
    /// Nothing is missing, but some of it is in tables that have no rows now.
    case unseen
    /// Something is missing.
    case partial
  }

  /// For example `Baseline:1`.
  package var name: String
  package var state: State
  /// `deprecated` and the like; nil where it is current.
  package var status: String?
  /// What is required, with what the profiles require that it is built on.
  package var required: Int
  package var met: Int
  /// In tables without rows.
  package var unseen: Int
  package var missing: Int
  /// The first of what is missing, in the order of the paths.
  package var missingItems: [Missing]

  package struct Missing: Sendable, Codable, Equatable {
    package enum Reason: String, Sendable, Codable, CaseIterable {
      case absent
      /// Has to be writable, and is not.
      case readOnly
      /// Rows have to come and go on request, and can't be added.
      case notCreatable
    }

    package var item: String
    package var reason: Reason
  }
}
