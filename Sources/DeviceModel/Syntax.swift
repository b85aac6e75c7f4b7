/// The base types of TR-106 (3.2.2).
package enum PrimitiveType: String, Sendable, CaseIterable {
  case base64, boolean, dateTime, decimal, hexBinary, int, long, string, unsignedInt, unsignedLong

  init?(_ word: ModelWord) {
    guard let type = Self(rawValue: "\(word)") else { return nil }
    self = type
  }
}

/// Bounds of a length or a number of items; nil is open.
package struct SizeRange: Sendable, Hashable {
  package var least: Int?
  package var most: Int?

  package init(_ least: Int?, _ most: Int?) {
    self.least = least
    self.most = most
  }
}

/// Bounds of a number, both included, as they are written: they may be larger or finer than any machine number.
package struct NumberRange: Sendable, Hashable {
  package var least: String?
  package var most: String?
  /// The distance of allowed numbers, where it is not 1.
  package var step: String?
}

package struct Enumeration: Sendable, Hashable {
  package var value: String
  /// False where a device may report the value and nobody may set it.
  package var isWritable = true
  /// True where a device need not know it.
  package var isOptional = false
  package var status: ItemStatus?
  package var version: String?
}

package struct ListFacet: Sendable, Hashable {
  package var items = SizeRange(nil, nil)
  /// Of the whole text.
  package var sizes: [SizeRange] = []
}

/// What a value refers to (TR-106 3.2.4).
package struct Reference: Sendable, Hashable {
  package enum Kind: String, Sendable {
    case path, instance, enumeration
  }

  package enum Strength: String, Sendable {
    case weak, strong
  }

  package var kind: Kind
  package var strength: Strength?
  /// Paths as written: absolute, from the root (“.”), or from the object, with “#” for each level up.
  package var targets: [String] = []
  package var targetType: String?
  package var targetDataType: String?
  /// What stands for no reference.
  package var nullValue: String?
}

package struct DefaultValue: Sendable, Hashable {
  package enum Kind: String, Sendable {
    case object, factory, implementation, parameter
  }

  package var kind: Kind
  package var value: String
}

/// What values a parameter takes, with all that it inherits from named types.
package struct Syntax: Sendable, Hashable {
  package var primitive: PrimitiveType
  /// The named type that is nearest; nil where there is none.
  package var typeName: String?
  package var list: ListFacet?
  /// Where each item of the list is a list itself.
  package var itemList: ListFacet?
  /// Of a text, or of the decoded bytes; of one item of a list.
  package var sizes: [SizeRange] = []
  package var ranges: [NumberRange] = []
  package var enumerations: [Enumeration] = []
  /// Regular expressions of XML Schema, any of which a value has to match as a whole.
  package var patterns: [String] = []
  package var units: String?
  package var references: [Reference] = []
  /// Reads as nothing.
  package var isHidden = false
  /// Reads as nothing without a role that may see it.
  package var isSecured = false
  /// Setting it makes the device do something.
  package var isCommand = false
  package var defaultValue: DefaultValue?

  package init(_ primitive: PrimitiveType) { self.primitive = primitive }
}

package enum ItemStatus: String, Sendable, Comparable, CaseIterable {
  case current, deprecated, obsoleted, deleted

  package static func < (one: Self, other: Self) -> Bool { one.rank < other.rank }

  private var rank: Int {
    switch self {
    case .current: 0
    case .deprecated: 1
    case .obsoleted: 2
    case .deleted: 3
    }
  }
}
