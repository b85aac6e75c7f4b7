/// The XML namespace of a CWMP version; a session answers in the one that its Inform used.
///
/// Whatever URI a device uses is accepted and mirrored, because devices in the field use numbers and forms that the standard never
/// gave out; what is no URI, is too long, or could be markup is not.
package struct Namespace: Sendable, Hashable {
  /// The N of `urn:dslforum-org:cwmp-1-N`; 0 for any other URI.
  let minor: UInt16
  /// The URI where it is not `urn:dslforum-org:cwmp-1-N`.
  let other: String?

  package init(minor: UInt16) {
    self.minor = minor
    other = nil
  }

  private init(other: String) {
    minor = 0
    self.other = other
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  package static let v1_0 = Namespace(minor: 0)
  // swift-format-ignore: AlwaysUseLowerCamelCase
  package static let v1_1 = Namespace(minor: 1)
  // swift-format-ignore: AlwaysUseLowerCamelCase
  package static let v1_2 = Namespace(minor: 2)

  /// What all but N is in the standard's own URIs.
  static let dslForum: StaticString = "urn:dslforum-org:cwmp-1-"
  /// Bytes of the longest URI that is mirrored.
  static let uriLength = 128

  /// The namespaces that other things than CWMP are in; a message that seems to be in one names none.
  private static let foreign = ["http://schemas.xmlsoap.org/", "http://www.w3.org/"]

  package var uri: String { other ?? "\(Self.dslForum)\(minor)" }

  /// Whether it is of the form `urn:AUTHORITY:cwmp-…`, so that it can't be anything but CWMP's.
  var isOfKnownForm: Bool {
    guard let other else { return true }
    let parts = other.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    return parts.count == 3 && parts[0] == "urn" && parts[2].hasPrefix("cwmp-")
  }

  /// Nil unless the text is a URI of at most ``uriLength`` bytes without `&`, `'` and what no URI may have (RFC 3986, 2), and in
  /// none of the namespaces of SOAP and XML Schema.
  package init?(uri: String) {
    guard uri.utf8.count <= Self.uriLength, Self.isSafeURI(uri),
      !Self.foreign.contains(where: { uri.hasPrefix($0) })
    else { return nil }
    let known = "\(Self.dslForum)"
    if uri.hasPrefix(known), let minor = UInt16(uri.dropFirst(known.count)),
      uri == "\(known)\(minor)"
    {
      self.init(minor: minor)
    } else {
      self.init(other: uri)
    }
  }

  /// A scheme, a colon and more, of letters, digits and the marks of URIs.
  private static func isSafeURI(_ uri: String) -> Bool {
    let bytes = uri.utf8
    guard let first = bytes.first, isLetter(first), let colon = bytes.firstIndex(of: 0x3A),
      bytes.index(after: colon) != bytes.endIndex
    else { return false }
    return bytes[..<colon].allSatisfy { isLetter($0) || isDigit($0) || "+-.".utf8.contains($0) }
      && bytes.allSatisfy {
        isLetter($0) || isDigit($0) || "-._~:/?#[]@!$()*+,;=%".utf8.contains($0)
      }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte | 0x20)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
