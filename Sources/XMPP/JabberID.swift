/// The form of an XMPP address.
enum JabberID {
  static let maximumLength = 3071

  /// Whether a stanza can be sent to it: a name, a domain and a resource, without characters that no JID has.
  static func isAddressable(_ jid: String) -> Bool {
    guard jid.utf8.count <= maximumLength,
      !jid.unicodeScalars.contains(where: { $0.value < 0x21 || $0.value == 0x7F }),
      let at = jid.firstIndex(of: "@"), let slash = jid[at...].firstIndex(of: "/")
    else { return false }
    let name = jid[..<at]
    let domain = jid[jid.index(after: at)..<slash]
    return !name.isEmpty && !name.contains { "\"&'/:<>".contains($0) }
      && !domain.isEmpty && !domain.contains { "\"&'@<>".contains($0) }
      && jid.index(after: slash) < jid.endIndex
  }

  /// What is between the at sign and the slash; both may be missing.
  static func domain(of jid: String) -> String {
    let bare = jid.prefix { $0 != "/" }
    return String(bare[(bare.firstIndex(of: "@").map(bare.index(after:)) ?? bare.startIndex)...])
  }

  /// The server may spell name and domain in another case than the device did.
  static func isSame(_ left: String, _ right: String) -> Bool {
    left.lowercased() == right.lowercased()
  }
}
