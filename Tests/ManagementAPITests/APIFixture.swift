import DeviceModel
import FileServer
import Fleet
import FleetStore
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import ManagementTypes
import NIOCore
import Postgres
import Synchronization

@testable import ManagementAPI

/// An API with a store and a directory of its own, and a token of each role.
struct APIFixture: Sendable {
  let api: ManagementAPI
  let store: FleetStore
  let directory: String
  let tokens: [Role: String]
  let woken: Woken
  let connection: Connection

  /// The devices that were asked to call.
  final class Woken: Sendable {
    private let devices = Mutex<[Device.ID]>([])
    func add(_ device: Device.ID) { devices.withLock { $0.append(device) } }
    var all: [Device.ID] { devices.withLock { $0 } }
  }

  /// What the rest of a server would tell: how devices behave that are asked to call, and the switches of the fleet.
  final class Connection: Sendable {
    private let state = Mutex(
      (
        outcome: ConnectionOutcome.notCalled(reason: "nobody asked", milliseconds: 0),
        waits: [Double](), requests: [Device.ID: CallRequest](), switches: DeviceSwitchesTable()
      ))
    func set(_ outcome: ConnectionOutcome) { state.withLock { $0.outcome = outcome } }
    func set(requests: [Device.ID: CallRequest]) { state.withLock { $0.requests = requests } }
    var requests: [Device.ID: CallRequest] { state.withLock { $0.requests } }
    func set(switches: DeviceSwitchesTable) { state.withLock { $0.switches = switches } }
    var switches: DeviceSwitchesTable { state.withLock { $0.switches } }
    func ask(_ seconds: Double) -> ConnectionOutcome {
      state.withLock { state in
        state.waits.append(seconds)
        return state.outcome
      }
    }
    /// How long was waited each time.
    var waits: [Double] { state.withLock { $0.waits } }
  }

  static func run(
    configure: (inout ManagementAPI.Configuration) -> Void = { _ in },
    models: ModelCatalog = ModelCatalog(), _ body: (APIFixture) async throws -> Void
  ) async throws {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    var settings = FleetStore.Settings()
    settings.connections = 3
    try await TemporaryCluster.withDatabase { database in
      let store = try await FleetStore.open(database, settings: settings, logger: logger)
      do {
        try await TemporaryDirectory.run { directory in
          var tokens: [Role: String] = [:]
          for role in Role.allCases {
            tokens[role] = try await store.createToken(
              name: "the-\(role.rawValue)", role: role.stored, expiresAt: nil, by: "test"
            ).secret
          }
          var configuration = ManagementAPI.Configuration()
          configuration.port = 0
          configuration.pollInterval = 0.02
          configure(&configuration)
          let woken = Woken()
          let shelf = ModelShelf(shipped: models.models, store: store, logger: logger)
          let connection = Connection()
          let api = ManagementAPI(
            configuration: configuration, store: store,
            files: try FileStore(directory: directory.path), wake: { woken.add($0) },
            connect: { _, seconds in connection.ask(seconds) },
            callRequests: { devices in connection.requests.filter { devices.contains($0.key) } },
            switches: { connection.switches }, models: { shelf.catalog },
            modelsChanged: { try? await shelf.refresh() }, logger: logger)
          try await body(
            APIFixture(
              api: api, store: store, directory: directory.path, tokens: tokens, woken: woken,
              connection: connection))
        }
      } catch {
        await store.close()
        throw error
      }
      await store.close()
    }
  }

  /// Sends a request to the router.
  ///
  /// - Parameter role: whose token is shown; nil: none.
  func send(
    _ method: HTTPRequest.Method, _ path: String, as role: Role? = .admin,
    headers: HTTPFields = [:], body: RequestBody = .init(buffer: ByteBuffer()),
    peer: String = "192.0.2.1"
  ) async throws -> CollectedResponse {
    try await CollectedResponse(
      try await respond(method, path, as: role, headers: headers, body: body, peer: peer))
  }

  /// Sends a request to the router, whose response may have a body without end.
  func respond(
    _ method: HTTPRequest.Method, _ path: String, as role: Role? = .admin,
    headers: HTTPFields = [:], body: RequestBody = .init(buffer: ByteBuffer()),
    peer: String = "192.0.2.1"
  ) async throws -> Response {
    var headers = headers
    if let role, headers[.authorization] == nil {
      headers[.authorization] = "Bearer \(tokens[role] ?? "")"
    }
    let request = Request(
      head: HTTPRequest(
        method: method, scheme: "http", authority: "acs", path: "/api/v1" + path,
        headerFields: headers), body: body)
    let context = APIContext(peer: peer, logger: api.logger)
    return try await api.router().buildResponder().respond(to: request, context: context)
  }

  func send(
    _ method: HTTPRequest.Method, _ path: String, as role: Role? = .admin, json: String,
    headers: HTTPFields = [:]
  ) async throws -> CollectedResponse {
    var headers = headers
    headers[.contentType] = "application/json"
    return try await send(
      method, path, as: role, headers: headers, body: .init(buffer: ByteBuffer(string: json)))
  }

  @discardableResult
  func makeDevice(_ serial: String = "1", facts: [String: String] = [:]) async throws
    -> DeviceRecord
  {
    let record = try await store.createDevice(
      DeviceIdentity(
        name: "00D09E-Box-\(serial)", manufacturer: "Maker", oui: "00D09E", productClass: "Box",
        serialNumber: serial), tags: [], by: "test")
    for (name, value) in facts {
      try await store.pool.query(
        "INSERT INTO device_fact SELECT $1, fact_id, $3 FROM fact WHERE name = $2",
        .int8(record.id), .text(name), .text(value))
    }
    return record
  }
}
