import Glibc

/// The bytes of a request's body, from memory or from a file that is read as it is sent.
struct BodySource {
  private enum Kind {
    case none
    case bytes([UInt8])
    case file(descriptor: Int32)
  }

  private var kind: Kind
  private var position = 0
  /// The number of bytes; `nil` for a request without a body.
  let length: Int?

  init(_ body: HTTPClient.Request.Body, url: String) throws(HTTPClientError) {
    switch body {
    case .none:
      kind = .none
      length = nil
    case .bytes(let bytes):
      kind = .bytes(bytes)
      length = bytes.count
    case .file(let path):
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      var status = stat()
      guard descriptor >= 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG
      else {
        let reason = descriptor < 0 ? String(cString: strerror(errno)) : "not a regular file"
        if descriptor >= 0 { Glibc.close(descriptor) }
        throw HTTPClientError(code: .bodyAborted, url: url, detail: "\(path): \(reason)")
      }
      kind = .file(descriptor: descriptor)
      length = Int(status.st_size)
    }
  }

  /// Fills the buffer as far as it can; 0 at the end, `nil` on a read error.
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    switch kind {
    case .none: return 0
    case .bytes(let bytes):
      let count = min(buffer.count, bytes.count - position)
      buffer.copyBytes(from: bytes[position..<(position + count)])
      position += count
      return count
    case .file(let descriptor):
      let count = pread(descriptor, buffer.baseAddress, buffer.count, position)
      guard count >= 0 else { return nil }
      position += count
      return count
    }
  }

  /// Goes back to the beginning or on to `offset`, for a request that has to be sent again.
  mutating func seek(to offset: Int) -> Bool {
    guard offset >= 0, offset <= length ?? 0 else { return false }
    position = offset
    return true
  }

  mutating func close() {
    if case .file(let descriptor) = kind { Glibc.close(descriptor) }
    kind = .none
  }
}
