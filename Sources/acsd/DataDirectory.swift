import Foundation

/// The folder in which the server keeps what must outlive it.
struct DataDirectory {
  let path: String

  /// Makes the folder if it is not there.
  /// - Throws: where it can't be made or written to.
  init(_ path: String) throws {
    self.path = URL(fileURLWithPath: path).standardizedFileURL.path
    do {
      // Others may pass through, because the private database may have to run as another user; the files in it are for their owners.
      try FileManager.default.createDirectory(
        atPath: self.path, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o711])
    } catch {
      throw DataDirectoryError(
        path: self.path, message: "can't be made: \(error.localizedDescription)")
    }
    guard FileManager.default.isWritableFile(atPath: self.path) else {
      throw DataDirectoryError(path: self.path, message: "can't be written to")
    }
  }

  func file(_ name: String) -> String { path + "/" + name }

  func contents(of name: String) -> String? {
    try? String(contentsOfFile: file(name), encoding: .utf8)
  }

  /// Writes a file that only its owner can read, in one step.
  func write(_ text: String, to name: String) throws {
    let target = file(name)
    let temporary = target + ".new"
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw DataDirectoryError(path: target, message: String(cString: strerror(errno)))
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try handle.write(contentsOf: Data(text.utf8))
    try handle.synchronize()
    try handle.close()
    guard rename(temporary, target) == 0 else {
      throw DataDirectoryError(path: target, message: String(cString: strerror(errno)))
    }
  }
}

/// Why the data directory can't be used.
struct DataDirectoryError: Error, CustomStringConvertible {
  var path: String
  var message: String

  var description: String { "\(path) \(message)" }
}
