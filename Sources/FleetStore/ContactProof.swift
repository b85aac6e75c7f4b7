/// By what a device proved at the door who it is.
package enum ContactProof: Int16, Sendable, Equatable {
  /// Nothing was asked for.
  case nothing
  /// The credential that devices share.
  case shared
  /// A credential of its own.
  case own
  /// A certificate of its own.
  case certificate

  /// Whether it is proved better than by another.
  package func isBetter(than other: ContactProof) -> Bool { strength > other.strength }

  private var strength: Int {
    switch self {
    case .nothing: 0
    case .shared: 1
    case .own, .certificate: 2
    }
  }

  /// For logs and histories.
  package var text: String {
    switch self {
    case .nothing: "nothing"
    case .shared: "shared credential"
    case .own: "credential"
    case .certificate: "certificate"
    }
  }
}

/// The answer to a challenge with which a contact was let in; taken once, whichever node it comes to.
package struct ChallengeAnswer: Sendable, Hashable {
  /// Tells it from others.
  package var fingerprint: Int64
  /// When its challenge can't be answered any more on any node, in seconds since 1970; it is remembered until then.
  package var until: Double

  package init(fingerprint: Int64, until: Double) {
    self.fingerprint = fingerprint
    self.until = until
  }
}
