/// A part of a list.
package struct Page<Item: Codable & Sendable>: Codable, Sendable {
  package var items: [Item]
  /// Give it as `cursor` to get what follows; nil: this is the end of the list.
  package var nextCursor: String?

  package init(items: [Item], nextCursor: String? = nil) {
    self.items = items
    self.nextCursor = nextCursor
  }
}

extension Page: Equatable where Item: Equatable {}
