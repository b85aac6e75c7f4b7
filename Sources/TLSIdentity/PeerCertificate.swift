import Cryptography
import NIOCore
import NIOSSL

/// The certificate that a device has shown, once TLS has been agreed on and the certificate verified.
package enum PeerCertificate {
  /// The name of the device whose own certificate it is; nil where there is none, or it is one that several devices share.
  package static func deviceName(on context: ChannelHandlerContext) -> String? {
    guard let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate(),
      let bytes = try? certificate.toDERBytes(),
      let commonName = CertificateSubject.commonName(ofDER: bytes)
    else { return nil }
    return deviceName(inCommonName: commonName)
  }

  /// The name in a common name of the form `OUI-ProductClass-SerialNumber` or `OUI-SerialNumber` (TR-069 Amendment 6, 3.4.4 and
  /// 3.4.5.2); nil where it has another form.
  ///
  /// What is percent-encoded, and in which case its digits are, differs among those who issue certificates; the result is in the
  /// form of `DeviceID.identity`.
  package static func deviceName(inCommonName text: String) -> String? {
    let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, let oui = parts.first, oui.count == 6,
      oui.allSatisfy({ isHexDigit($0) }), parts.dropFirst().allSatisfy({ !$0.isEmpty })
    else { return nil }
    var name = String(decoding: oui, as: UTF8.self)
    for part in parts.dropFirst() {
      guard let encoded = reencoded(part) else { return nil }
      name += "-" + encoded
    }
    return name
  }

  private static func reencoded(_ part: Substring.UTF8View) -> String? {
    var bytes: [UInt8] = []
    var rest = part
    while let byte = rest.popFirst() {
      if isPlain(byte) {
        bytes.append(byte)
        continue
      }
      var value = byte
      if byte == UInt8(ascii: "%") {
        guard let digits = Hex.decode(String(decoding: rest.prefix(2), as: UTF8.self)),
          digits.count == 1
        else { return nil }
        value = digits[0]
        rest = rest.dropFirst(2)
        if isPlain(value) {
          bytes.append(value)
          continue
        }
      }
      bytes.append(UInt8(ascii: "%"))
      bytes += Hex.encode([value]).uppercased().utf8
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "F"),
      UInt8(ascii: "a")...UInt8(ascii: "f"):
      true
    default: false
    }
  }
}
