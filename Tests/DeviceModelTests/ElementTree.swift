/// A document as a tree, for tests that rewrite it; understands what published models have and no more.
struct ElementTree {
  enum Child {
    case element(ElementTree)
    case text(Substring)
  }

  var name: Substring
  var attributes: [(name: Substring, value: Substring)] = []
  var children: [Child] = []

  /// - Parameter text: well-formed.
  init(_ text: String) {
    var rest = text[...]
    while let open = rest.firstIndex(of: "<") {
      rest = rest[open...]
      guard rest.hasPrefix("<?") || rest.hasPrefix("<!") else { break }
      Self.skipMarkup(&rest)
    }
    self.init(at: &rest)
  }

  private init(at rest: inout Substring) {
    rest = rest.dropFirst()
    name = rest.prefix { !$0.isWhitespace && $0 != ">" && $0 != "/" }
    rest = rest.dropFirst(name.count)
    while true {
      rest = rest.drop { $0.isWhitespace }
      if rest.hasPrefix("/>") {
        rest = rest.dropFirst(2)
        return
      }
      if rest.hasPrefix(">") { break }
      let attribute = rest.prefix { $0 != "=" && !$0.isWhitespace }
      rest = rest.dropFirst(attribute.count).drop { $0.isWhitespace || $0 == "=" }
      let quote = rest.first
      let value = rest.dropFirst().prefix { $0 != quote }
      rest = rest.dropFirst(value.count + 2)
      attributes.append((attribute, value))
    }
    rest = rest.dropFirst()
    while !rest.isEmpty {
      let text = rest.prefix { $0 != "<" }
      if !text.isEmpty { children.append(.text(text)) }
      rest = rest[text.endIndex...]
      if rest.hasPrefix("</") {
        rest = rest.drop { $0 != ">" }.dropFirst()
        return
      }
      if rest.hasPrefix("<!") || rest.hasPrefix("<?") {
        Self.skipMarkup(&rest)
      } else {
        children.append(.element(ElementTree(at: &rest)))
      }
    }
  }

  private static func skipMarkup(_ rest: inout Substring) {
    if rest.hasPrefix("<!--") {
      while !rest.isEmpty, !rest.hasPrefix("-->") { rest = rest.dropFirst() }
      rest = rest.dropFirst(3)
    } else {
      rest = rest.drop { $0 != ">" }.dropFirst()
    }
  }

  var text: String {
    var text = ""
    write(to: &text)
    return text
  }

  private func write(to text: inout String) {
    text += "<\(name)"
    for attribute in attributes { text += " \(attribute.name)=\"\(attribute.value)\"" }
    text += ">"
    for child in children {
      switch child {
      case .element(let element): element.write(to: &text)
      case .text(let characters): text += characters
      }
    }
    text += "</\(name)>"
  }
}

/// Random numbers that come again with their seed (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}

extension ElementTree {
  /// Elements of which the order of what is in them means nothing.
  private static let unordered: Set<Substring> = [
    "dm:document", "model", "object", "input", "output",
  ]
  private static let texts: Set<Substring> = [
    "description", "annotation", "template", "abbreviation",
  ]

  /// The same facts, written otherwise: attributes and siblings in another order, comments, white space, and elements and
  /// attributes that the schema does not have.
  func rewritten(_ random: inout SeededNumbers) -> ElementTree {
    var tree = self
    // Wide: line breaks between the attributes, as people wrap them.
    tree.attributes = attributes.shuffled(using: &random)
    if Int.random(in: 0..<8, using: &random) == 0 {
      tree.attributes.append(("\n   extension", "x"))
      tree.attributes.append(("\txmlns:own", "urn:example-com:own"))
      tree.attributes.append(("own:name", "Other"))
      tree.attributes.append(("own:access", "readWrite"))
      tree.attributes.append(("own:version", "99.0"))
    }
    guard !Self.texts.contains(name) else { return tree }
    var elements: [ElementTree] = []
    for case .element(let element) in children { elements.append(element.rewritten(&random)) }
    if Self.unordered.contains(name) { elements.shuffle(using: &random) }
    tree.children = []
    for element in elements {
      switch Int.random(in: 0..<6, using: &random) {
      case 0: tree.children.append(.text("<!-- <parameter name=\"No\"/> -->"))
      case 1: tree.children.append(.text("\n\t \r\n"))
      case 2: tree.children.append(.text(Self.foreign))
      case 3: tree.children.append(.text("<?note <object name=\"No.\"?>"))
      default: break
      }
      tree.children.append(.element(element))
    }
    return tree
  }

  private static let foreign: Substring = """
    <own:thing xmlns:own="urn:example-com:own" name="No"><parameter name="No"><syntax><int/></syntax></parameter>words
    <description>No.</description></own:thing><own:parameter xmlns:own="urn:example-com:own" name="No"/><extension><object name="No."/></extension>
    """
}

extension ElementTree {
  /// Something else: elements left out, repeated, moved into others, and attributes lost or with the values of others.
  ///
  /// - Parameter strays: elements and values from elsewhere in the document; grows.
  func damaged(
    _ random: inout SeededNumbers, one chance: Int, strays: inout [ElementTree]
  ) -> ElementTree {
    func happens() -> Bool { Int.random(in: 0..<chance, using: &random) == 0 }
    var tree = self
    tree.attributes = attributes.filter { _ in !happens() }
    if happens(), let stray = strays.randomElement(using: &random) {
      tree.name = stray.name
    }
    for index in tree.attributes.indices where happens() {
      let values = strays.randomElement(using: &random)?.attributes ?? []
      if let other = values.randomElement(using: &random) {
        tree.attributes[index].value = other.value
      }
    }
    tree.children = []
    for child in children {
      guard case .element(let element) = child else {
        tree.children.append(child)
        continue
      }
      if happens() { continue }
      let inner = element.damaged(&random, one: chance, strays: &strays)
      tree.children.append(.element(inner))
      if happens() { tree.children.append(.element(inner)) }
      if happens(), let stray = strays.randomElement(using: &random) {
        tree.children.append(.element(stray))
      }
      if strays.count < 500 { strays.append(element) }
    }
    return tree
  }
}
