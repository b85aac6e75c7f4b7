import Cryptography
import NIOCore
import TLSIdentity
import USP

extension EndpointID {
  /// The endpoints whose certificate it is: by URN (R-SEC.0a), or by host name where the scheme is `fqdn`.
  package static func all(in names: CertificateAlternativeNames) -> [EndpointID] {
    names.uris.compactMap { EndpointID.fromURN($0) }
      + names.dnsNames.compactMap { EndpointID("fqdn::\($0)") }
  }

  /// The endpoints in the certificate of whoever is at the other end; nil where none was shown.
  static func all(inPeerCertificateOn pipeline: ChannelPipeline.SynchronousOperations)
    -> [EndpointID]?
  {
    PeerCertificate.alternativeNames(on: pipeline).map { all(in: $0) }
  }
}
