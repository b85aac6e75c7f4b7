import Postgres
import Synchronization
import Testing

@Suite struct PoolTests {
  private func pool(
    connections: Int = 2, waiting: Int = 100, timeout: Duration = .seconds(20)
  ) throws -> Pool {
    try Pool(
      makeTestDatabase(),
      limits: PoolLimits(connections: connections, waitingCallers: waiting, waitTimeout: timeout))
  }

  private func code(_ body: () async throws -> Void) async -> PostgresError.Code? {
    do {
      try await body()
      return nil
    } catch {
      return (error as? PostgresError)?.code
    }
  }

  @Test func manyTasksShareFewConnections() async throws {
    let pool = try pool(connections: 3)
    let sum = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 1...60 {
        group.addTask {
          try await pool.query("SELECT $1 * 2", .int8(Int64(number)))[0].int(0)
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(sum == 60 * 61)
    #expect(pool.status.connected == 3)
    let sessions = try await pool.query(
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
    #expect(try sessions[0].int(0) == 3)
    await pool.close()
  }

  @Test func aClosedPoolRefuses() async throws {
    let pool = try pool()
    _ = try await pool.query("SELECT 1")
    await pool.close()
    #expect(await code { try await pool.query("SELECT 1") } == .closed)
    #expect(pool.status.connected == 0)
  }

  @Test func aFullQueueRefusesTheNext() async throws {
    let pool = try pool(connections: 1, waiting: 1)
    let gate = Gate()
    let running = Task { try await pool.withConnection { _ in gate.wait() } }
    #expect(try await eventually { pool.status.busy == 1 })
    let waiting = Task { try await pool.query("SELECT 1").count }
    #expect(try await eventually { pool.status.waiting == 1 })
    #expect(await code { try await pool.query("SELECT 2") } == .queueFull)
    gate.open()
    try await running.value
    #expect(try await waiting.value == 1)
    await pool.close()
  }

  @Test func aCallerWaitsOnlySoLong() async throws {
    let pool = try pool(connections: 1, timeout: .milliseconds(50))
    let gate = Gate()
    #expect(try await eventually { pool.status.connected == 1 })
    let running = Task { try await pool.withConnection { _ in gate.wait() } }
    #expect(try await eventually { pool.status.busy == 1 })
    #expect(await code { try await pool.query("SELECT 1") } == .timedOut)
    gate.open()
    try await running.value
    #expect(try await pool.query("SELECT 1").count == 1)
    await pool.close()
  }

  @Test func aServerThatIsAwayIsReportedWithItsReason() async throws {
    let pool = try Pool(
      ConnectionConfiguration("host=/nowhere dbname=x"),
      limits: PoolLimits(connections: 1, waitTimeout: .milliseconds(100)))
    let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("/nowhere") == true)
    await pool.close()
  }

  @Test func aCancelledTaskStopsItsStatement() async throws {
    let configuration = try makeTestDatabase()
    let pool = try Pool(configuration, limits: PoolLimits(connections: 1))
    let process = try await pool.withConnection { $0.serverProcess }
    let task = Task { try await pool.query("SELECT pg_sleep(60)") }
    let observer = try Connection(configuration)
    #expect(
      try await eventually {
        try !observer.query(
          "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'", .int4(process)
        ).isEmpty
      })
    task.cancel()
    #expect(await code { _ = try await task.value } == .cancelled)
    #expect(try await pool.query("SELECT 1").count == 1)
    await pool.close()
  }

  @Test func aTaskCancelledInTheQueueNeverRuns() async throws {
    let pool = try pool(connections: 1)
    let gate = Gate()
    let running = Task { try await pool.withConnection { _ in gate.wait() } }
    #expect(try await eventually { pool.status.busy == 1 })
    let hasRun = Atomic(false)
    let waiting = Task {
      try await pool.withConnection { _ in hasRun.store(true, ordering: .relaxed) }
    }
    #expect(try await eventually { pool.status.waiting == 1 })
    waiting.cancel()
    #expect(await code { try await waiting.value } == .cancelled)
    #expect(pool.status.waiting == 0)
    gate.open()
    try await running.value
    await pool.close()
    #expect(hasRun.load(ordering: .relaxed) == false)
  }

  @Test func anOpenTransactionIsNotHandedOn() async throws {
    let pool = try pool(connections: 1)
    _ = try await pool.query("CREATE TABLE t (n int)")
    try await pool.withConnection { connection in
      try connection.query("BEGIN")
      try connection.query("INSERT INTO t VALUES (1)")
    }
    #expect(try await pool.query("SELECT * FROM t").isEmpty)
    await pool.close()
  }

  @Test func transactionsAreRetriedAfterADeadlock() async throws {
    let pool = try pool(connections: 2)
    _ = try await pool.pipeline([
      Statement("CREATE TABLE t (id int PRIMARY KEY, n int)"),
      Statement("INSERT INTO t VALUES (1, 0), (2, 0)"),
    ])
    let meeting = Meeting(2)
    func work(_ first: Int32, _ second: Int32) async throws {
      try await pool.transaction { connection in
        try connection.query("SET LOCAL deadlock_timeout = '20ms'")
        try connection.query("UPDATE t SET n = n + 1 WHERE id = $1", .int4(first))
        meeting.arrive()
        try connection.query("UPDATE t SET n = n + 1 WHERE id = $1", .int4(second))
      }
    }
    async let one: Void = work(1, 2)
    async let two: Void = work(2, 1)
    _ = try await (one, two)
    let rows = try await pool.query("SELECT n FROM t")
    #expect(try rows.map { try $0.int(0) } == [2, 2])
    await pool.close()
  }

  @Test func aBrokenConnectionIsReplaced() async throws {
    let pool = try pool(connections: 1)
    let process = try await pool.withConnection { $0.serverProcess }
    #expect(
      await code {
        try await pool.query("SELECT pg_terminate_backend(pg_backend_pid())")
      } == .unavailable)
    #expect(try await pool.withConnection { $0.serverProcess } != process)
    await pool.close()
  }
}
