/// A STUN message as RFC 3489 has it: a header with 16 bytes of transaction ID, then attributes.
///
/// Messages after RFC 5389 are the same to it: their magic cookie is the beginning of the transaction ID.
package struct STUNMessage: Sendable, Equatable {
  package enum Kind {
    package static let bindingRequest: UInt16 = 0x0001
    package static let bindingResponse: UInt16 = 0x0101
    package static let bindingErrorResponse: UInt16 = 0x0111
  }

  /// The most bytes of a message that is read or written.
  package static let maximumSize = 1400
  package static let maximumAttributes = 32
  package static let headerSize = 20
  package static let transactionIDSize = 16
  package static let magicCookie: [UInt8] = [0x21, 0x12, 0xA4, 0x42]

  /// One of ``Kind``, or any other number of 14 bits.
  package var type: UInt16
  /// 16 bytes.
  package var transactionID: [UInt8]
  package var attributes: [STUNAttribute]

  /// - Parameter transactionID: 16 bytes.
  package init(type: UInt16, transactionID: [UInt8], attributes: [STUNAttribute] = []) {
    precondition(transactionID.count == Self.transactionIDSize, "a transaction ID has 16 bytes")
    self.type = type
    self.transactionID = transactionID
    self.attributes = attributes
  }

  /// Reads a datagram.
  package init(decoding bytes: [UInt8]) throws(STUNError) {
    guard bytes.count >= Self.headerSize else { throw .truncated }
    guard bytes.count <= Self.maximumSize else { throw .tooLarge }
    guard bytes[0] & 0xC0 == 0 else { throw .notSTUN }
    type = Self.number(bytes, 0)
    guard Int(Self.number(bytes, 2)) == bytes.count - Self.headerSize else { throw .wrongLength }
    transactionID = Array(bytes[4..<Self.headerSize])
    attributes = []
    for place in try Self.places(in: bytes) {
      attributes.append(STUNAttribute(place.type, Array(bytes[place.value])))
    }
  }

  /// The datagram, without a MESSAGE-INTEGRITY of its own.
  package func encoded() -> [UInt8] {
    var body: [UInt8] = []
    for attribute in attributes {
      Self.append(attribute.type, to: &body)
      Self.append(UInt16(attribute.value.count), to: &body)
      body += attribute.value
      while !body.count.isMultiple(of: 4) { body.append(0) }
    }
    var bytes: [UInt8] = []
    Self.append(type, to: &bytes)
    Self.append(UInt16(body.count), to: &bytes)
    return bytes + transactionID + body
  }

  /// The value of the first attribute of a kind.
  package func value(_ type: UInt16) -> [UInt8]? {
    attributes.first { $0.type == type }?.value
  }

  /// The address that an attribute of a kind holds; nil where there is none or it is malformed.
  package func address(_ type: UInt16) -> TransportAddress? {
    value(type).flatMap { TransportAddress(attributeValue: $0) }
  }

  /// The USERNAME without the spaces and zeros at its end.
  package var username: String? {
    guard var value = value(STUNAttribute.Kind.username)?[...] else { return nil }
    while let last = value.last, last == UInt8(ascii: " ") || last == 0 { value.removeLast() }
    return String(validating: value, as: UTF8.self)
  }

  /// The number of an ERROR-CODE: class times 100 and number.
  package var errorCode: Int? {
    guard let value = value(STUNAttribute.Kind.errorCode), value.count >= 4 else { return nil }
    return Int(value[2] & 0x07) * 100 + Int(value[3])
  }

  /// The mapped address of a Binding Response, from XOR-MAPPED-ADDRESS where there is no MAPPED-ADDRESS.
  package var mappedAddress: TransportAddress? {
    if let plain = address(STUNAttribute.Kind.mappedAddress) { return plain }
    guard let value = value(STUNAttribute.Kind.xorMappedAddress) else { return nil }
    return TransportAddress(attributeValue: Self.masked(value, transactionID: transactionID))
  }

  /// Whether CONNECTION-REQUEST-BINDING says that the source address takes connection requests.
  package var offersConnectionRequestBinding: Bool {
    value(STUNAttribute.Kind.connectionRequestBinding)
      == STUNAttribute.connectionRequestBindingValue
  }

  /// A CPE's Binding Request (TR-069 Amendment 6, Annex G.2.1.2).
  ///
  /// - Parameters:
  ///   - username: ManagementServer.STUNUsername; nil where it is empty.
  ///   - isBound: Whether the request comes from the port on which UDP connection requests are awaited.
  ///   - isChanged: Whether the mapped address has changed since the last request.
  package static func bindingRequest(
    transactionID: [UInt8], username: String?, isBound: Bool = true, isChanged: Bool = false
  ) -> STUNMessage {
    var message = STUNMessage(type: Kind.bindingRequest, transactionID: transactionID)
    if isBound {
      message.attributes.append(
        STUNAttribute(
          STUNAttribute.Kind.connectionRequestBinding, STUNAttribute.connectionRequestBindingValue))
    }
    if isChanged { message.attributes.append(STUNAttribute(STUNAttribute.Kind.bindingChange)) }
    if let username { message.attributes.append(.username(username)) }
    return message
  }

  /// XOR-MAPPED-ADDRESS to MAPPED-ADDRESS or back (RFC 5389, 15.2).
  static func masked(_ value: [UInt8], transactionID: [UInt8]) -> [UInt8] {
    var value = value
    let mask = Array(transactionID.prefix(2)) + transactionID
    for index in value.indices.dropFirst(2) where index - 2 < mask.count {
      value[index] ^= mask[index - 2]
    }
    return value
  }

  // MARK: Bytes

  /// Where an attribute lies in a datagram.
  struct Place {
    var type: UInt16
    /// The first byte of the attribute's own header.
    var start: Int
    var value: Range<Int>
  }

  /// Takes a datagram apart whose header has been checked.
  static func places(in bytes: [UInt8]) throws(STUNError) -> [Place] {
    var places: [Place] = []
    var position = headerSize
    while position < bytes.count {
      guard bytes.count - position >= 4 else { throw .malformedAttribute }
      let length = Int(number(bytes, position + 2))
      let value = position + 4..<position + 4 + length
      guard value.upperBound <= bytes.count else { throw .malformedAttribute }
      guard places.count < maximumAttributes else { throw .tooLarge }
      places.append(Place(type: number(bytes, position), start: position, value: value))
      // Lengths that are no multiple of four are filled up (RFC 5389, 15), except by some at the very end.
      position = min((value.upperBound + 3) & ~3, bytes.count)
    }
    return places
  }

  static func number(_ bytes: [UInt8], _ index: Int) -> UInt16 {
    UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1])
  }

  static func append(_ number: UInt16, to bytes: inout [UInt8]) {
    bytes.append(UInt8(number >> 8))
    bytes.append(UInt8(truncatingIfNeeded: number))
  }
}
