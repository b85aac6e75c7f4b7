import FleetStore
import HTTPTypes
import Hummingbird
import ManagementTypes

/// The server about itself.
extension ManagementAPI {
  func getVersion(_ request: Request, _ context: APIContext) async throws -> Response {
    try answer(ServerVersion(product: "fairlead", version: configuration.version, api: "v1"))
  }

  func getStatus(_ request: Request, _ context: APIContext) async throws -> Response {
    var status = ServerStatus(
      version: configuration.version, uptime: Int(max(0, now() - startedAt)),
      database: .init(state: "ok"), fleet: nil)
    do {
      let totals = try await store.totals(now: now())
      status.fleet = ServerStatus.Fleet(
        devices: totals.devices, devicesSeenToday: totals.devicesSeenToday,
        openTasks: totals.openTasks, runningRollouts: totals.runningRollouts,
        pausedRollouts: totals.pausedRollouts, files: totals.files)
    } catch let error as StoreError where error.code == .unavailable {
      status.database.state = "unreachable"
    }
    return try answer(status)
  }

  func getOpenAPI(_ request: Request, _ context: APIContext) async throws -> Response {
    try answer(OpenAPIDocument(routes: routes, version: configuration.version).value)
  }
}
