/// The XML namespace of a CWMP version; a session answers in the one that its Inform used.
///
/// Any `urn:dslforum-org:cwmp-1-N` is accepted and mirrored, because devices in the field use numbers that the standard never gave out; so is the same form under another authority's name.
package struct Namespace: Sendable, Hashable {
  /// The N of `urn:dslforum-org:cwmp-1-N`.
  package let minor: UInt16
  /// What stands in place of `dslforum-org`; nil where nothing else does.
  let otherAuthority: String?

  package init(minor: UInt16) {
    self.minor = minor
    otherAuthority = nil
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  package static let v1_0 = Namespace(minor: 0)
  // swift-format-ignore: AlwaysUseLowerCamelCase
  package static let v1_1 = Namespace(minor: 1)
  // swift-format-ignore: AlwaysUseLowerCamelCase
  package static let v1_2 = Namespace(minor: 2)

  /// What all but N is, where no other authority stands in it.
  static let dslForum: StaticString = "urn:dslforum-org:cwmp-1-"
  private static let authority = "dslforum-org"
  /// Characters of an authority at most, as RFC 8141 has it.
  private static let authorityLength = 2...32
  private static let scheme = "urn:"
  private static let version = ":cwmp-1-"
  /// Bytes of the longest URI that is a namespace.
  static let uriLength = scheme.utf8.count + 32 + version.utf8.count + 5

  package var uri: String {
    "\(Self.scheme)\(otherAuthority ?? Self.authority)\(Self.version)\(minor)"
  }

  /// Nil unless the text is `urn:AUTHORITY:cwmp-1-N` with N from 0 to 65535.
  package init?(uri: String) {
    guard uri.hasPrefix(Self.scheme), uri.utf8.count <= Self.uriLength else { return nil }
    let rest = uri.dropFirst(Self.scheme.count)
    let authority = rest.prefix { $0 != ":" }
    guard Self.authorityLength.contains(authority.utf8.count),
      authority.utf8.allSatisfy(Self.isOfAuthority),
      rest[authority.endIndex...].hasPrefix(Self.version)
    else { return nil }
    let digits = rest[authority.endIndex...].dropFirst(Self.version.count)
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let minor = UInt16(digits)
    else { return nil }
    self.minor = minor
    otherAuthority = authority == Self.authority ? nil : String(authority)
  }

  /// Letters, digits and hyphens (RFC 8141, 2.1).
  private static func isOfAuthority(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
