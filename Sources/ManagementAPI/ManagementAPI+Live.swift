import Fleet
import FleetStore
import Foundation
import HTTPTypes
import Hummingbird
import ManagementTypes

/// Live views.
extension ManagementAPI {
  private static let maximumFilters = 100

  func watchEvents(_ request: Request, _ context: APIContext) async throws -> Response {
    let names = request.uri.queryParameters[values: "device"].map(String.init)
    let kinds = request.uri.queryParameters[values: "kind"].map(String.init)
    guard names.count <= Self.maximumFilters, kinds.count <= Self.maximumFilters else {
      throw Refusal(.badRequest, "There are more than \(Self.maximumFilters) devices or kinds.")
    }
    let selector = try request.query("selector").map { try self.selector($0) }
    if let selector { try store.checkSearchable(selector) }
    var devices: [Device.ID] = []
    for name in names {
      guard let id = try await store.deviceID(named: name) else { throw Self.unknown(name) }
      devices.append(id)
    }
    let mark: EventRecord.Mark
    if let text = request.lastEventID {
      guard let known = EventRecord.Mark(text) else {
        throw Refusal(.badRequest, "The Last-Event-ID is not one that this server gave.")
      }
      mark = known
    } else {
      mark = try await store.eventMark()
    }
    return try liveView(
      of: EventSource(
        store: store, devices: devices, kinds: kinds, selector: selector,
        batch: configuration.streamBatch, mark: mark),
      every: configuration.pollInterval, for: request, context)
  }

  func watchRollout(_ request: Request, _ context: APIContext) async throws -> Response {
    let name = try await rollout(context).name
    return try liveView(
      of: RolloutSource(store: store, name: name), every: configuration.rolloutInterval,
      for: request, context)
  }

  func liveView(
    of source: some LiveSource, every interval: Double, for request: Request, _ context: APIContext
  ) throws -> Response {
    guard let slot = streams.take() else {
      throw Refusal(
        .unavailable, "There are \(configuration.maximumStreams) live views already.",
        retryAfter: 10)
    }
    let authorization = request.headers[.authorization]
    let peer = context.peer
    return LiveView(
      source: source, slot: slot, interval: interval,
      // A view whose reader stalls is cut off; one without news must not look like it.
      pulse: min(configuration.streamPulse, Double(configuration.stallTimeout) / 3)
    ) { [authenticator, now] in
      do {
        _ = try await authenticator.caller(authorization: authorization, peer: peer, now: now())
        return true
      } catch {
        return (error as? Refusal)?.problem.status != 401
      }
    }.response
  }
}

extension Request {
  /// What a reader that comes back to a live view has seen last.
  var lastEventID: String? {
    headers.first { $0.name.canonicalName == "last-event-id" }.flatMap {
      $0.value.isEmpty ? nil : $0.value
    }
  }
}

/// What happens to the devices that are wanted.
private struct EventSource: LiveSource {
  let store: FleetStore
  let devices: [Device.ID]
  let kinds: [String]
  let selector: Selector?
  let batch: Int
  var mark: EventRecord.Mark

  mutating func next() async throws -> LiveNews {
    let followed = try await store.events(
      after: mark, devices: devices, kinds: kinds, limit: batch)
    mark = followed.mark
    var news = LiveNews(mark: "\(mark)", hasMore: followed.hasMore)
    guard !followed.events.isEmpty else { return news }
    let records = Dictionary(
      try await store.devices(Array(Set(followed.events.map(\.record.deviceID)))).map {
        ($0.id, $0)
      },
      uniquingKeysWith: { first, _ in first })
    for event in followed.events {
      // A device that was removed in between has no name to tell.
      guard let device = records[event.record.deviceID], isWanted(device) else { continue }
      news.messages.append(
        try LiveMessage(
          id: "\(event.mark)",
          try ManagementTypes.EventDetail(event.record, device: device.identity.name)))
    }
    return news
  }

  private func isWanted(_ device: DeviceRecord) -> Bool {
    guard let selector else { return true }
    return selector.matches(
      name: device.identity.name, tags: Set(device.tags), facts: device.facts)
  }
}

/// A rollout, told whenever it is not as it was told before.
private struct RolloutSource: LiveSource {
  let store: FleetStore
  let name: String
  var last: RolloutDetail?

  init(store: FleetStore, name: String) {
    self.store = store
    self.name = name
  }

  mutating func next() async throws -> LiveNews {
    guard let record = try await store.rollout(named: name) else { return LiveNews(isEnd: true) }
    var detail = RolloutDetail(record)
    detail.document = nil
    guard detail != last else { return LiveNews() }
    last = detail
    return LiveNews(
      messages: [try LiveMessage(detail)],
      isEnd: record.state == .done || record.state == .cancelled)
  }
}

extension ManagementTypes.EventDetail {
  init(_ record: EventRecord, device: String) throws {
    self.init(
      device: device, at: Timestamp(record.at), kind: record.kind,
      detail: try JSONDecoder().decode(JSONValue.self, from: Data(record.detail)))
  }
}
