import CLibPQ
import Cryptography
import Glibc

/// Where the parts of a private cluster lie, held by one process at a time.
///
/// In the given directory: `lock`. In the cluster's home, which is the given directory wherever
/// possible: `data`, `socket`, `log`. Started as root, the cluster runs as another user; where that
/// user can't reach the given directory, the home is in `/var/lib/fairlead` instead and a file
/// `location` in the given directory says where.
final class ClusterDirectory: Sendable {
  /// The given directory, absolute.
  let directory: String
  let home: String
  let socketDirectory: String
  let account: ServerAccount?
  private let lock: Int32

  var data: String { "\(home)/data" }
  var log: String { "\(home)/log" }

  /// What can't be told to clients of the socket's directory: `sockaddr_un` has room for 107 bytes.
  static let longestSocketPath = 107
  static let socketName = ".s.PGSQL.5432"
  /// Homes of clusters whose own directory the server's user can't enter.
  static let refuge = "/var/lib/fairlead"

  /// Takes the directory, making it if needed.
  ///
  /// - Throws: `.clusterInUse` if another process has it; `.cluster` if it can't be used.
  init(_ given: String) throws(PostgresError) {
    if !LocalFile.exists(given) {
      try LocalFile.makeDirectories(Self.absolute(given))
      guard chmod(given, 0o700) == 0 else { throw LocalFile.failure("close to others", given) }
    }
    directory = try LocalFile.resolved(given)
    let lock = try Self.takeLock(directory)
    do throws(PostgresError) {
      account = try ServerAccount.forCluster(existing: "\(directory)/data")
      home = try Self.findHome(for: directory, account: account)
      try LocalFile.makePrivateDirectory("\(home)/log", owner: account)
      socketDirectory = try Self.makeSocketDirectory(in: home, account: account)
    } catch {
      close(lock)
      throw error
    }
    self.lock = lock
  }

  deinit {
    // Fails, as it should, if a server that we left alone still uses it.
    if !socketDirectory.hasPrefix(home) { rmdir(socketDirectory) }
    close(lock)
  }

  /// The major version of the server that made the cluster; nil if there's none.
  var clusterVersion: Int? {
    LocalFile.tail("\(data)/PG_VERSION").flatMap { Int($0.prefix(while: \.isNumber)) }
  }

  private static func absolute(_ path: String) throws(PostgresError) -> String {
    path.hasPrefix("/") ? path : "\(try LocalFile.resolved("."))/\(path)"
  }

  private static func takeLock(_ directory: String) throws(PostgresError) -> Int32 {
    let path = "\(directory)/lock"
    let lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard lock >= 0 else { throw LocalFile.failure("open", path) }
    guard fairlead_try_lock(lock) == 0 else {
      let holder = LocalFile.tail(path).map { $0.filter(\.isNumber) } ?? ""
      close(lock)
      throw PostgresError(
        .clusterInUse,
        "\(directory) is in use by another server\(holder.isEmpty ? "" : ", process \(holder)"): "
          + "stop that one or give this one a directory of its own")
    }
    let text = "\(getpid())\n"
    _ = ftruncate(lock, 0)
    _ = pwrite(lock, text, text.utf8.count, 0)
    return lock
  }

  private static func findHome(for directory: String, account: ServerAccount?)
    throws(PostgresError) -> String
  {
    guard let account else { return directory }
    let pointer = "\(directory)/location"
    if let location = LocalFile.tail(pointer) {
      let home = String(location.prefix { $0 != "\n" })
      guard home.hasPrefix(refuge + "/"), !home.contains("..") else {
        throw PostgresError(.cluster, "\(pointer) names no directory in \(refuge)")
      }
      try makeRefuge(home, account)
      return home
    }
    // Other files of the server may lie beside the cluster, so the directory stays root's and lets
    // the account pass.
    guard account.barrier(onTheWayTo: parent(of: directory)) != nil else {
      guard chown(directory, account.user, account.group) == 0 else {
        throw LocalFile.failure("give away", directory)
      }
      return directory
    }
    var random = SystemRandomNumberGenerator()
    let home = "\(refuge)/cluster-\(String(random.next(), radix: 16))"
    try makeRefuge(home, account)
    try LocalFile.write(home + "\n", to: pointer, mode: 0o600, owner: nil)
    return home
  }

  private static func makeRefuge(_ home: String, _ account: ServerAccount) throws(PostgresError) {
    try LocalFile.makeDirectories(refuge)
    try LocalFile.makePrivateDirectory(home, owner: account)
    if let barrier = account.barrier(onTheWayTo: home) {
      throw PostgresError(
        .cluster,
        "user \(account.user), who runs PostgreSQL for root, can't enter \(barrier): let others pass "
          + "(chmod o+x) or run this server as an ordinary user")
    }
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  private static func makeSocketDirectory(in home: String, account: ServerAccount?)
    throws(PostgresError) -> String
  {
    var path = "\(home)/socket"
    if path.utf8.count + 1 + socketName.utf8.count > longestSocketPath {
      // Only root can write to /run, everybody to /tmp, where the check of the owner guards us.
      let base = account == nil ? "/tmp" : "/run"
      path = "\(base)/fairlead-\(SHA256.hexDigest(of: Array(home.utf8)).prefix(16))"
    }
    try LocalFile.makePrivateDirectory(path, owner: account)
    return path
  }
}
