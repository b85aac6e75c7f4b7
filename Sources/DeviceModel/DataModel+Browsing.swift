extension DataModel {
  /// The item that a person means: also an object without its last dot, and a table for its rows.
  package func browse(_ path: String) -> Int? {
    place(of: path)
      ?? (path.hasSuffix(".")
        ? place(of: path + "{i}.") : place(of: path + ".") ?? place(of: path + ".{i}."))
  }

  /// What is directly in an item, in the order of the model; nil: what is at the top.
  package func children(of place: Int?) -> [Int] {
    items.indices.filter { items[$0].parent == place }
  }

  /// All that is in an item at any depth.
  package func descendants(of place: Int) -> [Int] {
    var isInside: Set<Int> = [place]
    return items.indices.filter { index in
      guard let parent = items[index].parent, isInside.contains(parent) else { return false }
      isInside.insert(index)
      return true
    }
  }

  /// The names of the profiles that require an item, themselves or by those that they include.
  package func profiles(requiring path: String) -> [String] {
    profiles.filter { profile in profile.requirements.contains { $0.path == path } }.map(\.name)
  }

  /// The paths that a person may have meant by one that is not there, the nearest first.
  package func nearPaths(_ path: String, limit: Int = 5) -> [String] {
    let wanted = Self.names(path)
    guard let last = wanted.last, path.utf8.count <= 500 else { return [] }
    var found: [(distance: Int, path: String)] = []
    for item in items where item.effectiveStatus != .deleted {
      let names = Self.names(item.path)
      guard let own = names.last, abs(own.utf8.count - last.utf8.count) <= 3 else { continue }
      let name = own == last ? 0 : Self.distance(own, last, atMost: 3)
      guard name <= min(3, last.utf8.count / 3) else { continue }
      // What stands before it counts as far as it differs.
      var rest = 4 * abs(names.count - wanted.count)
      for (one, other) in zip(names.dropLast(), wanted.dropLast()) where one != other {
        rest += Self.distance(one, other, atMost: 3)
      }
      found.append((name + rest, item.path))
    }
    guard let best = found.map(\.distance).min() else { return [] }
    // What is much farther away than the nearest is not meant.
    return found.filter { $0.distance <= best + 4 }
      .sorted { ($0.distance, $0.path) < ($1.distance, $1.path) }.prefix(limit).map(\.path)
  }

  /// The parts of a path in small letters, instances aside.
  private static func names(_ path: String) -> [String] {
    path.split(separator: ".").filter { name in
      name != "{i}" && name != "*" && !name.allSatisfy(\.isNumber) && !name.hasPrefix("[")
    }.map { $0.lowercased() }
  }

  /// How many letters have to be changed, added or taken away to make one word of another; more than a limit is the limit plus one.
  private static func distance(_ one: String, _ other: String, atMost limit: Int) -> Int {
    let first = Array(one.utf8)
    let second = Array(other.utf8)
    var row = Array(0...second.count)
    for (index, letter) in first.enumerated() {
      var next = [index + 1]
      for (place, own) in second.enumerated() {
        next.append(
          min(row[place] + (letter == own ? 0 : 1), row[place + 1] + 1, next[place] + 1))
      }
      if next.min() ?? 0 > limit { return limit + 1 }
      row = next
    }
    return row[second.count]
  }
}
