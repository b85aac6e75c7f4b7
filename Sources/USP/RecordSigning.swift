import SwiftProtobuf

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Signs Records, so that whoever gets them over a transport that proves nothing knows who sent them (TR-369 R-E2E.28 to R-E2E.32).
package protocol RecordSigner: Sendable {
  /// In PEM, as it stands in `sender_cert`.
  var certificate: [UInt8] { get }
  /// An ECDSA signature over P-256 and SHA-256 in DER; nil where it can't be made.
  func signature(of bytes: [UInt8]) -> [UInt8]?
}

/// Tells whether a Record is its sender's.
package protocol RecordVerifier: Sendable {
  /// - Parameters:
  ///   - certificate: in PEM, as it stood in `sender_cert`.
  ///   - bytes: what was signed.
  ///   - endpoint: who the Record says has sent it.
  func isValid(
    signature: [UInt8], certificate: [UInt8], of bytes: [UInt8], from endpoint: EndpointID
  ) -> Bool
}

extension USPRecord {
  /// What a signature is made of (R-E2E.32): all fields but the payload and the signature, by their numbers; numbers of 64 bits in eight
  /// bytes and others in four, the most significant first.
  package var signedBytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes += version.utf8
    bytes += toID.utf8
    bytes += fromID.utf8
    append(UInt32(truncatingIfNeeded: payloadSecurity.rawValue), to: &bytes)
    bytes += senderCert
    if case .sessionContext(let context)? = recordType {
      append(context.sessionID, to: &bytes)
      append(context.sequenceID, to: &bytes)
      append(context.expectedID, to: &bytes)
      append(context.retransmitID, to: &bytes)
      append(UInt32(truncatingIfNeeded: context.payloadSarState.rawValue), to: &bytes)
      append(UInt32(truncatingIfNeeded: context.payloadrecSarState.rawValue), to: &bytes)
    }
    return bytes
  }

  private func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
  }

  /// - Throws: `internalError` where no signature can be made.
  mutating func sign(with signer: any RecordSigner) throws(USPFault) {
    senderCert = Data(signer.certificate)
    macSignature = Data()
    guard let signature = signer.signature(of: signedBytes) else {
      throw USPFault(.internalError, "a Record can't be signed")
    }
    macSignature = Data(signature)
  }
}
