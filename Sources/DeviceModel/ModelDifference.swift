/// How one model differs from another, or what one firmware supports from what another does.
package struct ModelDifference: Sendable, Codable, Equatable {
  package var old: String
  package var new: String
  /// In the order of the paths, like the others.
  package var added: [Item]
  package var removed: [Item]
  package var changed: [ChangedItem]
  /// In tables of which the other one has no rows now, so that nothing can be said.
  package var unseen: Int

  package struct Item: Sendable, Codable, Equatable {
    package var path: String
    package var kind: String
    package var access: String?
    package var type: String?
  }

  package struct ChangedItem: Sendable, Codable, Equatable {
    package var path: String
    package var kind: String
    package var changes: [Change]
  }

  /// What has come and gone of an aspect: a word in the place of another, or some of many.
  package struct Change: Sendable, Codable, Equatable {
    package var aspect: ModelOutline.Aspect
    package var removed: [String]
    package var added: [String]
  }

  package var isEmpty: Bool { added.isEmpty && removed.isEmpty && changed.isEmpty }
}

extension ModelDifference {
  package init(from old: ModelOutline, to new: ModelOutline) {
    var added: [Item] = []
    var removed: [Item] = []
    var changed: [ChangedItem] = []
    var unseen = 0
    for (path, item) in new.items {
      if let before = old.items[path] {
        let changes = Self.changes(from: before, to: item)
        if !changes.isEmpty {
          changed.append(ChangedItem(path: path, kind: item.kind, changes: changes))
        }
      } else if old.cannotTell(of: path) {
        unseen += 1
      } else if !new.isTableOfRows(path, in: old) {
        added.append(Item(path, item))
      }
    }
    for (path, item) in old.items where new.items[path] == nil {
      if new.cannotTell(of: path) {
        unseen += 1
      } else if !old.isTableOfRows(path, in: new) {
        removed.append(Item(path, item))
      }
    }
    self.init(
      old: old.name, new: new.name, added: added.sorted { $0.path.precedes($1.path) },
      removed: removed.sorted { $0.path.precedes($1.path) },
      changed: changed.sorted { $0.path.precedes($1.path) }, unseen: unseen)
  }

  private static func changes(from old: ModelOutline.Item, to new: ModelOutline.Item) -> [Change] {
    var changes: [Change] = []
    if old.kind != new.kind {
      changes.append(Change(aspect: .kind, removed: [old.kind], added: [new.kind]))
    }
    for aspect in ModelOutline.Aspect.allCases {
      guard let before = old.aspects[aspect], let after = new.aspects[aspect], before != after
      else { continue }
      let (known, kept) = (Set(before), Set(after))
      let change = Change(
        aspect: aspect, removed: before.filter { !kept.contains($0) },
        added: after.filter { !known.contains($0) })
      // The order alone means nothing.
      if !change.removed.isEmpty || !change.added.isEmpty { changes.append(change) }
    }
    return changes
  }
}

extension ModelDifference.Item {
  fileprivate init(_ path: String, _ item: ModelOutline.Item) {
    self.init(
      path: path, kind: item.kind, access: item.aspects[.access]?.first,
      type: item.aspects[.type]?.first)
  }
}

extension ModelOutline {
  /// Whether a path is in a table that is there without rows: then nothing is known of what its rows have.
  fileprivate func cannotTell(of path: String) -> Bool {
    var rest = path.utf8[...]
    while let brace = rest.lastIndex(of: UInt8(ascii: "{")) {
      let table = String(Substring(rest[..<brace]))
      if items[table] != nil { return items[table + "{i}."] == nil }
      rest = rest[..<brace]
    }
    return false
  }

  /// Whether a path is that of a table without rows here and with rows in the other.
  fileprivate func isTableOfRows(_ path: String, in other: ModelOutline) -> Bool {
    path.utf8.last == UInt8(ascii: ".") && other.items[path + "{i}."] != nil
  }
}

extension String {
  fileprivate func precedes(_ other: String) -> Bool {
    utf8.lexicographicallyPrecedes(other.utf8)
  }
}
