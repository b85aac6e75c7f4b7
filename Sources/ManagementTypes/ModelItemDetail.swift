/// An object, parameter, command or event of a data model, or an argument of the latter two, with all that is known of it.
package struct ModelItemDetail: Codable, Sendable, Equatable {
  /// With `{i}` for instances; objects end in a dot. Empty for the model as a whole.
  package var path: String
  /// `model`, `object`, `parameter`, `command`, `event`, `input`, `output`, or `argument` of an event.
  package var kind: String
  /// `readOnly`, `readWrite` or `writeOnceReadOnly`; of an object: whether rows are added and deleted.
  package var access: String?
  package var type: ModelTypeDetail?
  package var table: ModelTableDetail?
  /// `current`, `deprecated`, `obsoleted` or `deleted`.
  package var status: String
  /// In which version of the model it came.
  package var version: String?
  /// Of an argument: whether it has to be given.
  package var isMandatory: Bool?
  /// Of a command: whether it goes on after its answer.
  package var isAsynchronous: Bool?
  /// Where a device does not tell changes as it likes: `forceEnabled`, `forceDefaultEnabled` or `canDeny`.
  package var activeNotify: String?
  /// Whether it comes with every Inform.
  package var isForcedInform: Bool?
  /// Plain text: a line for each paragraph, an empty one between them.
  package var description: String?
  /// The profiles that require it.
  package var profiles: [String]
  /// What is directly in it.
  package var children: [ModelItemSummary]

  package init(path: String, kind: String, status: String = "current") {
    self.path = path
    self.kind = kind
    self.status = status
    profiles = []
    children = []
  }
}

/// An item of a data model in one line.
package struct ModelItemSummary: Codable, Sendable, Equatable {
  package var path: String
  /// As ``ModelItemDetail/kind``.
  package var kind: String
  package var access: String?
  /// In words, for example `unsignedInt from 1 to 65535, in seconds`.
  package var type: String?
  package var status: String
  /// The first sentence of the description.
  package var summary: String?

  package init(
    path: String, kind: String, access: String? = nil, type: String? = nil, status: String,
    summary: String? = nil
  ) {
    self.path = path
    self.kind = kind
    self.access = access
    self.type = type
    self.status = status
    self.summary = summary
  }
}

/// What an object holds how often.
package struct ModelTableDetail: Codable, Sendable, Equatable {
  package struct Key: Codable, Sendable, Equatable {
    /// Whether it holds for enabled rows only.
    package var isFunctional: Bool
    package var parameters: [String]

    package init(isFunctional: Bool, parameters: [String]) {
      self.isFunctional = isFunctional
      self.parameters = parameters
    }
  }

  package var minEntries: Int
  /// Nil: any number.
  package var maxEntries: Int?
  package var countParameter: String?
  package var enableParameter: String?
  package var discriminatorParameter: String?
  package var mountType: String?
  package var uniqueKeys: [Key]

  package init(minEntries: Int, maxEntries: Int?, uniqueKeys: [Key]) {
    self.minEntries = minEntries
    self.maxEntries = maxEntries
    self.uniqueKeys = uniqueKeys
  }
}

/// What values a parameter takes.
package struct ModelTypeDetail: Codable, Sendable, Equatable {
  /// Both bounds are included; nil is open. Numbers are texts, as they may be larger or finer than any machine number.
  package struct Range: Codable, Sendable, Equatable {
    package var min: String?
    package var max: String?
    /// The distance of allowed numbers; nil: 1.
    package var step: String?

    package init(min: String?, max: String?, step: String? = nil) {
      self.min = min
      self.max = max
      self.step = step
    }
  }

  package struct Value: Codable, Sendable, Equatable {
    package var value: String
    /// False where a device may report it and nobody may set it.
    package var isWritable: Bool
    package var isOptional: Bool
    package var status: String
    package var version: String?
    package var description: String?

    package init(value: String, isWritable: Bool, isOptional: Bool, status: String) {
      self.value = value
      self.isWritable = isWritable
      self.isOptional = isOptional
      self.status = status
    }
  }

  package struct Reference: Codable, Sendable, Equatable {
    /// `path`: the value is a path; `instance`: the number of an instance; `enumeration`: one of another parameter's values.
    package var kind: String
    /// `weak` or `strong`.
    package var strength: String?
    /// What it may lead to, in full: objects whose children or rows it may be, or parameters.
    package var targets: [String]
    /// For example `row`.
    package var targetType: String?

    package init(kind: String, strength: String?, targets: [String], targetType: String?) {
      self.kind = kind
      self.strength = strength
      self.targets = targets
      self.targetType = targetType
    }
  }

  package struct Default: Codable, Sendable, Equatable {
    /// When it has this value: `object`: once its object is there; `factory`: after a factory reset; `implementation`, `parameter`.
    package var kind: String
    package var value: String

    package init(kind: String, value: String) {
      self.kind = kind
      self.value = value
    }
  }

  /// All that can be said in a line.
  package var words: String
  package var primitive: String
  /// The named type, for example `MACAddress`.
  package var name: String?
  /// Whether it is a comma-separated list; the rest is of one item then.
  package var isList: Bool
  /// How many items.
  package var items: Range?
  /// Characters of a text, or bytes of what is encoded.
  package var lengths: [Range]
  package var ranges: [Range]
  package var values: [Value]
  /// Regular expressions of XML Schema, one of which a value has to match as a whole.
  package var patterns: [String]
  package var units: String?
  package var references: [Reference]
  package var defaultValue: Default?
  /// Reads as nothing, whoever asks.
  package var isHidden: Bool
  /// Reads as nothing without a role that may see it.
  package var isSecured: Bool
  /// Setting it makes the device do something.
  package var isCommand: Bool

  package init(
    words: String, primitive: String, name: String?, isList: Bool, items: Range?,
    lengths: [Range], ranges: [Range], values: [Value], patterns: [String], units: String?,
    references: [Reference], defaultValue: Default?, isHidden: Bool, isSecured: Bool,
    isCommand: Bool
  ) {
    self.words = words
    self.primitive = primitive
    self.name = name
    self.isList = isList
    self.items = items
    self.lengths = lengths
    self.ranges = ranges
    self.values = values
    self.patterns = patterns
    self.units = units
    self.references = references
    self.defaultValue = defaultValue
    self.isHidden = isHidden
    self.isSecured = isSecured
    self.isCommand = isCommand
  }
}
