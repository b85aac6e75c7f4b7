import CLibPQ
import Glibc
import Logging

/// A throw-away cluster for tests and trials: quick to make, careless with its data, gone with the
/// process.
package final class TemporaryCluster: Sendable {
  private let cluster: PrivateCluster
  private let directory: String
  private let databaseCount = Monitor(0)

  private static let prefix = "fairlead-temporary-"
  /// Directories of ended processes are swept away when they're older than this.
  private static let sweepAge = 60

  /// The one of this process, made when it's first asked for.
  package static func shared() throws -> TemporaryCluster { try sharedResult.get() }

  private static let sharedResult = Result { try TemporaryCluster() }

  /// The clusters to end with the process.
  private static let living = Monitor<[TemporaryCluster]>([])
  private static let endWithProcess: Void = {
    atexit {
      for cluster in TemporaryCluster.living.withLock({ $0 }) { cluster.remove() }
    }
  }()

  /// Makes one more.
  package init(settings: [String: String] = [:]) throws(PostgresError) {
    Self.sweep()
    directory = try Self.makeDirectory()
    var logger = Logger(label: "postgres")
    logger.logLevel = .error
    cluster = PrivateCluster(
      directory: directory, options: .careless(settings: settings), logger: logger)
    do throws(PostgresError) {
      try cluster.start()
    } catch {
      LocalFile.removeTree(directory)
      throw error
    }
    _ = Self.endWithProcess
    Self.living.withLock { $0.append(self) }
  }

  /// An empty database of the caller's own in the shared cluster, as a connection string; for tasks, whose threads must not block.
  package static func newDatabase() async throws -> String {
    try await OwnThread.result(name: "temporary database") { try shared().makeDatabase() }
  }

  /// Gives the body an empty database of its own in the shared cluster, as a connection string.
  ///
  /// A test run starts all its tests at once: without a bound to those that work at the same time, their connections would be more
  /// than a server takes, their descriptors more than a process may have, and each slower than it has time for.
  package static func withDatabase<Result>(
    _ body: (String) async throws -> Result
  ) async throws -> Result {
    await places.take()
    defer { places.giveBack() }
    return try await body(try await newDatabase())
  }

  private static let places = WaitingPlaces(24)

  /// An empty database of the caller's own, as a connection string.
  package func makeDatabase() throws(PostgresError) -> String {
    let number = databaseCount.withLock { count in
      count += 1
      return count
    }
    guard let configuration = cluster.configuration else {
      throw PostgresError(.cluster, "the temporary cluster is gone")
    }
    let connection = try Connection(configuration)
    defer { connection.close() }
    let name = "temporary_\(number)"
    try connection.runScript("CREATE DATABASE \(name) TEMPLATE template0")
    // Of the two, the later wins.
    return "\(configuration.connectionString) dbname=\(name)"
  }

  /// Ends the server at once and removes all that it leaves.
  package func remove() {
    try? cluster.stopAtOnce()
    LocalFile.removeTree(directory)
    Self.living.withLock { living in living.removeAll { $0 === self } }
  }

  /// A fresh directory for a cluster, where the server's user can reach it. It is swept away by some
  /// later process if this one fails to.
  package static func makeDirectory() throws(PostgresError) -> String {
    let template = strdup("\(base)/\(prefix)XXXXXX")
    defer { free(template) }
    guard let template, let made = mkdtemp(template) else {
      throw LocalFile.failure("make a directory in", base)
    }
    return String(cString: made)
  }

  /// Removes a directory with all that's in it.
  package static func removeDirectory(_ path: String) {
    LocalFile.removeTree(path)
  }

  /// Short, as the path of a socket must be.
  private static let base = "/tmp"

  /// Removes what processes left that ended without an exit.
  private static func sweep() {
    for name in LocalFile.names(in: base) where name.hasPrefix(prefix) {
      let path = "\(base)/\(name)"
      guard let found = LocalFile.status(path), found.st_mode & S_IFMT == S_IFDIR,
        time(nil) - found.st_mtim.tv_sec > sweepAge
      else { continue }
      let lock = open("\(path)/lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
      guard lock >= 0 else { continue }
      defer { close(lock) }
      // Whoever uses it holds the lock.
      if fairlead_try_lock(lock) == 0 { LocalFile.removeTree(path) }
    }
  }
}
