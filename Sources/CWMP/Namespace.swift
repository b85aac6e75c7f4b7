/// The XML namespace of a CWMP version; a session answers in the one that its Inform used.
///
/// Any `urn:dslforum-org:cwmp-1-N` is accepted and mirrored, because devices in the field use numbers that the standard never gave out.
package struct Namespace: Sendable, Hashable {
  /// The N of `urn:dslforum-org:cwmp-1-N`.
  package let minor: UInt16

  package init(minor: UInt16) {
    self.minor = minor
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  package static let v1_0 = Namespace(minor: 0)
  // swift-format-ignore: AlwaysUseLowerCamelCase
  package static let v1_1 = Namespace(minor: 1)
  // swift-format-ignore: AlwaysUseLowerCamelCase
  package static let v1_2 = Namespace(minor: 2)

  package static let prefix = "urn:dslforum-org:cwmp-1-"

  package var uri: String { Self.prefix + String(minor) }

  /// Nil unless the text is `urn:dslforum-org:cwmp-1-N` with N from 0 to 65535.
  package init?(uri: String) {
    guard uri.hasPrefix(Self.prefix) else { return nil }
    let digits = uri.utf8.dropFirst(Self.prefix.utf8.count)
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let minor = UInt16(Substring(digits))
    else { return nil }
    self.minor = minor
  }
}
