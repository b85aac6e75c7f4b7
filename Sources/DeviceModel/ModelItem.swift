/// One line of a data model: an object, a parameter, a command, an event, or an argument of the latter two.
package struct ModelItem: Sendable {
  package enum Kind: String, Sendable {
    case object
    case parameter = "param"
    case command, event
    case inputParameter = "input-param"
    case inputObject = "input-object"
    case outputParameter = "output-param"
    case outputObject = "output-object"
    case eventParameter = "event-param"
    case eventObject = "event-object"

    package var isObject: Bool {
      switch self {
      case .object, .inputObject, .outputObject, .eventObject: true
      default: false
      }
    }

    package var isParameter: Bool {
      switch self {
      case .parameter, .inputParameter, .outputParameter, .eventParameter: true
      default: false
      }
    }
  }

  package enum Access: String, Sendable {
    case readOnly, readWrite, writeOnceReadOnly
  }

  package struct UniqueKey: Sendable, Hashable {
    /// True where only enabled rows are bound.
    package var isFunctional: Bool
    package var parameters: [String]
  }

  /// What only objects have.
  package struct Table: Sendable, Hashable {
    package var least = 1
    /// Nil: any number.
    package var most: Int? = 1
    package var countParameter: String?
    package var enableParameter: String?
    package var discriminatorParameter: String?
    package var mountType: String?
    package var uniqueKeys: [UniqueKey] = []
  }

  package var kind: Kind
  /// With `{i}` for instances; objects end in a dot.
  package var path: String
  /// The place of the object, command or event that it belongs to; nil at the top.
  package var parent: Int?
  package var access: Access?
  package var syntax: Syntax?
  package var table: Table?
  /// As written; see ``effectiveStatus``.
  package var status: ItemStatus?
  package var version: ModelVersion?
  /// The highest of the item's own status and of all that it is in.
  package var effectiveStatus = ItemStatus.current
  /// In which version of the model it came.
  package var effectiveVersion: ModelVersion?
  /// Of an argument: has to be given.
  package var isMandatory = false
  /// Of a command: goes on after its answer.
  package var isAsynchronous = false
  package var description = ""
}

/// The version of a model or an item: numbers with dots.
package struct ModelVersion: Sendable, Hashable, Comparable {
  package var numbers: [Int]

  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
    guard !parts.isEmpty, parts.count <= 4, parts.allSatisfy({ $0.map { $0 >= 0 } ?? false }) else {
      return nil
    }
    numbers = parts.compactMap(\.self)
  }

  package static func < (one: Self, other: Self) -> Bool {
    one.numbers.lexicographicallyPrecedes(other.numbers)
  }
}

extension ModelVersion: CustomStringConvertible {
  package var description: String { numbers.map(String.init).joined(separator: ".") }
}
