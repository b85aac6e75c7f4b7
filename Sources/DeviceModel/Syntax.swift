/// What values a parameter takes, with all that it inherits from named types.
///
/// A reference to facts that many parameters share; one that is changed gets its own.
package struct Syntax: Sendable {
  /// The facts themselves.
  struct Facets: Sendable, Hashable {
    var primitive: PrimitiveType
    var typeName: String?
    var list: ListFacet?
    var itemList: ListFacet?
    var sizes: [SizeRange] = []
    var ranges: [NumberRange] = []
    var enumerations: [Enumeration] = []
    var patterns: [String] = []
    var units: String?
    var references: [Reference] = []
    var isHidden: Bool = false
    var isSecured: Bool = false
    var isCommand: Bool = false
    var defaultValue: DefaultValue?

    init(_ primitive: PrimitiveType) { self.primitive = primitive }
  }

  private final class Storage: Sendable {
    let facets: Facets
    init(_ facets: Facets) { self.facets = facets }
  }

  private var storage: Storage

  package init(_ primitive: PrimitiveType) { self.init(Facets(primitive)) }

  init(_ facets: Facets) { storage = Storage(facets) }

  var facets: Facets {
    get { storage.facets }
    set { storage = Storage(newValue) }
  }

  package var primitive: PrimitiveType {
    get { storage.facets.primitive }
    set { facets.primitive = newValue }
  }
  /// The named type that is nearest; nil where there is none.
  package var typeName: String? {
    get { storage.facets.typeName }
    set { facets.typeName = newValue }
  }
  package var list: ListFacet? {
    get { storage.facets.list }
    set { facets.list = newValue }
  }
  /// Where each item of the list is a list itself.
  package var itemList: ListFacet? {
    get { storage.facets.itemList }
    set { facets.itemList = newValue }
  }
  /// Of a text, or of the decoded bytes; of one item of a list.
  package var sizes: [SizeRange] {
    get { storage.facets.sizes }
    set { facets.sizes = newValue }
  }
  package var ranges: [NumberRange] {
    get { storage.facets.ranges }
    set { facets.ranges = newValue }
  }
  package var enumerations: [Enumeration] {
    get { storage.facets.enumerations }
    set { facets.enumerations = newValue }
  }
  /// Regular expressions of XML Schema, any of which a value has to match as a whole.
  package var patterns: [String] {
    get { storage.facets.patterns }
    set { facets.patterns = newValue }
  }
  package var units: String? {
    get { storage.facets.units }
    set { facets.units = newValue }
  }
  package var references: [Reference] {
    get { storage.facets.references }
    set { facets.references = newValue }
  }
  /// Reads as nothing.
  package var isHidden: Bool {
    get { storage.facets.isHidden }
    set { facets.isHidden = newValue }
  }
  /// Reads as nothing without a role that may see it.
  package var isSecured: Bool {
    get { storage.facets.isSecured }
    set { facets.isSecured = newValue }
  }
  /// Setting it makes the device do something.
  package var isCommand: Bool {
    get { storage.facets.isCommand }
    set { facets.isCommand = newValue }
  }
  package var defaultValue: DefaultValue? {
    get { storage.facets.defaultValue }
    set { facets.defaultValue = newValue }
  }
}

extension Syntax: Hashable {
  package static func == (one: Self, other: Self) -> Bool {
    one.storage === other.storage || one.facets == other.facets
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(storage.facets) }
}

extension Syntax.Facets {
  /// About how many bytes they take.
  var size: Int {
    var size = 16 * (sizes.count + ranges.count + (list?.sizes.count ?? 0))
    for range in ranges {
      for text in [range.least, range.most, range.step] { size += text?.utf8.count ?? 0 }
    }
    for value in enumerations {
      size += 16 + value.value.utf8.count + (value.version?.utf8.count ?? 0)
    }
    for pattern in patterns { size += 16 + pattern.utf8.count }
    for reference in references {
      size += 16 + (reference.targetType?.utf8.count ?? 0)
      size += (reference.targetDataType?.utf8.count ?? 0) + (reference.nullValue?.utf8.count ?? 0)
      for target in reference.targets { size += 16 + target.utf8.count }
    }
    return size + (units?.utf8.count ?? 0) + (defaultValue?.value.utf8.count ?? 0)
  }

  /// This one, with the kinds of facets that it lacks from another.
  func filled(from base: Self) -> Self {
    var facets = self
    if sizes.isEmpty { facets.sizes = base.sizes }
    if ranges.isEmpty { facets.ranges = base.ranges }
    if enumerations.isEmpty {
      facets.enumerations = base.enumerations
    } else {
      facets.enumerations.describe(from: base.enumerations)
    }
    if patterns.isEmpty { facets.patterns = base.patterns }
    if references.isEmpty { facets.references = base.references }
    facets.units = units ?? base.units
    facets.list = list ?? base.list
    facets.itemList = itemList ?? base.itemList
    facets.typeName = typeName ?? base.typeName
    facets.defaultValue = defaultValue ?? base.defaultValue
    facets.isHidden = isHidden || base.isHidden
    facets.isSecured = isSecured || base.isSecured
    facets.isCommand = isCommand || base.isCommand
    return facets
  }

  /// As above, for an edit of the same parameter: values, too, have what is not said anew.
  func edited(from old: Self) -> Self {
    var facets = filled(from: old)
    guard !enumerations.isEmpty, !old.enumerations.isEmpty else { return facets }
    let known = Dictionary(old.enumerations.map { ($0.value, $0) }) { first, _ in first }
    for index in facets.enumerations.indices {
      guard let before = known[facets.enumerations[index].value] else { continue }
      facets.enumerations[index].fill(from: before)
    }
    return facets
  }
}

extension ListFacet {
  func filled(from old: Self) -> Self {
    ListFacet(
      items: SizeRange(items.least ?? old.items.least, items.most ?? old.items.most),
      sizes: sizes.isEmpty ? old.sizes : sizes,
      nestedBrackets: nestedBrackets ?? old.nestedBrackets)
  }
}

extension Enumeration {
  fileprivate mutating func fill(from old: Self) {
    isWritable = isWritable && old.isWritable
    isOptional = isOptional || old.isOptional
    status = status ?? old.status
    version = version ?? old.version
    code = code ?? old.code
  }
}

extension [Enumeration] {
  /// Gives values that have no description those of the same values elsewhere.
  fileprivate mutating func describe(from others: [Enumeration]) {
    guard others.contains(where: { !$0.text.isEmpty }), contains(where: \.text.isEmpty) else {
      return
    }
    let known = Dictionary(others.map { ($0.value, $0.text) }) { first, _ in first }
    for index in indices where self[index].text.isEmpty {
      if let text = known[self[index].value] { self[index].text = text }
    }
  }
}
