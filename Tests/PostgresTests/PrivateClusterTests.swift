import Glibc
import Logging
import Postgres
import Testing

/// Each test has a cluster of its own, as it starts and stops it.
@Suite(.serialized) final class PrivateClusterTests {
  private let directory: String
  private var clusters: [PrivateCluster] = []

  init() throws {
    directory = try TemporaryCluster.makeDirectory()
  }

  deinit {
    for cluster in clusters { try? cluster.stop() }
    TemporaryCluster.removeDirectory(directory)
  }

  private func cluster(
    in place: String? = nil, options: PrivateCluster.Options = .careless()
  ) -> PrivateCluster {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let cluster = PrivateCluster(directory: place ?? directory, options: options, logger: logger)
    clusters.append(cluster)
    return cluster
  }

  private func isAlive(_ process: Int32) -> Bool { kill(process, 0) == 0 }

  @Test func aClusterKeepsItsDataAndIsReachedBySocketOnly() throws {
    let cluster = cluster(options: PrivateCluster.Options())
    let configuration = try cluster.start()
    let process = try #require(cluster.process)
    #expect(isAlive(process))
    for name in ["data", "socket", "log"] {
      var found = stat()
      #expect(lstat("\(directory)/\(name)", &found) == 0)
      #expect(found.st_mode & 0o777 == 0o700)
    }
    let connection = try Connection(configuration)
    let row = try #require(
      try connection.query(
        """
        SELECT current_setting('listen_addresses'), current_setting('data_checksums'),
          current_setting('fsync'), current_setting('synchronous_commit'),
          current_setting('server_encoding'), lower('ÄÖ'), 'a' < 'B'
        """
      ).first)
    #expect(try (0..<6).map { try row.string(Column($0)) } == ["", "on", "on", "on", "UTF8", "äö"])
    #expect(try row.bool(6) == false)
    try connection.query("CREATE TABLE kept AS SELECT 42 AS n")
    try cluster.stop()
    #expect(cluster.process == nil)
    #expect(!isAlive(process))
    #expect(!connection.isAlive())

    let again = try Connection(try cluster.start())
    #expect(try again.query("SELECT n FROM kept")[0].int(0) == 42)
  }

  @Test func aSecondUserOfTheDirectoryIsRefused() throws {
    let first = cluster()
    let configuration = try first.start()
    let error = #expect(throws: PostgresError.self) { try cluster().start() }
    #expect(error?.code == .clusterInUse)
    #expect(error?.message.contains("\(getpid())") == true)
    #expect(throws: PostgresError.self) { try first.start() }
    #expect(try Connection(configuration).query("SELECT 1").count == 1)
  }

  @Test func aServerLeftOverIsReplaced() throws {
    var abandoned: PrivateCluster? = cluster()
    let configuration = try #require(try abandoned?.start())
    let process = try #require(abandoned?.process)
    try Connection(configuration).query("CREATE TABLE kept AS SELECT 42 AS n")
    clusters.removeAll()
    abandoned = nil
    #expect(isAlive(process))

    let next = cluster()
    let connection = try Connection(try next.start())
    #expect(next.process != process)
    #expect(!isAlive(process))
    #expect(try connection.query("SELECT n FROM kept")[0].int(0) == 42)
  }

  @Test func thePidFileOfAnotherProcessIsNoServer() throws {
    let cluster = cluster()
    try cluster.start()
    try cluster.stop()
    // This very process has the number that the file tells.
    let file = try #require(fopen("\(directory)/data/postmaster.pid", "w"))
    fputs("\(getpid())\n\(directory)/data\n", file)
    fclose(file)
    #expect(try Connection(try cluster.start()).query("SELECT 1").count == 1)
  }

  @Test func aServerThatDiesIsStartedAgain() async throws {
    let cluster = cluster()
    let configuration = try await cluster.start()
    let pool = try Pool(
      configuration, limits: PoolLimits(connections: 2, waitTimeout: .seconds(30)))
    _ = try await pool.query("CREATE TABLE kept AS SELECT 42 AS n")
    let process = try #require(cluster.process)
    kill(process, SIGKILL)
    #expect(try await eventually { cluster.process.map { $0 != process } ?? false })
    // A pool comes back by itself; a caller or two may meet the connection that died.
    var answer: Int?
    for _ in 0..<10 where answer == nil {
      answer = try? await pool.query("SELECT n FROM kept")[0].int(0)
    }
    #expect(answer == 42)
    await pool.close()
  }

  @Test func aPoolComesBackAfterARestart() async throws {
    let cluster = cluster()
    let pool = try Pool(
      try await cluster.start(), limits: PoolLimits(connections: 2, waitTimeout: .seconds(30)))
    _ = try await pool.query("SELECT 1")
    try await cluster.stop()
    // Idle connections have died without anybody's notice; the caller waits for the server.
    let waiting = Task { try await pool.query("SELECT 1").count }
    #expect(try await eventually { pool.status.lastFailure?.code == .unavailable })
    try await cluster.start()
    #expect(try await waiting.value == 1)
    #expect(pool.status.lastFailure == nil)
    await pool.close()
  }

  @Test func aClusterOfAnotherVersionIsRefused() throws {
    let cluster = cluster()
    try cluster.start()
    try cluster.stop()
    let file = try #require(fopen("\(directory)/data/PG_VERSION", "w"))
    fputs("9\n", file)
    fclose(file)
    let error = #expect(throws: PostgresError.self) { try cluster.start() }
    #expect(error?.code == .clusterVersion)
    #expect(error?.message.contains("PostgreSQL 9") == true)
  }

  @Test func aBadSettingIsReportedInTheServersWords() throws {
    let error = #expect(throws: PostgresError.self) {
      try cluster(options: .careless(settings: ["work_mem": "nonsense"])).start()
    }
    #expect(error?.code == .cluster)
    #expect(error?.message.contains("work_mem") == true, "\(error?.message ?? "")")
  }

  @Test func somethingElseInTheWayIsLeftAlone() throws {
    #expect(mkdir("\(directory)/data", 0o700) == 0)
    let file = try #require(fopen("\(directory)/data/precious", "w"))
    fclose(file)
    let error = #expect(throws: PostgresError.self) { try cluster().start() }
    #expect(error?.code == .cluster)
    #expect(access("\(directory)/data/precious", F_OK) == 0)
  }

  @Test func aLongPathHasItsSocketElsewhere() throws {
    #expect(chmod(directory, 0o755) == 0)
    let deep = "\(directory)/\(String(repeating: "deep", count: 25))"
    let configuration = try cluster(in: deep).start()
    #expect(!configuration.connectionString.contains(deep))
    #expect(try Connection(configuration).query("SELECT 1").count == 1)
  }

  @Test(.enabled(if: geteuid() == 0, "only root hands the server to another user"))
  func rootFindsAPlaceThatTheServersUserCanReach() throws {
    // Like the home of root.
    #expect(chmod(directory, 0o700) == 0)
    let closed = "\(directory)/cluster"
    let cluster = cluster(in: closed)
    let configuration = try cluster.start()
    let home = try #require(cluster.home)
    defer {
      try? cluster.stop()
      TemporaryCluster.removeDirectory(home)
    }
    #expect(home.hasPrefix("/var/lib/fairlead/cluster-"))
    try Connection(configuration).query("CREATE TABLE kept AS SELECT 42 AS n")
    try cluster.stop()
    let again = try Connection(try cluster.start())
    #expect(try again.query("SELECT n FROM kept")[0].int(0) == 42)
  }
}
