import CWMP

/// How putting a file on a server ended.
package enum UploadOutcome: Sendable, Equatable {
  case stored
  case refused(status: Int)
  case unreachable
  /// The connection ended before the server had answered.
  case interrupted

  /// The fault that a TransferComplete reports, or nil if the file is there (TR-069 A.5.1).
  var fault: FaultDetail? {
    switch self {
    case .stored: nil
    case .unreachable: .cpeFileServerUnreachable
    case .refused(401), .refused(403): .cpeFileServerAuthenticationFailure
    case .refused, .interrupted: .cpeUploadFailure
    }
  }
}
