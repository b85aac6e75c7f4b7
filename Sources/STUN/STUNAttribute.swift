/// One attribute of a STUN message, not interpreted.
package struct STUNAttribute: Sendable, Equatable {
  /// The numbers of RFC 3489, 11.2, and of TR-069 Amendment 6, Annex G.
  package enum Kind {
    package static let mappedAddress: UInt16 = 0x0001
    package static let responseAddress: UInt16 = 0x0002
    package static let changeRequest: UInt16 = 0x0003
    package static let sourceAddress: UInt16 = 0x0004
    package static let changedAddress: UInt16 = 0x0005
    package static let username: UInt16 = 0x0006
    package static let password: UInt16 = 0x0007
    package static let messageIntegrity: UInt16 = 0x0008
    package static let errorCode: UInt16 = 0x0009
    package static let unknownAttributes: UInt16 = 0x000A
    package static let reflectedFrom: UInt16 = 0x000B
    /// RFC 5389, 15.2; in answers to clients that begin their transaction with the magic cookie.
    package static let xorMappedAddress: UInt16 = 0x0020
    package static let connectionRequestBinding: UInt16 = 0xC001
    package static let bindingChange: UInt16 = 0xC002
  }

  /// The value of CONNECTION-REQUEST-BINDING, with the space at its end.
  package static let connectionRequestBindingValue = Array("dslforum.org/TR-111 ".utf8)

  package var type: UInt16
  package var value: [UInt8]

  package init(_ type: UInt16, _ value: [UInt8] = []) {
    self.type = type
    self.value = value
  }

  package init(_ type: UInt16, _ address: TransportAddress) {
    self.init(type, address.attributeValue)
  }

  /// A USERNAME, filled with spaces to a multiple of four bytes as Annex G wants it.
  package static func username(_ name: String) -> STUNAttribute {
    var value = Array(name.utf8)
    while !value.count.isMultiple(of: 4) { value.append(UInt8(ascii: " ")) }
    return STUNAttribute(Kind.username, value)
  }

  /// An ERROR-CODE with its reason, filled with spaces to a multiple of four bytes.
  ///
  /// - Parameter code: 100 to 699.
  package static func errorCode(_ code: Int, reason: String) -> STUNAttribute {
    var value: [UInt8] = [0, 0, UInt8(code / 100 % 8), UInt8(code % 100)] + Array(reason.utf8)
    while !value.count.isMultiple(of: 4) { value.append(UInt8(ascii: " ")) }
    return STUNAttribute(Kind.errorCode, value)
  }

  /// Whether a receiver that does not know the attribute must refuse the message (RFC 3489, 11.2).
  package var isMandatory: Bool { type <= 0x7FFF }
}
