extension Selector {
  /// Whether a device is meant. This is what the terms mean; searches in the store must agree with it.
  ///
  /// - Parameters:
  ///   - facts: The device's facts by their names without the root.
  ///   - isOnline: Whether its USP agent is connected; nil where none has ever been.
  package func matches(
    name: String, tags: Set<String>, facts: [String: String], isOnline: Bool? = nil
  ) -> Bool {
    terms.allSatisfy { term in
      switch term.subject {
      case .name: term.test.holds(for: CollectionOfOne(name))
      case .tag: term.test.holds(for: tags)
      case .online:
        if let isOnline {
          term.test.holds(for: CollectionOfOne(isOnline ? "true" : "false"))
        } else {
          term.test.holds(for: EmptyCollection())
        }
      case .fact(let fact):
        if let value = facts[fact] {
          term.test.holds(for: CollectionOfOne(value))
        } else {
          term.test.holds(for: EmptyCollection())
        }
      }
    }
  }
}

extension Selector.Test {
  fileprivate func holds(for values: some Collection<String>) -> Bool {
    switch self {
    case .isAny(let patterns): values.contains { value in patterns.contains { $0.matches(value) } }
    case .isNone(let patterns):
      !values.contains { value in patterns.contains { $0.matches(value) } }
    case .exists: !values.isEmpty
    case .isAbsent: values.isEmpty
    }
  }
}

extension Selector.Pattern {
  package func matches(_ text: String) -> Bool {
    var rest = Array(text.utf8)[...]
    let first = pieces[0].utf8
    guard rest.starts(with: first) else { return false }
    guard pieces.count > 1, let last = pieces.last?.utf8 else { return rest.count == first.count }
    rest = rest.dropFirst(first.count)
    guard rest.count >= last.count, rest.suffix(last.count).elementsEqual(last) else {
      return false
    }
    rest = rest.dropLast(last.count)
    // The leftmost place for each piece leaves the most room for those after it.
    for piece in pieces.dropFirst().dropLast() {
      let bytes = Array(piece.utf8)
      guard
        let start = rest.indices.first(where: { rest[$0...].starts(with: bytes) })
      else { return false }
      rest = rest[(start + bytes.count)...]
    }
    return true
  }
}
