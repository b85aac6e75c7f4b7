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

/// The HTTP API by which operators and their programs manage the fleet.
package struct ManagementAPI: Sendable {
  let configuration: Configuration
  let store: FleetStore
  let files: FileStore
  let wake: @Sendable (Device.ID) -> Void
  let connect: @Sendable (Device.ID, Double) async -> ConnectionOutcome
  let callRequests: @Sendable (Set<Device.ID>) async -> [Device.ID: CallRequest]
  let agentLink: @Sendable (Device.ID) async -> AgentLink?
  let switches: @Sendable () -> DeviceSwitchesTable
  let models: @Sendable () -> ModelCatalog
  let modelsChanged: @Sendable () async -> Void
  let viewChanged: @Sendable () -> Void
  let metrics: @Sendable () async -> String
  let logger: Logger
  let now: @Sendable () -> Double
  let authenticator: Authenticator
  let streams: StreamSlots
  let startedAt: Double

  /// - Parameters:
  ///   - wake: asks a device to call, once work for it is committed; must not block.
  ///   - connect: asks a device to call, and waits for at most so many seconds until it has.
  ///   - callRequests: which of some devices are being asked to call.
  ///   - agentLink: how a device's USP agent is connected to this node; nil where it is not.
  ///   - switches: those of the fleet.
  ///   - models: the data models that are known.
  ///   - modelsChanged: told when data models were imported or removed; returns once they are taken in here.
  ///   - viewChanged: told when switches have changed, or which devices are traced; must not block.
  ///   - metrics: what was counted, as a page in the text format of Prometheus.
  ///   - now: seconds since 1970.
  package init(
    configuration: Configuration, store: FleetStore, files: FileStore,
    wake: @escaping @Sendable (Device.ID) -> Void,
    connect: @escaping @Sendable (Device.ID, Double) async -> ConnectionOutcome,
    callRequests:
      @escaping @Sendable (Set<Device.ID>) async -> [Device.ID: CallRequest] = { _ in [:] },
    agentLink: @escaping @Sendable (Device.ID) async -> AgentLink? = { _ in nil },
    switches: @escaping @Sendable () -> DeviceSwitchesTable = { DeviceSwitchesTable() },
    models: @escaping @Sendable () -> ModelCatalog = { ModelCatalog() },
    modelsChanged: @escaping @Sendable () async -> Void = {},
    viewChanged: @escaping @Sendable () -> Void = {},
    metrics: @escaping @Sendable () async -> String = { "" }, logger: Logger,
    now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
  ) {
    self.configuration = configuration
    self.store = store
    self.files = files
    self.wake = wake
    self.connect = connect
    self.callRequests = callRequests
    self.agentLink = agentLink
    self.switches = switches
    self.models = models
    self.modelsChanged = modelsChanged
    self.viewChanged = viewChanged
    self.metrics = metrics
    self.logger = logger
    self.now = now
    authenticator = Authenticator(store: store, configuration: configuration)
    streams = StreamSlots(limit: configuration.maximumStreams)
    startedAt = now()
  }

  /// A service that listens until it is told to stop.
  ///
  /// - Parameter onListening: called once with the port.
  package func application(onListening: @escaping @Sendable (Int) async -> Void = { _ in })
    -> some ApplicationProtocol
  {
    var http = HTTP1Channel.Configuration(
      additionalChannelHandlers: [
        ConnectionPolicy(stallTimeout: .seconds(Int64(configuration.stallTimeout)))
      ],
      idleTimeout: .seconds(Int64(configuration.idleTimeout)))
    http.httpDecoder.maxHeaderListSize = configuration.maximumHeaderSize
    http.httpDecoder.maxHeaderFieldSize = configuration.maximumHeaderSize
    return Application(
      router: router(),
      server: .http1(configuration: http),
      configuration: .init(
        address: .hostname(configuration.host, port: configuration.port),
        availableConnectionsDelegate: MaximumAvailableConnections(
          configuration.maximumConnections)),
      onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
      logger: logger)
  }

  /// What answers requests, without a socket.
  package func router() -> Router<APIContext> {
    let routes = self.routes
    let router = Router(context: APIContext.self)
    router.add(middleware: RequestMetrics())
    router.add(middleware: ProblemMiddleware(routes: routes))
    for route in routes {
      router.on(RouterPath(Route.prefix + route.path), method: route.method) { request, context in
        try await answer(request, context, by: route)
      }
    }
    return router
  }

  private func answer(_ request: Request, _ context: APIContext, by route: Route) async throws
    -> Response
  {
    var context = context
    if case .atLeast(let role) = route.access {
      let caller = try await authenticator.caller(
        authorization: request.headers[.authorization], peer: context.peer, now: now())
      guard caller.role >= role else {
        throw Refusal(
          .forbidden, "This takes the role \(role.rawValue); the token has \(caller.role.rawValue)."
        )
      }
      context.caller = caller
    }
    try request.checkQuery(route.query)
    return try await route.handler(request, context)
  }

  // MARK: - Answers

  /// An answer of JSON.
  func answer(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    let data = try APIJSON.encode(value)
    return Response(
      status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
      body: .init(byteBuffer: ByteBuffer(bytes: data)))
  }

  /// An answer of JSON with an entity tag; 304 where the sender has it already.
  func tagged(_ value: some Encodable, for request: Request) throws -> Response {
    var response = try answer(value)
    let tag = try EntityTag.text(for: value)
    response.headers[.eTag] = tag
    response.headers[.cacheControl] = "private, no-cache"
    if let known = request.headers[.ifNoneMatch], EntityTag.matches(known, tag, isWeak: true) {
      response = Response(
        status: .notModified, headers: [.eTag: tag, .cacheControl: "private, no-cache"])
    }
    return response
  }

  func limit(of request: Request) throws -> Int {
    try request.number(
      "limit", in: 1...configuration.maximumPageSize,
      default: min(configuration.defaultPageSize, configuration.maximumPageSize))
  }

  /// A body of JSON.
  func decode<Body: RequestMembers>(_ type: Body.Type, from request: Request) async throws -> Body {
    if let mediaType = request.mediaType, mediaType != "application/json" {
      throw Refusal(.unsupportedMediaType, "The body has to be application/json.")
    }
    return try APIJSON.decode(
      type, from: try await request.body(atMost: configuration.maximumBodySize))
  }
}

/// Lets every error leave as a problem, and tells what is wrong with a path or method that no route has.
private struct ProblemMiddleware: RouterMiddleware {
  typealias Context = APIContext
  let routes: [Route]

  func handle(
    _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      var refusal = Refusal(error)
      if let error = error as? HTTPError, error.status == .notFound {
        let methods = routes.filter { $0.matches(path: request.uri.path) }.map(\.method.rawValue)
        if !methods.isEmpty {
          refusal = Refusal(
            .methodNotAllowed, "The route has \(methods.joined(separator: ", ")).",
            allow: methods.joined(separator: ", "))
        }
      }
      if refusal.problem.status >= 500 {
        context.logger.error(
          "a request failed",
          metadata: [
            "method": "\(request.method.rawValue)", "path": "\(request.uri.path)",
            "error": "\(error)",
          ])
      }
      var response = refusal.response
      // The rest of a large body is not worth reading.
      if [401, 403, 411, 413, 415, 422, 429].contains(refusal.problem.status) {
        response.headers[.connection] = "close"
      }
      return response
    }
  }
}
