/// The name of a USP endpoint: `scheme:[authority-id]:instance-id` (TR-369 2.3, R-ARC.2 to R-ARC.6).
///
/// Two IDs are the same where their texts are.
package struct EndpointID: Hashable, Sendable, CustomStringConvertible {
  /// Who says what an instance is called (TR-369 2.3.1).
  package enum Scheme: String, Sendable, CaseIterable {
    case oui, cid, pen, `self`, user, os, ops, uuid, imei, fqdn, proto, doc
  }

  package let text: String
  private let schemeEnd: UInt8
  private let authorityEnd: UInt8

  /// What a URI begins with that names an endpoint, as in a certificate (R-SEC.0a).
  package static let urnPrefix = "urn:bbf:usp:id:"
  /// How many characters an instance ID has at most, an escaped one counted as one (R-ARC.6).
  package static let longestInstance = 50

  /// - Parameter text: as in a Record's `to_id`; nil where the scheme forbids it.
  package init?(_ text: String) {
    var text = text
    text.makeContiguousUTF8()
    let bytes = text.utf8
    guard bytes.count <= 16 + 3 * Self.longestInstance,
      let first = bytes.firstIndex(of: UInt8(ascii: ":")),
      let second = bytes[bytes.index(after: first)...].firstIndex(of: UInt8(ascii: ":")),
      let scheme = Scheme(rawValue: String(text[..<first])),
      Self.isAuthority(bytes[bytes.index(after: first)..<second], of: scheme),
      Self.isInstance(bytes[bytes.index(after: second)...], of: scheme),
      let schemeEnd = UInt8(exactly: bytes.distance(from: bytes.startIndex, to: first)),
      let authorityEnd = UInt8(exactly: bytes.distance(from: bytes.startIndex, to: second))
    else { return nil }
    self.text = text
    self.schemeEnd = schemeEnd
    self.authorityEnd = authorityEnd
  }

  package var scheme: Scheme { Scheme(rawValue: part(from: 0, to: Int(schemeEnd))) ?? .`self` }
  /// Empty where the scheme has none.
  package var authority: String { part(from: Int(schemeEnd) + 1, to: Int(authorityEnd)) }
  /// As it stands in the text: what is escaped stays so.
  package var instance: String { part(from: Int(authorityEnd) + 1, to: text.utf8.count) }
  /// Nil where what is escaped is no UTF-8.
  package var unescapedInstance: String? { Self.unescaped(instance) }
  package var description: String { text }

  package var urn: String { Self.urnPrefix + text }

  /// - Parameter urn: `urn:bbf:usp:id:` and an ID, as the subject alternative names of certificates have it; nil where it isn't.
  package static func fromURN(_ urn: String) -> EndpointID? {
    guard urn.utf8.count > urnPrefix.utf8.count,
      urn.prefix(urnPrefix.count).lowercased() == urnPrefix
    else { return nil }
    return EndpointID(String(urn.dropFirst(urnPrefix.count)))
  }

  /// For the query of a WebSocket's URI, `eid=` and this (R-WS.10b, R-WS.10c): a percent sign becomes `%25`, a colon `%3A`.
  package var queryEncoded: String {
    var encoded = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: ":"): encoded += "%3A"
      case UInt8(ascii: "%"): encoded += "%25"
      default: encoded.unicodeScalars.append(Unicode.Scalar(byte))
      }
    }
    return encoded
  }

  /// - Parameter value: what follows `eid=`, as it came; also where its percent signs were left as they are.
  package init?(queryValue value: String) {
    guard value.utf8.count <= 1024 else { return nil }
    if let decoded = Self.unescaped(value), let id = EndpointID(decoded) {
      self = id
    } else if let id = EndpointID(value) {
      self = id
    } else {
      return nil
    }
  }

  private func part(from start: Int, to end: Int) -> String {
    let bytes = text.utf8
    let first = bytes.index(bytes.startIndex, offsetBy: start)
    return String(text[first..<bytes.index(bytes.startIndex, offsetBy: end)])
  }

  private static func unescaped(_ text: String) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(hexValue),
        let low = rest.popFirst().flatMap(hexValue)
      else { return nil }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}

extension EndpointID {
  private static func isAuthority(_ text: Substring.UTF8View, of scheme: Scheme) -> Bool {
    switch scheme {
    case .oui: return [6, 7, 9].contains(text.count) && text.allSatisfy { hexValue($0) != nil }
    case .cid: return text.count == 6 && text.allSatisfy { hexValue($0) != nil }
    // A private enterprise number has 32 bits.
    case .pen: return (1...10).contains(text.count) && text.allSatisfy(isDigit)
    case .`self`, .user, .doc: return text.count <= 6 && text.allSatisfy(isUnreserved)
    case .proto:
      return text.count <= 6 && text.allSatisfy { isUnreserved($0) && $0 != UInt8(ascii: ".") }
    case .os, .ops, .uuid, .imei, .fqdn: return text.isEmpty
    }
  }

  private static func isInstance(_ text: Substring.UTF8View, of scheme: Scheme) -> Bool {
    guard let length = length(ofEscaped: text), (1...longestInstance).contains(length) else {
      return false
    }
    switch scheme {
    case .oui, .cid, .pen, .`self`, .user, .proto, .doc: return true
    case .os: return parts(of: text, atLeast: 2)
    case .ops: return parts(of: text, atLeast: 3)
    case .uuid:
      return text.count == 36
        && text.enumerated().allSatisfy { offset, byte in
          [8, 13, 18, 23].contains(offset) ? byte == UInt8(ascii: "-") : hexValue(byte) != nil
        }
    // With the software version number it has 16 digits, without the check digit 14.
    case .imei: return (14...16).contains(text.count) && text.allSatisfy(isDigit)
    case .fqdn:
      return text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy {
        !$0.isEmpty && $0.first != UInt8(ascii: "-") && $0.last != UInt8(ascii: "-")
          && $0.allSatisfy {
            isUnreserved($0) && $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "_")
          }
      }
    }
  }

  /// `OUI-…`: an OUI, then the other parts; which hyphen parts a class and a serial number can't be told.
  private static func parts(of text: Substring.UTF8View, atLeast count: Int) -> Bool {
    let parts = text.split(
      separator: UInt8(ascii: "-"), maxSplits: count - 1, omittingEmptySubsequences: false)
    return parts.count == count && parts[0].count == 6
      && parts[0].allSatisfy { hexValue($0) != nil } && parts.allSatisfy { !$0.isEmpty }
  }

  private static func length(ofEscaped text: Substring.UTF8View) -> Int? {
    var length = 0
    var rest = text
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%") {
        guard rest.popFirst().flatMap(hexValue) != nil, rest.popFirst().flatMap(hexValue) != nil
        else { return nil }
      } else if !isUnreserved(byte) {
        return nil
      }
      length += 1
    }
    return length
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
    default: false
    }
  }

  private static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}

extension EndpointID {
  /// Why this endpoint does not take a Record that is for another, and where that is set right.
  package func refusal(ofRecordFor recipient: String) -> String {
    "the Record is for \(Self.shown(recipient)), and this endpoint is \(text): "
      + "set usp.endpoint, or EndpointID in the agent's Controller row"
  }

  /// What somebody gives out as an endpoint ID, as it may stand in a log.
  package static func shown(_ claim: String) -> String {
    guard !claim.isEmpty else { return "nobody" }
    let printable = claim.utf8.prefix(64).map {
      (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "?")
    }
    return String(decoding: printable, as: UTF8.self)
  }
}
