/// Items found by words.
package struct ModelSearch: Sendable {
  package struct Hit: Sendable, Equatable {
    package var place: Int
    /// The less, the better.
    var rank: Int
  }

  /// More words than anybody searches by.
  package static let maxWords = 10

  /// The items whose path or description has all the words, whatever their case: those first that are called so, then those that
  /// stand below something that is, then those that only speak of it. Deleted items are none.
  ///
  /// - Parameter query: words with blanks between them.
  package static func hits(_ query: String, in model: DataModel) -> [Hit] {
    let words = query.split(whereSeparator: \.isWhitespace).prefix(maxWords).map {
      Word(String($0))
    }
    guard !words.isEmpty else { return [] }
    var hits: [Hit] = []
    for (place, item) in model.items.enumerated() where item.effectiveStatus != .deleted {
      var rank = 0
      for word in words {
        guard let own = word.rank(of: item) else {
          rank = -1
          break
        }
        rank += own
      }
      if rank >= 0 { hits.append(Hit(place: place, rank: rank)) }
    }
    return hits.sorted {
      let one = model.items[$0.place].path
      let other = model.items[$1.place].path
      return ($0.rank, one.utf8.count, one) < ($1.rank, other.utf8.count, other)
    }
  }

  private struct Word {
    let bytes: [UInt8]

    init(_ text: String) { bytes = text.utf8.map(Self.small) }

    private static func small(_ byte: UInt8) -> UInt8 { byte &- 65 < 26 ? byte | 0x20 : byte }

    func rank(of item: ModelItem) -> Int? {
      var path = item.path
      let inPath = path.withUTF8 { rank(inPath: $0) }
      if let inPath { return inPath }
      var text = item.description
      return text.withUTF8 { first(in: $0, from: 0) } == nil ? nil : 4
    }

    /// 0: the name of the item; 1: a word of that name; 2: within that name; 3: elsewhere in the path.
    private func rank(inPath path: UnsafeBufferPointer<UInt8>) -> Int? {
      guard var place = first(in: path, from: 0) else { return nil }
      let (start, end) = Self.lastName(path)
      var best = 3
      while true {
        if place >= start, place + bytes.count <= end {
          let beginsWord = place == start || Self.isLarge(path[place])
          let after = place + bytes.count
          let endsWord = after == end || Self.isLarge(path[after])
          let isWhole = place == start && after == end
          best = min(best, isWhole ? 0 : beginsWord && endsWord ? 1 : 2)
        }
        guard best > 0, let next = first(in: path, from: place + 1) else { return best }
        place = next
      }
    }

    private static func isLarge(_ byte: UInt8) -> Bool { byte &- 65 < 26 }

    /// The last part of a path that is no `{i}`, without parentheses and marks.
    private static func lastName(_ path: UnsafeBufferPointer<UInt8>) -> (Int, Int) {
      var end = path.count
      while end > 0,
        [UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "!")]
          .contains(path[end - 1])
      {
        end -= 1
      }
      if end >= 4, path[end - 1] == UInt8(ascii: "}") { end -= 4 }
      var start = end
      while start > 0, path[start - 1] != UInt8(ascii: ".") { start -= 1 }
      return (start, max(start, end))
    }

    private func first(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
      guard let head = bytes.first, text.count >= bytes.count else { return nil }
      var place = start
      while place <= text.count - bytes.count {
        if Self.small(text[place]) == head {
          var length = 1
          while length < bytes.count, Self.small(text[place + length]) == bytes[length] {
            length += 1
          }
          if length == bytes.count { return place }
        }
        place += 1
      }
      return nil
    }
  }
}
