import Glibc

/// The user that the private cluster runs as, as PostgreSQL refuses to run as root.
struct ServerAccount: Sendable, Equatable {
  let user: uid_t
  let group: gid_t

  /// Users that root hands the cluster to, the first that exists.
  static let namesForRoot = ["postgres", "nobody"]

  /// Nil if this process is no root, and the cluster runs as its user.
  ///
  /// - Parameter existing: A cluster that is there already; it keeps its owner.
  static func forCluster(existing: String) throws(PostgresError) -> ServerAccount? {
    guard geteuid() == 0 else { return nil }
    if let found = LocalFile.status(existing), found.st_uid != 0 {
      return ServerAccount(user: found.st_uid, group: found.st_gid)
    }
    for name in namesForRoot {
      if let account = find(name), account.user != 0 { return account }
    }
    throw PostgresError(
      .cluster,
      "PostgreSQL doesn't run as root, and there's no user "
        + "\(namesForRoot.joined(separator: " or ")) to run it as")
  }

  private static func find(_ name: String) -> ServerAccount? {
    var entry = passwd()
    var result: UnsafeMutablePointer<passwd>?
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
      guard let base = buffer.baseAddress,
        getpwnam_r(name, &entry, base, buffer.count, &result) == 0, result != nil
      else { return nil }
      return ServerAccount(user: entry.pw_uid, group: entry.pw_gid)
    }
  }

  /// The first of the directories that lead to an absolute path, and it, that this account may not
  /// pass through; nil if it may pass through all.
  func barrier(onTheWayTo path: String) -> String? {
    var directory = ""
    for part in [""] + path.split(separator: "/").map({ "/" + $0 }) {
      directory += part
      var found = stat()
      guard stat(directory.isEmpty ? "/" : directory, &found) == 0 else { return nil }
      let permission: mode_t =
        found.st_uid == user ? S_IXUSR : found.st_gid == group ? S_IXGRP : S_IXOTH
      if found.st_mode & permission == 0 { return directory }
    }
    return nil
  }
}
