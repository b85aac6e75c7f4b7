import Glibc

/// What a running server tells of itself in `postmaster.pid`.
struct PostmasterFile: Equatable {
  let process: pid_t
  let isReady: Bool

  /// Nil if the text is no such file.
  init?(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.first, let process = pid_t(first), process > 1 else { return nil }
    self.process = process
    isReady = lines.count > 7 && lines[7].hasPrefix("ready")
  }

  static func path(in dataDirectory: String) -> String { "\(dataDirectory)/postmaster.pid" }

  /// Nil if there's none.
  static func read(in dataDirectory: String) -> PostmasterFile? {
    LocalFile.tail(path(in: dataDirectory)).flatMap { PostmasterFile($0) }
  }

  /// True if the process lives and is a server of this very directory: process IDs are given to
  /// others again.
  ///
  /// - Parameter dataDirectory: Absolute and without links.
  func isServer(of dataDirectory: String) -> Bool {
    guard Self.content("/proc/\(process)/comm").hasPrefix("postgres") else { return false }
    // A server works in its data directory; where we may not look, its arguments tell.
    return Self.link("/proc/\(process)/cwd") == dataDirectory
      || Self.content("/proc/\(process)/cmdline").split(separator: "\0").contains {
        $0 == dataDirectory
      }
  }

  /// Files in `/proc` have no size and no end to count from.
  private static func content(_ path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  private static func link(_ path: String) -> String? {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &bytes, bytes.count)
    guard count > 0 else { return nil }
    return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
