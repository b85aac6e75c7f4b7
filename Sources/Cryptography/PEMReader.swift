import CLibCrypto

/// What stands in text between `-----BEGIN` and `-----END` (RFC 7468).
enum PEMReader {
  /// Longer texts are not looked at.
  static let limit = 1 << 20

  /// - Parameter read: is given the text for OpenSSL to read from.
  static func reading<Result>(_ pem: [UInt8], _ read: (OpaquePointer) -> Result?) -> Result? {
    guard !pem.isEmpty, pem.count <= limit else { return nil }
    return pem.withUnsafeBytes { bytes in
      guard let source = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else { return nil }
      defer {
        BIO_free(source)
        // What went wrong would be taken for a failure of whoever asks OpenSSL next on this thread.
        ERR_clear_error()
      }
      return read(source)
    }
  }
}

/// Nothing is encrypted for which a password would have to be asked; OpenSSL would ask at the terminal.
func noPassword(
  _ buffer: UnsafeMutablePointer<CChar>?, _ size: CInt, _ isWriting: CInt,
  _ context: UnsafeMutableRawPointer?
) -> CInt { 0 }
