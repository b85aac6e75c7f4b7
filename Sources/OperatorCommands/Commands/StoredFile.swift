import Cryptography
import FoundationEssentials
import Glibc
import ManagementTypes

/// Files here and on the server.
enum StoredFile {
  static let shortestPrefix = 6
  private static let chunk = 1 << 20

  /// The stored file of a SHA-256 or of its first digits.
  static func find(_ digits: String, client: ManagementClient) async throws -> FileDetail {
    let digits = digits.lowercased()
    guard digits.allSatisfy(\.isHexDigit), (shortestPrefix...64).contains(digits.utf8.count) else {
      throw CommandFailure(
        .usage,
        "“\(DisplayText.escaped(digits))” is no SHA-256: write its 64 hexadecimal digits, or the first \(shortestPrefix) or more"
      )
    }
    if digits.utf8.count == 64 { return try await client.get(["files", digits]) }
    let (files, _) = try await client.list(["files"], limit: 0, of: FileDetail.self)
    let matches = files.filter { $0.sha256.hasPrefix(digits) }
    guard let match = matches.first else {
      throw CommandFailure(.notFound, "no stored file begins with \(digits); acsctl get files")
    }
    guard matches.count == 1 else {
      throw CommandFailure(.usage, "\(matches.count) stored files begin with \(digits)")
    }
    return match
  }

  /// The SHA-256 of a local file in lower-case hexadecimal digits.
  static func sha256(ofFile path: String) throws -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw CommandFailure(.usage, "\(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    let digest = SHA256()
    var buffer = [UInt8](repeating: 0, count: chunk)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count >= 0 else {
        throw CommandFailure(.usage, "\(path): \(String(cString: strerror(errno)))")
      }
      if count == 0 { break }
      digest.update(buffer.prefix(count))
    }
    return Hex.encode(digest.finish())
  }

  /// Sends a local file, with a bar where someone looks.
  static func upload(
    _ path: String, name: String?, version: String?, sha256: String, client: ManagementClient
  ) async throws -> FileDetail {
    let fileName = name ?? path.split(separator: "/").last.map(String.init) ?? path
    defer { Terminal.clearStatus() }
    return try await client.upload(
      ["files"], .init(["name": fileName, "version": version, "sha256": sha256]), file: path
    ) { sent, total in
      Terminal.status(
        ProgressBar.text(
          label: DisplayText.escaped(fileName), done: Int64(sent), total: Int64(total)))
    }
  }
}
