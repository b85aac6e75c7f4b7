import Cryptography
import Foundation
import ManagementTypes
import Synchronization

/// A stored file on its way from the server to a place here.
final class SavedFile: Sendable {
  private struct State {
    let descriptor: Int32
    let digest = SHA256()
    var size: Int64 = 0
    /// Why it can't be written.
    var failure: String?
  }

  private let state: Mutex<State>

  private init(descriptor: Int32) { state = Mutex(State(descriptor: descriptor)) }

  /// Gets a file from the server; nobody but the owner may read it, as it may hold secrets.
  ///
  /// - Parameter path: `-` for standard output. A file that is there is replaced once the new one is complete.
  /// - Throws: ``CommandFailure``, also where what came is not the file.
  static func save(_ sha256: String, at path: String, client: ManagementClient) async throws {
    guard path != "-" else {
      try await SavedFile(descriptor: STDOUT_FILENO).receive(sha256, client)
      return
    }
    let incoming = path + ".\(UUID().uuidString.prefix(8)).part"
    let descriptor = open(incoming, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    do {
      let size = try await SavedFile(descriptor: descriptor).receive(sha256, client)
      guard fsync(descriptor) == 0, rename(incoming, path) == 0 else { throw failure(path) }
      Terminal.note(DisplayText.escaped("\(path): \(SizeText.bytes(size))"))
    } catch {
      unlink(incoming)
      throw error
    }
  }

  /// Whether a file can be put there, asked before a device is made to send it.
  static func check(_ path: String) throws(CommandFailure) {
    guard path != "-" else { return }
    var isDirectory: ObjCBool = false
    let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    if isThere, isDirectory.boolValue {
      throw CommandFailure(.usage, DisplayText.escaped("\(path) is a directory: name a file"))
    }
    let parent =
      path.contains("/") ? String(path[...(path.lastIndex(of: "/") ?? path.startIndex)]) : "."
    guard access(parent, W_OK | X_OK) == 0 else { throw failure(path) }
  }

  @discardableResult
  private func receive(_ sha256: String, _ client: ManagementClient) async throws -> Int64 {
    do {
      try await client.download(["files", sha256, "content"]) { piece in self.write(piece) }
    } catch {
      if let failure = state.withLock(\.failure) { throw CommandFailure(.usage, failure) }
      throw error
    }
    let (digest, size) = state.withLock { (Hex.encode($0.digest.finish()), $0.size) }
    guard digest == sha256 else {
      throw CommandFailure(.failed, "what came is not the file: its SHA-256 is \(digest)")
    }
    return size
  }

  /// False where it can't be written.
  private func write(_ piece: [UInt8]) -> Bool {
    state.withLock { state in
      state.digest.update(piece)
      state.size += Int64(piece.count)
      var rest = piece[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes {
          Foundation.write(state.descriptor, $0.baseAddress, $0.count)
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else {
          state.failure = "the file can't be written: \(String(cString: strerror(errno)))"
          return false
        }
        rest = rest.dropFirst(count)
      }
      return true
    }
  }

  private static func failure(_ path: String) -> CommandFailure {
    CommandFailure(.usage, DisplayText.escaped("\(path): \(String(cString: strerror(errno)))"))
  }
}
