import Postgres
import Synchronization
import Testing

@Suite struct NotificationListenerTests {
  /// What a listener has told, in order.
  private final class Record: Sendable {
    private let events = Mutex<[NotificationListener.Event]>([])

    func append(_ event: NotificationListener.Event) { events.withLock { $0.append(event) } }
    var all: [NotificationListener.Event] { events.withLock { $0 } }
  }

  @Test func notificationsAreHeardInOrder() async throws {
    let configuration = try makeTestDatabase()
    let record = Record()
    let listener = try NotificationListener(
      configuration, channels: ["work", "Odd \"name\""], receive: record.append)
    #expect(try await eventually { record.all == [.listening(afterGap: false)] })
    let connection = try Connection(configuration)
    let notify: SQL = "SELECT pg_notify($1, $2)"
    try connection.query(Statement(notify, .text("work"), .text("1")))
    try connection.query(Statement(notify, .text("elsewhere"), .text("2")))
    try connection.query(Statement(notify, .text("Odd \"name\""), .text("Größe")))
    #expect(try await eventually { record.all.count == 3 })
    #expect(
      record.all.dropFirst() == [
        .notification(channel: "work", payload: "1"),
        .notification(channel: "Odd \"name\"", payload: "Größe"),
      ])
    listener.close()
  }

  @Test func aLostConnectionIsToldAndReplaced() async throws {
    let configuration = try makeTestDatabase()
    let record = Record()
    let listener = try NotificationListener(
      configuration, channels: ["work"], receive: record.append)
    #expect(try await eventually { record.all.count == 1 })
    let connection = try Connection(configuration)
    try connection.query(
      """
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()
      """)
    #expect(try await eventually { record.all.last == .listening(afterGap: true) })
    guard case .lost(let error) = record.all[1] else {
      Issue.record("the loss was not told: \(record.all)")
      return
    }
    #expect(error.code == .unavailable)
    try connection.query("NOTIFY work, 'again'")
    #expect(
      try await eventually {
        record.all.last == .notification(channel: "work", payload: "again")
      })
    listener.close()
  }

  @Test func aClosedListenerLeavesItsSession() async throws {
    let configuration = try makeTestDatabase()
    let record = Record()
    let listener = try NotificationListener(
      configuration, channels: ["work"], receive: record.append)
    #expect(try await eventually { record.all.count == 1 })
    listener.close()
    let connection = try Connection(configuration)
    #expect(
      try await eventually {
        try connection.query(
          """
          SELECT 1 FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid()
          """
        ).isEmpty
      })
    #expect(record.all == [.listening(afterGap: false)])
  }

  @Test(arguments: ["", String(repeating: "x", count: 64), "a\0b"])
  func impossibleChannelsAreRefused(_ channel: String) throws {
    let error = #expect(throws: PostgresError.self) {
      try NotificationListener(ConnectionConfiguration(""), channels: [channel]) { _ in }
    }
    #expect(error?.code == .configuration)
  }
}
