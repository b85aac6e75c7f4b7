import Cryptography

extension STUNMessage {
  /// Over which text a MESSAGE-INTEGRITY is computed.
  package enum IntegrityForm: Sendable, Equatable, CaseIterable {
    /// Filled with zeros to a multiple of 64 bytes: RFC 3489, 11.2.8, to which TR-069 refers.
    case filled
    /// As it is: RFC 5389, 15.4, used by CPEs with a newer library.
    case bare
  }

  /// How the MESSAGE-INTEGRITY of a datagram stands to a key.
  package enum Integrity: Sendable, Equatable {
    case absent
    /// The code is not that of the key, or something other than a FINGERPRINT follows it.
    case wrong
    case right(IntegrityForm)
  }

  private static let codeSize = 20
  private static let fingerprint: UInt16 = 0x8028

  /// The datagram with a MESSAGE-INTEGRITY at its end.
  ///
  /// - Parameter key: The bytes of STUNPassword.
  package func signed(key: [UInt8], form: IntegrityForm = .filled) -> [UInt8] {
    var bytes = encoded()
    Self.setLength(bytes.count - Self.headerSize + 4 + Self.codeSize, in: &bytes)
    let code = Self.code(of: bytes, key: key, form: form)
    Self.append(STUNAttribute.Kind.messageIntegrity, to: &bytes)
    Self.append(UInt16(Self.codeSize), to: &bytes)
    return bytes + code
  }

  /// Checks the MESSAGE-INTEGRITY of a datagram.
  package static func integrity(of datagram: [UInt8], key: [UInt8]) throws(STUNError) -> Integrity {
    guard datagram.count >= headerSize else { throw .truncated }
    let places = try places(in: datagram)
    guard
      let index = places.firstIndex(where: { $0.type == STUNAttribute.Kind.messageIntegrity })
    else { return .absent }
    let place = places[index]
    // Attributes behind the code would not be covered by it.
    guard place.value.count == codeSize,
      places[(index + 1)...].allSatisfy({ $0.type == fingerprint })
    else { return .wrong }
    var text = Array(datagram[..<place.start])
    setLength(place.value.upperBound - headerSize, in: &text)
    for form in IntegrityForm.allCases
    where constantTimeEquals(code(of: text, key: key, form: form), datagram[place.value]) {
      return .right(form)
    }
    return .wrong
  }

  private static func code(of text: [UInt8], key: [UInt8], form: IntegrityForm) -> [UInt8] {
    var text = text
    if form == .filled {
      text += Array(repeating: 0, count: (64 - text.count % 64) % 64)
    }
    return HMAC.sha1(key: key, message: text)
  }

  private static func setLength(_ length: Int, in bytes: inout [UInt8]) {
    bytes[2] = UInt8(truncatingIfNeeded: length >> 8)
    bytes[3] = UInt8(truncatingIfNeeded: length)
  }
}
