import FleetStore
import HTTPTypes
import Hummingbird
import ManagementTypes
import NIOCore

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

  /// The text format of Prometheus.
  static let metricsType = "text/plain"

  func getMetrics(_ request: Request, _ context: APIContext) async throws -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: "\(Self.metricsType); version=0.0.4; charset=utf-8",
        .cacheControl: "no-store",
      ],
      body: .init(byteBuffer: ByteBuffer(string: await metrics())))
  }

  func getOpenAPI(_ request: Request, _ context: APIContext) async throws -> Response {
    try answer(OpenAPIDocument(routes: routes, version: configuration.version).value)
  }
}
