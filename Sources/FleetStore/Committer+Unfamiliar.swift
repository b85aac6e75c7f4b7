import Fleet

extension Committer {
  /// Values that may show that instances have come or gone; most calls bring none.
  static func unfamiliar(_ values: [ReportedValue], to known: VolatileValues)
    -> [ReportedValue]
  {
    var found: [ReportedValue] = []
    for value in values {
      if value.path.hasSuffix("NumberOfEntries") {
        if known[value.path]?.value != value.value { found.append(value) }
      } else if value.path.namesInstance, known[value.path] == nil {
        found.append(value)
      }
      if found.count == maxUnfamiliar { break }
    }
    return found
  }

  /// Values of one call that are compared with the stored tree.
  private static let maxUnfamiliar = 64
}

extension String {
  /// Whether a part of the path is an instance number.
  fileprivate var namesInstance: Bool {
    var isAfterDot = false
    for byte in utf8 {
      if isAfterDot, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { return true }
      isAfterDot = byte == UInt8(ascii: ".")
    }
    return false
  }
}
