import HTTPTypes
import Hummingbird
import ManagementTypes
import NIOCore
import ServiceLifecycle

/// An answer that goes on for as long as its reader stays: server-sent events (WHATWG HTML, 9.2).
///
/// Its source is asked again and again; while it has no news, a pulse shows that the view is alive. The view ends with its
/// token, with the server, and when its source says so.
struct LiveView<Source: LiveSource>: Sendable {
  let source: Source
  let slot: StreamSlots.Slot
  /// Seconds between looks at the source.
  let interval: Double
  /// Seconds without news after which a pulse is sent.
  let pulse: Double
  /// Whether the token is still good, asked with each pulse.
  let isAllowed: @Sendable () async -> Bool

  /// Milliseconds after which readers that lost the connection shall come back.
  private static var comeBack: Int { 2_000 }

  var response: Response {
    Response(
      status: .ok,
      headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
      body: ResponseBody { writer in
        try await run { try await writer.write(ByteBuffer(string: $0)) }
        try await writer.finish(nil)
      })
  }

  private func run(_ write: (String) async throws -> Void) async throws {
    var source = source
    let clock = ContinuousClock()
    var lastWrite = clock.now
    var lastCheck = clock.now
    try await write("retry: \(Self.comeBack)\n\n")
    while !Task.isShuttingDownGracefully {
      let news: LiveNews
      do {
        news = try await source.next()
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        // The reader comes back by itself, and hears then what is wrong.
        return
      }
      var text = ""
      for message in news.messages { text += message.text }
      let isQuiet = text.isEmpty
      if isQuiet, clock.now - lastWrite >= .seconds(pulse) {
        text = ": alive\n" + (news.mark.map { "id: \($0)\n" } ?? "") + "\n"
      }
      if !text.isEmpty {
        try await write(text)
        lastWrite = clock.now
      }
      if clock.now - lastCheck >= .seconds(pulse) {
        guard await isAllowed() else { return }
        lastCheck = clock.now
      }
      if news.isEnd { return }
      if !news.hasMore { try await clock.sleep(for: .seconds(interval)) }
    }
  }
}

/// What a live view shows.
protocol LiveSource: Sendable {
  /// What is new since the last call.
  mutating func next() async throws -> LiveNews
}

/// What is new in a live view.
struct LiveNews: Sendable {
  var messages: [LiveMessage] = []
  /// What a reader that comes back gives as `Last-Event-ID`.
  var mark: String?
  /// True where more can be had at once.
  var hasMore = false
  /// True where nothing will follow.
  var isEnd = false
}

/// One server-sent event.
struct LiveMessage: Sendable {
  var id: String?
  /// JSON in one line.
  var data: String

  init(id: String? = nil, _ value: some Encodable) throws {
    self.id = id
    data = String(decoding: try APIJSON.encode(value), as: UTF8.self)
  }

  /// The message as it is sent.
  var text: String {
    var text = id.map { "id: \($0)\n" } ?? ""
    // JSON escapes line ends within texts; those between members would end the field.
    for line in data.split(separator: "\n", omittingEmptySubsequences: false) {
      text += "data: \(line)\n"
    }
    return text + "\n"
  }
}
