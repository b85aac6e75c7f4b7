import FleetStore
import Logging
import Postgres

/// A store on an empty database of its own; the caller closes it.
func openTestStore(_ settings: FleetStore.Settings = StoreFixture.settings) async throws
  -> FleetStore
{
  var logger = Logger(label: "test")
  logger.logLevel = .critical
  return try await FleetStore.open(
    try await TemporaryCluster.newDatabase(), settings: settings, logger: logger)
}
