import CWMP
import NIOCore

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

  package var host = "0.0.0.0"
  package var port = 7547
  package var enrolment = Enrolment.shared
  package var realm = "fairlead"
  package var scheme = Scheme.digest
  /// Bytes of a request's body.
  package var maxBody = 16 << 20
  package var maxConnections = 20_000
  /// Sessions that are open at a time.
  package var maxSessions = 20_000
  /// Silence after which a session is over.
  package var sessionTimeout = TimeAmount.seconds(60)
  package var maxSessionLength = TimeAmount.seconds(3_600)
  /// Time for a request to arrive in full, and for a connection to stay without one.
  package var requestTimeout = TimeAmount.seconds(30)
  package var session = Session.Limits()
  package var decoder = EnvelopeDecoder.Limits()
  package var style = EnvelopeEncoder.Style()
  package var reading = TreeReadingLimits()
  /// Sets a connection request credential on each device at first contact.
  package var provisionsCredential = true
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

  package init() {}
}
