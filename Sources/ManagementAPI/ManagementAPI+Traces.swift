import Fleet
import FleetStore
import HTTPTypes
import Hummingbird
import ManagementTypes

/// The messages of devices, as they went over the wire.
extension ManagementAPI {
  var traceRoutes: [Route] {
    [
      Route(
        .put, "/devices/{name}/trace", .atLeast(.operator),
        "Keeps a device's messages for a time, credentials blanked", body: "NewTrace",
        answers: [(200, "TraceState")], startTrace),
      Route(
        .delete, "/devices/{name}/trace", .atLeast(.operator),
        "Keeps no more of a device's messages", answers: [(204, nil)], stopTrace),
      Route(
        .get, "/devices/{name}/trace", .atLeast(.operator),
        "Lists the kept messages of a device, oldest first", query: ["limit", "cursor"],
        answers: [(200, "TraceEntryPage")], listTrace),
      Route(
        .get, "/devices/{name}/trace/watch", .atLeast(.operator),
        "Tells the messages of a device as they are kept", answers: [(200, "TraceEntry")],
        isStream: true, watchTrace),
    ]
  }

  func startTrace(_ request: Request, _ context: APIContext) async throws -> Response {
    let body = try await decode(NewTrace.self, from: request)
    let longest = Int(configuration.traces.longest)
    guard (1...longest).contains(body.seconds) else {
      throw Refusal(.invalidBody, "“seconds” is a number from 1 to \(longest).")
    }
    let record = try await device(context)
    let until = now() + Double(body.seconds)
    try await store.startTrace(
      of: record.id, named: record.identity.name, until: until, now: now(),
      limits: configuration.traces, by: context.actor)
    viewChanged()
    return try answer(TraceState(until: Timestamp(until)))
  }

  func stopTrace(_ request: Request, _ context: APIContext) async throws -> Response {
    let record = try await device(context)
    try await store.stopTrace(of: record.id, named: record.identity.name, by: context.actor)
    viewChanged()
    return Response(status: .noContent)
  }

  /// Bodies of messages are large: a page has few.
  private static let tracePage = 100

  func listTrace(_ request: Request, _ context: APIContext) async throws -> Response {
    let limit = try request.number("limit", in: 1...Self.tracePage, default: Self.tracePage)
    let record = try await device(context)
    let messages = try await store.traceMessages(
      of: record.id, after: try request.keyCursor() ?? 0, limit: limit + 1)
    return try answer(
      Page(messages, limit: limit) {
        String($0.id)
      } _: {
        TraceEntry($0)
      })
  }

  func watchTrace(_ request: Request, _ context: APIContext) async throws -> Response {
    let record = try await device(context)
    let mark: Int64
    if let text = request.lastEventID {
      guard let known = Int64(text), known >= 0 else {
        throw Refusal(.badRequest, "The Last-Event-ID is not one that this server gave.")
      }
      mark = known
    } else {
      mark = try await store.lastTraceMessage(of: record.id)
    }
    return try liveView(
      of: TraceSource(store: store, device: record.id, mark: mark),
      every: configuration.pollInterval, for: request, context)
  }
}

/// The messages of a device as they are kept.
private struct TraceSource: LiveSource {
  private static let batch = 20

  let store: FleetStore
  let device: Device.ID
  var mark: Int64

  mutating func next() async throws -> LiveNews {
    let messages = try await store.traceMessages(of: device, after: mark, limit: Self.batch)
    mark = messages.last?.id ?? mark
    return LiveNews(
      messages: try messages.map { try LiveMessage(id: String($0.id), TraceEntry($0)) },
      mark: String(mark), hasMore: messages.count == Self.batch)
  }
}
