import CWMP

/// How fetching a file ended.
package enum DownloadOutcome: Sendable, Equatable {
  /// All bytes that the server announced; SHA-256 as hexadecimal digits, and the image's header if it is one.
  case received(size: UInt64, sha256: String, image: FirmwareImage?)
  case refused(status: Int)
  case unreachable
  /// The connection ended before the file did.
  case interrupted

  /// The fault that a TransferComplete reports, or nil if the file is good (TR-069 A.5.1).
  ///
  /// - Parameters:
  ///   - expectedSize: Bytes; 0 where the ACS did not say.
  ///   - model: What an image must be for; nil if any content will do.
  func fault(expectedSize: UInt64, model: String?) -> FaultDetail? {
    switch self {
    case .unreachable: return .cpeFileServerUnreachable
    case .interrupted: return .cpeDownloadIncomplete
    case .refused(401), .refused(403): return .cpeFileServerAuthenticationFailure
    case .refused: return .cpeFileInaccessible
    case .received(let size, _, let image):
      guard expectedSize == 0 || size == expectedSize else { return .cpeFileCorrupted }
      guard let model else { return nil }
      return image?.model == model ? nil : .cpeFileCorrupted
    }
  }
}
