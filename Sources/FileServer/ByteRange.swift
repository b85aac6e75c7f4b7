/// What a `Range` header asks for, for content of a known size (RFC 9110, 14.2).
package enum ByteRange: Sendable, Equatable {
  /// All of it: no range was asked for, or one that may be ignored.
  case whole
  /// From the first byte up to but not including the second.
  case part(Range<Int64>)
  /// Nothing of what was asked for exists.
  case unsatisfiable

  /// - Parameters:
  ///   - header: the field's value; nil where the request has none.
  ///   - size: of the whole content, in bytes.
  ///
  /// Several ranges, other units and malformed headers give ``whole``, as the RFC allows and demands.
  package init(header: String?, size: Int64) {
    guard let header, let range = Self.specification(header) else {
      self = .whole
      return
    }
    switch range {
    case (nil, let last?):
      self = last == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - last)..<size)
    case (let first?, let last):
      if let last, last < first {
        self = .whole
      } else if first >= size {
        self = .unsatisfiable
      } else {
        self = .part(first..<min(size, (last ?? size - 1) &+ 1))
      }
    case (nil, nil):
      self = .whole
    }
  }

  private static func specification(_ header: String) -> (first: Int64?, last: Int64?)? {
    let parts = header.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, trimmed(parts[0]).lowercased() == "bytes", !parts[1].contains(",")
    else { return nil }
    let ends = trimmed(parts[1]).split(
      separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard ends.count == 2, let first = number(ends[0]), let last = number(ends[1]) else {
      return nil
    }
    return (first, last)
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first == " " || text.first == "\t" { text = text.dropFirst() }
    while text.last == " " || text.last == "\t" { text = text.dropLast() }
    return text
  }

  /// `.some(nil)` for nothing; a number too large for the type counts as larger than any content.
  private static func number(_ text: Substring) -> Int64?? {
    if text.isEmpty { return .some(nil) }
    guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    return .some(Int64(text) ?? Int64.max - 1)
  }
}
