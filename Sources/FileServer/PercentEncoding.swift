import Cryptography

extension StringProtocol {
  /// The text that the percent-encoded text says (RFC 3986, 2.1); nil if an escape is malformed, the bytes are not
  /// UTF-8, or one of them is zero.
  package var percentDecoded: String? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(utf8.count)
    var rest = Substring(self).utf8
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%") {
        guard rest.count >= 2, let decoded = Hex.decode(String(Substring(rest.prefix(2))))
        else { return nil }
        rest = rest.dropFirst(2)
        bytes.append(contentsOf: decoded)
      } else {
        bytes.append(byte)
      }
    }
    guard !bytes.contains(0) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}
