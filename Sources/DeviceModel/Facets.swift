/// The base types of TR-106 (3.2.2).
package enum PrimitiveType: String, Sendable, CaseIterable {
  case base64, boolean, dateTime, decimal, hexBinary, int, long, string, unsignedInt, unsignedLong

  init?(_ word: ModelWord) {
    switch word {
    case .base64: self = .base64
    case .boolean: self = .boolean
    case .dateTime: self = .dateTime
    case .decimal: self = .decimal
    case .hexBinary: self = .hexBinary
    case .int: self = .int
    case .long: self = .long
    case .string: self = .string
    case .unsignedInt: self = .unsignedInt
    case .unsignedLong: self = .unsignedLong
    default: return nil
    }
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

/// A value that is allowed by its name. Two of them are equal where the facts are, whatever their descriptions say.
package struct Enumeration: Sendable {
  package var value: String
  /// False where a device may report the value and nobody may set it.
  package var isWritable = true
  /// True where a device need not know it.
  package var isOptional = false
  package var status: ItemStatus?
  package var version: String?
  /// The number that stands for it, where one does.
  package var code: Int?
  var text = SharedText()
  /// As written, with its white space and markup.
  package var description: String {
    get { text.string }
    set { text = SharedText(newValue) }
  }

  package init(value: String) { self.value = value }
}

extension Enumeration: Hashable {
  package static func == (one: Self, other: Self) -> Bool {
    one.value == other.value && one.isWritable == other.isWritable
      && one.isOptional == other.isOptional && one.status == other.status
      && one.version == other.version && one.code == other.code
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(value)
    hasher.combine(isWritable)
    hasher.combine(code)
  }
}

package struct ListFacet: Sendable, Hashable {
  package var items = SizeRange(nil, nil)
  /// Of the whole text.
  package var sizes: [SizeRange] = []
  package var nestedBrackets: NestedBrackets?

  /// Whether items that are lists themselves stand in brackets (TR-106 3.2.3).
  package enum NestedBrackets: String, Sendable {
    case legacy, permitted, required
    /// Only in a description of a device type.
    case unknown, unsupported, supported
  }
}

/// What a value refers to (TR-106 3.2.4).
package struct Reference: Sendable, Hashable {
  package enum Kind: String, Sendable {
    case path, instance, enumeration
  }

  package enum Strength: String, Sendable {
    case weak, strong
  }

  package enum Scope: String, Sendable {
    /// To what they begin with.
    case normal
    /// To the root.
    case model
    /// To the object.
    case object
  }

  package var kind: Kind
  package var strength: Strength?
  /// Paths as written: absolute, from the root (“.”), or from the object, with “#” for each level up.
  package var targets: [String] = []
  /// To what the paths are relative; nil is as normal.
  package var scope: Scope?
  package var targetType: String?
  package var targetDataType: String?
  /// What stands for no reference.
  package var nullValue: String?

  package init(kind: Kind) { self.kind = kind }
}

package struct DefaultValue: Sendable, Hashable {
  package enum Kind: String, Sendable {
    case object, factory, implementation, parameter
  }

  package var kind: Kind
  package var value: String
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
