import CWMP
import HTTPAuthentication
import NIOCore
import TLSIdentity

/// What the CWMP door lets in, and its limits.
package struct DoorSettings: Sendable {
  /// Who is let in at first contact.
  package enum Enrolment: Sendable {
    /// Only devices that have been made known beforehand, with a credential of their own.
    case known
    /// Also unknown devices that show the shared credential.
    case shared
    /// Every device, without a credential.
    case open
  }

  package enum Scheme: Sendable {
    case digest, basic, either
  }

  /// Which messages may be compressed.
  package enum Compression: Sendable {
    case off
    /// Those of devices.
    case requests
    /// Also those to devices that compress their own and say that they take it.
    case both
  }

  /// Whether devices get credentials of their own.
  package enum DeviceCredentials: Sendable {
    /// Devices keep the credential with which they come.
    case shared
    /// A device that comes with the shared credential is given one of its own.
    case generated
  }

  /// The part of the door that speaks TLS.
  package struct TLS: Sendable {
    package var port = 7549
    package var files: TLSFiles
    /// Time for a handshake.
    package var handshakeTimeout = TimeAmount.seconds(10)
    /// Handshakes that may be under way at a time.
    package var maxHandshakes = 2_000
    /// Pause between two looks at the files.
    package var reloadInterval = TimeAmount.seconds(10)

    package init(_ files: TLSFiles) {
      self.files = files
    }
  }

  package var host = "0.0.0.0"
  package var port = 7547
  /// Whether devices may come without TLS.
  package var acceptsPlainConnections = true
  /// Nil: TLS is not spoken.
  package var tls: TLS?
  package var enrolment = Enrolment.shared
  package var realm = "fairlead"
  package var scheme = Scheme.digest
  /// What Digest challenges offer, in the order in which they are sent.
  package var digestAlgorithms = [DigestAlgorithm.md5, .sha256]
  /// Seconds for which a challenge may be answered.
  package var nonceLifetime: Int64 = 120
  /// Whether passwords may come over connections without TLS.
  package var takesBasicWithoutTLS = false
  package var deviceCredentials = DeviceCredentials.shared
  /// Bytes of a request's body.
  package var maxBody = 16 << 20
  /// Bytes of the body of a request that belongs to no session yet.
  package var maxFirstBody = 1 << 20
  /// Bytes of all such bodies that are arriving at a time.
  package var maxArriving = 256 << 20
  /// Bytes of bodies of sessions that are arriving at a time.
  package var maxArrivingInSessions = 1 << 30
  /// Bytes of a request's header fields, and how many of them there may be.
  package var maxHeaderBytes = 64 << 10
  package var maxHeaders = 100
  package var compression = Compression.requests
  /// How many times larger than it came a compressed body may become.
  package var maxCompressionRatio = 100
  package var maxConnections = 20_000
  /// Sessions that are open at a time.
  package var maxSessions = 20_000
  /// Silence after which a session is over.
  package var sessionTimeout = TimeAmount.seconds(60)
  /// The longest silence that a device may ask for.
  package var maxSessionTimeout = TimeAmount.seconds(300)
  package var maxSessionLength = TimeAmount.seconds(3_600)
  /// Time for a request to arrive in full, and for a connection to stay without one.
  package var requestTimeout = TimeAmount.seconds(30)
  package var session = Session.Limits()
  package var decoder = EnvelopeDecoder.Limits()
  package var style = EnvelopeEncoder.Style()
  package var reading = TreeReadingLimits()
  /// Sets a connection request credential on each device at first contact.
  package var provisionsCredential = true
  /// Calls of one device in a minute from which on the log tells of it; 0: never.
  package var frequentCalls = 60
  /// Lines of the log a minute about what was refused, to one peer and in all.
  package var refusalLinesPerPeer = 10
  package var refusalLines = 600
  /// Seconds over which refused sessions are spread when they are told to come again.
  package var retrySpread = 30.0...120.0

  package init() {}
}

/// How much is read from one device; see ``TreeReading``.
package struct TreeReadingLimits: Sendable, Equatable {
  /// Names that are read from one device at the most.
  package var parameters = 50_000
  /// Bytes of names in one request; every CPE takes an envelope of 32 KiB (TR-069 3.4.7).
  package var requestBytes = 30 << 10
  /// Bytes of values that are taken from one device in one reading, or for one operation.
  package var valueBytes = 64 << 20
  /// Asks for names level by level from the beginning.
  package var listsByLevel = false

  package init() {}
}
