import Postgres

/// An empty database of the caller's own.
func makeTestDatabase() throws -> ConnectionConfiguration {
  var configuration = ConnectionConfiguration(try TemporaryCluster.shared().makeDatabase())
  configuration.backoff = Backoff(shortest: .milliseconds(5), longest: .milliseconds(50))
  return configuration
}

/// A connection to an empty database of the caller's own.
func connectToTestDatabase() throws -> Connection {
  try Connection(try makeTestDatabase())
}

/// A connection to a database that tests share which leave nothing there but temporary tables.
func connectToSharedDatabase() throws -> Connection {
  try Connection(try sharedDatabase.get())
}

private let sharedDatabase = Result { try makeTestDatabase() }

/// Waits, for a bounded time, until something that other threads bring about is so.
func eventually(_ isSo: () throws -> Bool) async throws -> Bool {
  for _ in 0..<2000 {
    if try isSo() { return true }
    try await Task.sleep(for: .milliseconds(5))
  }
  return false
}
