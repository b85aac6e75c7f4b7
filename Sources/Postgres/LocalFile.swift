import Glibc

/// Files and directories of the cluster, by their paths.
enum LocalFile {
  /// At most `limit` bytes from the end of the file; nil if it can't be read.
  static func tail(_ path: String, limit: Int = 4096) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let size = lseek(descriptor, 0, SEEK_END)
    lseek(descriptor, max(0, size - limit), SEEK_SET)
    var bytes = [UInt8](repeating: 0, count: limit)
    var count = 0
    while count < limit {
      let part = bytes.withUnsafeMutableBytes { buffer in
        read(descriptor, buffer.baseAddress.map { $0 + count }, limit - count)
      }
      if part <= 0 { break }
      count += part
    }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  /// Writes a file anew, in one step: readers see the old or the new one.
  static func write(_ text: String, to path: String, mode: mode_t, owner: ServerAccount?)
    throws(PostgresError)
  {
    let draft = path + ".new"
    unlink(draft)
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw failure("write", draft) }
    defer { close(descriptor) }
    var text = text
    let isWritten = text.withUTF8 { bytes in
      var offset = 0
      while offset < bytes.count {
        let part = Glibc.write(
          descriptor, bytes.baseAddress.map { $0 + offset }, bytes.count - offset)
        if part < 0 && errno == EINTR { continue }
        if part <= 0 { return false }
        offset += part
      }
      return fchmod(descriptor, mode) == 0 && fsync(descriptor) == 0
    }
    guard isWritten else { throw failure("write", draft) }
    if let owner, fchown(descriptor, owner.user, owner.group) != 0 {
      throw failure("give away", draft)
    }
    guard rename(draft, path) == 0 else { throw failure("write", path) }
  }

  /// Makes a directory that only its owner can enter, unless it's there.
  ///
  /// - Throws: `.cluster` if the path is something else, or another's.
  static func makePrivateDirectory(_ path: String, owner: ServerAccount?) throws(PostgresError) {
    if mkdir(path, 0o700) == 0 {
      if let owner, lchown(path, owner.user, owner.group) != 0 {
        throw failure("give away", path)
      }
    } else if errno != EEXIST {
      throw failure("make", path)
    }
    let wanted = owner?.user ?? geteuid()
    guard let found = status(path), found.st_mode & S_IFMT == S_IFDIR else {
      throw PostgresError(.cluster, "\(path) is in the way: it is no directory")
    }
    guard found.st_uid == wanted else {
      throw PostgresError(
        .cluster, "\(path) belongs to user \(found.st_uid) where user \(wanted) is expected")
    }
    if found.st_mode & 0o7777 != 0o700, chmod(path, 0o700) != 0 {
      throw failure("close to others", path)
    }
  }

  /// Makes the directories that lead to a path, and it.
  static func makeDirectories(_ path: String) throws(PostgresError) {
    var made = ""
    for part in path.split(separator: "/") {
      made += "/\(part)"
      if mkdir(made, 0o755) != 0 && errno != EEXIST { throw failure("make", made) }
    }
  }

  /// Of the path itself, even if it's a symbolic link.
  static func status(_ path: String) -> stat? {
    var found = stat()
    return lstat(path, &found) == 0 ? found : nil
  }

  static func exists(_ path: String) -> Bool { status(path) != nil }

  /// Removes a file, or a directory with all that's in it, without following links.
  static func removeTree(_ path: String) {
    if unlink(path) == 0 || errno == ENOENT { return }
    if let directory = opendir(path) {
      while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != "." && name != ".." { removeTree("\(path)/\(name)") }
      }
      closedir(directory)
    }
    rmdir(path)
  }

  /// The names in a directory, without `.` and `..`; none if it can't be read.
  static func names(in path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Absolute, without links, `.` and `..`; the path must exist.
  static func resolved(_ path: String) throws(PostgresError) -> String {
    guard let resolved = realpath(path, nil) else { throw failure("find", path) }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }

  static func failure(_ verb: String, _ path: String) -> PostgresError {
    PostgresError(.cluster, "can't \(verb) \(path): \(String(cString: strerror(errno)))")
  }
}
