import Glibc
import Logging

/// A PostgreSQL server of our own, reached through a Unix socket that only its user can open.
///
/// It lives as long as this process: `stop` shuts it down, and if the process ends without that, the
/// kernel has it shut down. What is left over all the same, after a crash, is recognised and stopped
/// by the next `start`. A server that dies is started again. Started as root, it runs as the user
/// `postgres` or else `nobody`; see `ClusterDirectory` for where it then lies.
package final class PrivateCluster: Sendable {
  /// What distinguishes one cluster from another.
  package struct Options: Sendable {
    /// Settings of the server that differ from ours, by name, written as in `postgresql.conf`.
    package var settings: [String: String]
    /// The signal that ends the server if this process ends without `stop`: INT to shut down
    /// properly, QUIT to end at once.
    var signalAtParentsEnd = "INT"
    /// More arguments for `initdb`.
    var initArguments = ["--data-checksums"]

    package init(settings: [String: String] = [:]) {
      self.settings = settings
    }

    /// For tests and trials: small, quick to make and to start, and lost when the machine goes down.
    package static func careless(settings: [String: String] = [:]) -> Options {
      var options = Options(settings: [
        "fsync": "off", "full_page_writes": "off", "shared_buffers": "64MB",
        "max_connections": "600", "logging_collector": "off", "min_wal_size": "32MB",
        "max_wal_size": "1GB",
      ])
      options.settings.merge(settings) { _, given in given }
      options.signalAtParentsEnd = "QUIT"
      options.initArguments = ["--no-sync"]
      return options
    }
  }

  enum Phase {
    case stopped
    case changing
    case running(Running)
  }

  struct Running {
    /// Holds the lock on the directory.
    let directory: ClusterDirectory
    let postmaster: Postmaster
    let configuration: ConnectionConfiguration
  }

  /// The superuser of the cluster, and the database that `start` makes.
  package static let role = "fairlead"
  package static let database = "fairlead"

  let path: String
  let options: Options
  let logger: Logger
  private let phase = Monitor(Phase.stopped)

  /// - Parameter directory: Is made if it's not there, and belongs to the cluster alone.
  package init(
    directory: String, options: Options = Options(), logger: Logger = Logger(label: "postgres")
  ) {
    path = directory
    self.options = options
    self.logger = logger
  }

  deinit {
    phase.withLock { phase in
      if case .running(let running) = phase { running.postmaster.abandon() }
    }
  }

  /// Makes the cluster if there's none, starts its server and waits until it takes connections.
  ///
  /// Blocks: a first start takes seconds, one after a crash as long as recovery takes.
  ///
  /// - Throws: `.clusterInUse` if another process has the directory, `.clusterVersion` if the cluster
  ///   was made by a version that isn't installed, `.cluster` if it can't be made or started.
  @discardableResult
  package func start() throws(PostgresError) -> ConnectionConfiguration {
    let isStopped = phase.withLock { phase in
      guard case .stopped = phase else { return false }
      phase = .changing
      return true
    }
    guard isStopped else {
      throw PostgresError(.clusterInUse, "the private cluster is started already")
    }
    do throws(PostgresError) {
      let running = try launch()
      phase.withLock { $0 = .running(running) }
      return running.configuration
    } catch {
      phase.withLock { $0 = .stopped }
      throw error
    }
  }

  /// Ends all sessions, shuts the server down and waits for its end; does nothing if it isn't running.
  /// Blocks.
  ///
  /// - Throws: `.cluster` if the server can't be stopped.
  package func stop() throws(PostgresError) {
    try stop { postmaster throws(PostgresError) in try postmaster.stop() }
  }

  /// Stops the server as if the power went: it has to recover when it's started again.
  func stopAtOnce() throws(PostgresError) {
    try stop { postmaster throws(PostgresError) in try postmaster.stopAtOnce() }
  }

  private func stop(_ body: (Postmaster) throws(PostgresError) -> Void) throws(PostgresError) {
    let running: Running? = phase.withLock { phase in
      guard case .running(let running) = phase else { return nil }
      phase = .changing
      return running
    }
    guard let running else { return }
    do throws(PostgresError) {
      try body(running.postmaster)
      phase.withLock { $0 = .stopped }
    } catch {
      phase.withLock { $0 = .running(running) }
      throw error
    }
  }

  /// `start` for tasks.
  @discardableResult
  package func start() async throws -> ConnectionConfiguration {
    try await OwnThread.result(name: "postgres start") { try self.start() }
  }

  /// `stop` for tasks.
  package func stop() async throws {
    try await OwnThread.result(name: "postgres stop") { try self.stop() }
  }

  /// How to connect; nil unless the server was started.
  package var configuration: ConnectionConfiguration? { running?.configuration }

  /// How to connect, for libpq; nil unless the server was started.
  package var connectionString: String? { configuration?.connectionString }

  /// The process ID of the server, the parent of all its processes; nil while it isn't running.
  package var process: Int32? { running?.postmaster.process }

  /// Where the cluster really lies; nil unless the server was started.
  package var home: String? { running?.directory.home }

  private var running: Running? {
    phase.withLock { phase in
      if case .running(let running) = phase { running } else { nil }
    }
  }
}
