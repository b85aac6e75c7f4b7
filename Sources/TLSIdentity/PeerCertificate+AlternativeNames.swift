import Cryptography
import NIOCore
import NIOSSL

extension PeerCertificate {
  /// The alternative names in the certificate of whoever is at the other end; nil where none was shown.
  package static func alternativeNames(
    on pipeline: ChannelPipeline.SynchronousOperations
  ) -> CertificateAlternativeNames? {
    guard let certificate = try? pipeline.nioSSL_peerCertificate(),
      let bytes = try? certificate.toDERBytes()
    else { return nil }
    return CertificateAlternativeNames(ofDER: bytes)
  }
}
