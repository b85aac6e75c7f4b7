/// What is wrong with a placeholder of a model.
struct ValueExpressionProblem: Error, Equatable {
  var message: String

  init(_ message: String) {
    self.message = message
  }
}

extension ValueExpression {
  /// The words that a model may use, for messages.
  static let placeholders =
    "serial, oui, productClass, manufacturer, acsURL, username, connectionRequestURL, interval, mac, mac+N, mac+i, i, i1, i2, i3, random A..B, noise A..B, counter N, uptime, now, ip A.B.C.D/N, hex N, entries"

  static func placeholder(_ text: String) throws(ValueExpressionProblem) -> Segment {
    let words = text.split(separator: " ").map(String.init)
    guard let name = words.first, words.count <= 2 else {
      throw ValueExpressionProblem("an empty or overlong placeholder \"${\(text)}\"")
    }
    if let simple = simplePlaceholder(name) {
      guard words.count == 1 else {
        throw ValueExpressionProblem("\"${\(name)}\" takes no argument")
      }
      return simple
    }
    let argument = words.count == 2 ? words[1] : ""
    switch name {
    case "random": return .random(try range(argument))
    case "noise": return .noise(try range(argument))
    case "counter":
      guard let rate = UInt32(argument) else {
        throw ValueExpressionProblem("\"${counter N}\" needs a whole number a second")
      }
      return .counter(perSecond: UInt64(rate))
    case "hex":
      guard let digits = Int(argument), (1...16).contains(digits) else {
        throw ValueExpressionProblem("\"${hex N}\" needs a number from 1 to 16")
      }
      return .hexadecimal(digits: digits)
    case "ip": return try network(argument)
    default: break
    }
    if name.hasPrefix("mac+"), let offset = UInt16(name.dropFirst(4)) {
      return .macAddress(offset: UInt64(offset), addsInstance: false)
    }
    throw ValueExpressionProblem("\"${\(name)}\" is not known; there are: \(placeholders)")
  }

  private static func simplePlaceholder(_ name: String) -> Segment? {
    switch name {
    case "manufacturer": .manufacturer
    case "oui": .oui
    case "productClass": .productClass
    case "serial": .serial
    case "acsURL": .acsURL
    case "username": .username
    case "connectionRequestURL": .connectionRequestURL
    case "interval": .periodicInformInterval
    case "mac": .macAddress(offset: 0, addsInstance: false)
    case "mac+i": .macAddress(offset: 0, addsInstance: true)
    case "i": .instance(level: 0)
    case "i1": .instance(level: 1)
    case "i2": .instance(level: 2)
    case "i3": .instance(level: 3)
    case "uptime": .uptime
    case "now": .now
    case "entries": .entries
    default: nil
    }
  }

  private static func range(_ text: String) throws(ValueExpressionProblem) -> ClosedRange<Int64> {
    guard let dots = text.range(of: ".."), let lower = Int32(text[..<dots.lowerBound]),
      let upper = Int32(text[dots.upperBound...]), lower <= upper
    else { throw ValueExpressionProblem("\"\(text)\" is no range such as 1..100") }
    return Int64(lower)...Int64(upper)
  }

  private static func network(_ text: String) throws(ValueExpressionProblem) -> Segment {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let octets =
      parts.first?.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) } ?? []
    guard parts.count == 2, let prefix = Int(parts[1]), (1...32).contains(prefix),
      octets.count == 4, !octets.contains(nil)
    else { throw ValueExpressionProblem("\"\(text)\" is no network such as 100.64.0.0/10") }
    let address = octets.reduce(UInt32(0)) { $0 << 8 | UInt32($1 ?? 0) }
    let mask = prefix == 32 ? UInt32.max : ~(UInt32.max >> UInt32(prefix))
    return .address(network: address & mask, prefix: prefix)
  }
}

extension StringProtocol {
  /// The first place where the text occurs.
  func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) {
        return start..<(index(start, offsetBy: text.count))
      }
      start = index(after: start)
    }
    return nil
  }
}
