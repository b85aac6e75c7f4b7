import Foundation
import HTTPClient
import ManagementTypes

/// The management API of one server: typed requests, paging, and failures that say what to do.
package struct ManagementClient: Sendable {
  /// The largest answer that is taken, in bytes.
  package static let maximumAnswer = 256 << 20

  package struct Query: Sendable {
    package var items: [(name: String, value: String)] = []

    package init(_ items: KeyValuePairs<String, String?> = [:]) {
      for (name, value) in items {
        if let value { self.items.append((name, value)) }
      }
    }
  }

  private let settings: ServerSettings
  private let http: HTTPClient

  package init(settings: ServerSettings) {
    self.settings = settings
    var configuration = HTTPClient.Configuration()
    configuration.usesProxyOfEnvironment = !settings.isOnThisMachine
    configuration.userAgent = "acsctl"
    http = HTTPClient(configuration: configuration)
  }

  package func get<Answer: Decodable>(_ path: [String], _ query: Query = Query()) async throws
    -> Answer
  {
    try await exchange("GET", path, query)
  }

  package func post<Answer: Decodable>(
    _ path: [String], _ query: Query = Query(), body: (any Encodable & Sendable)? = nil
  ) async throws -> Answer {
    try await exchange("POST", path, query, body: body)
  }

  package func patch<Answer: Decodable>(_ path: [String], body: any Encodable & Sendable)
    async throws -> Answer
  {
    try await exchange("PATCH", path, Query(), body: body)
  }

  package func delete(_ path: [String]) async throws {
    _ = try await send(request("DELETE", path, Query()))
  }

  package func delete<Answer: Decodable>(_ path: [String]) async throws -> Answer {
    try decode(try await send(request("DELETE", path, Query())))
  }

  /// A request whose answer has no body that matters.
  package func post(_ path: [String]) async throws {
    _ = try await send(request("POST", path, Query()))
  }

  /// Sends a text, for example YAML.
  package func post<Answer: Decodable>(
    _ path: [String], _ query: Query, text: String, contentType: String, file: String
  ) async throws -> Answer {
    var request = request("POST", path, query)
    request.body = .bytes(Array(text.utf8))
    request.headers.append(HTTPField("Content-Type", contentType))
    return try decode(try await send(request, file: file))
  }

  package func put(_ path: [String], body: any Encodable & Sendable) async throws {
    var request = request("PUT", path, Query())
    request.body = .bytes(Array(try JSONEncoder().encode(body)))
    request.headers.append(HTTPField("Content-Type", "application/json"))
    _ = try await send(request)
  }

  /// Gets a body of any length piece by piece; `take` runs on another thread, and false ends it.
  package func download(_ path: [String], take: @escaping @Sendable ([UInt8]) -> Bool) async throws
  {
    var request = request("GET", path, Query())
    request.totalTimeout = nil
    request.silenceTimeout = .seconds(Self.silence)
    request.maximumResponseBytes = .max
    request.onBody = take
    _ = try await send(request)
  }

  /// Sends a file as it is read; `progress` gets bytes sent and bytes in all, on another thread.
  package func upload<Answer: Decodable>(
    _ path: [String], _ query: Query, file: String,
    progress: @escaping @Sendable (Int, Int) -> Void
  ) async throws -> Answer {
    var request = request("POST", path, query)
    request.body = .file(path: file)
    request.headers.append(HTTPField("Content-Type", "application/octet-stream"))
    request.totalTimeout = nil
    request.onUploadProgress = progress
    return try decode(try await send(request))
  }

  /// The first `limit` items of a list, over as many pages as it takes; 0 means all.
  package func list<Item: Codable & Sendable>(
    _ path: [String], _ query: Query = Query(), limit: Int, pageSize: Int = 1000,
    of type: Item.Type = Item.self
  ) async throws -> (items: [Item], hasMore: Bool) {
    var items: [Item] = []
    var cursor: String?
    repeat {
      let wanted = limit == 0 ? pageSize : min(pageSize, limit - items.count)
      var query = query
      query.items.append(("limit", String(wanted)))
      if let cursor { query.items.append(("cursor", cursor)) }
      let page: Page<Item> = try await get(path, query)
      items += page.items
      // A page without items would never end the list.
      cursor = page.items.isEmpty ? nil : page.nextCursor
    } while cursor != nil && (limit == 0 || items.count < limit)
    return (items, cursor != nil)
  }

  // MARK: Live views

  /// Seconds without a byte after which a live view counts as lost; the server shows at least every 15 that it is there.
  private static let silence = 60
  /// Pieces of a live view that wait to be read.
  private static let unreadPieces = 10_000
  /// Attempts to come back in a row.
  private static let comebacks = 30

  /// Follows a live view until it ends or `take` wants no more; comes back by itself where the connection is lost.
  ///
  /// - Parameter take: gets each message; false ends the view.
  package func follow<Item: Decodable & Sendable>(
    _ path: [String], _ query: Query = Query(), of type: Item.Type = Item.self,
    take: (Item) throws -> Bool
  ) async throws {
    var parser = EventStreamParser()
    var failures = 0
    while true {
      do {
        for try await piece in pieces(of: path, query, after: parser.lastEventID) {
          failures = 0
          guard let messages = parser.receive(piece) else {
            throw CommandFailure(.failed, "\(settings.server) sent a line without an end")
          }
          for message in messages {
            guard try take(try decode(Array(message.data.utf8))) else { return }
          }
        }
      } catch let failure as CommandFailure where failure.kind == .unreachable {
        // At the beginning it is a wrong address rather than a lost connection.
        failures += 1
        guard parser.retry != nil, failures <= Self.comebacks else { throw failure }
        if failures == 1 { Terminal.note("acsctl: the connection is lost; trying again") }
      }
      parser.restart()
      try await Task.sleep(for: .milliseconds(min(60_000, parser.retry ?? 2_000)))
    }
  }

  /// The bytes of a live view as they come.
  private func pieces(of path: [String], _ query: Query, after id: String?)
    -> AsyncThrowingStream<[UInt8], any Error>
  {
    var request = request("GET", path, query)
    request.headers.append(HTTPField("Accept", "text/event-stream"))
    if let id { request.headers.append(HTTPField("Last-Event-ID", id)) }
    request.totalTimeout = nil
    request.silenceTimeout = .seconds(Self.silence)
    request.maximumResponseBytes = .max
    let (stream, continuation) = AsyncThrowingStream.makeStream(
      of: [UInt8].self, throwing: (any Error).self,
      bufferingPolicy: .bufferingOldest(Self.unreadPieces))
    request.onBody = { piece in
      switch continuation.yield(piece) {
      case .enqueued: return true
      default:
        // Whoever reads so slowly comes back to what was not taken.
        continuation.finish(
          throwing: CommandFailure(.unreachable, "what was sent was not read in time"))
        return false
      }
    }
    let exchange = Task { [request] in
      do {
        _ = try await send(request)
        continuation.finish()
      } catch {
        continuation.finish(throwing: error)
      }
    }
    continuation.onTermination = { _ in exchange.cancel() }
    return stream
  }

  // MARK: One exchange

  private func exchange<Answer: Decodable>(
    _ method: String, _ path: [String], _ query: Query, body: (any Encodable & Sendable)? = nil
  ) async throws -> Answer {
    var request = request(method, path, query)
    if let body {
      request.body = .bytes(Array(try JSONEncoder().encode(body)))
      request.headers.append(HTTPField("Content-Type", "application/json"))
    }
    return try decode(try await send(request))
  }

  private func request(_ method: String, _ path: [String], _ query: Query) -> HTTPClient.Request {
    var url = settings.server + "/api/v1"
    for segment in path { url += "/" + Self.encoded(segment) }
    let items = query.items.map { Self.encoded($0.name) + "=" + Self.encoded($0.value) }
    if !items.isEmpty { url += "?" + items.joined(separator: "&") }
    var request = HTTPClient.Request(method: method, url: url)
    request.headers = [HTTPField("Accept", "application/json")]
    if let token = settings.token {
      request.headers.append(HTTPField("Authorization", "Bearer " + token))
    }
    request.certificateAuthorities = settings.certificateAuthority
    request.verifiesServer = settings.verifiesServer
    request.maximumResponseBytes = Self.maximumAnswer
    // Longer than the server's own long poll.
    request.totalTimeout = .seconds(120)
    return request
  }

  private func send(_ request: HTTPClient.Request, file: String? = nil) async throws -> [UInt8] {
    let response: HTTPClient.Response
    do throws(HTTPClientError) { response = try await http.send(request) } catch {
      throw Self.failure(error, settings: settings)
    }
    guard !(200..<300).contains(response.status) else { return response.body }
    if let problem = try? JSONDecoder().decode(Problem.self, from: Data(response.body)) {
      throw CommandFailure(problem, file: file)
    }
    throw CommandFailure(
      Problem(
        code: .internalError, status: response.status, title: "",
        detail:
          "\(settings.server) answered with status \(response.status)\(settings.portAdvice.map { "; " + $0 } ?? "")"
      ))
  }

  private func decode<Answer: Decodable>(_ body: [UInt8]) throws -> Answer {
    do { return try JSONDecoder().decode(Answer.self, from: Data(body)) } catch {
      throw CommandFailure(
        .failed, "\(settings.server) answered what this acsctl does not understand: \(error)")
    }
  }

  private static func failure(_ error: HTTPClientError, settings: ServerSettings) -> CommandFailure
  {
    switch error.code {
    case .invalidRequest, .bodyAborted: CommandFailure(.usage, error.detail)
    case .tls:
      CommandFailure(.unreachable, "\(settings.server) cannot be trusted: \(error.detail)")
    default:
      CommandFailure(
        .unreachable,
        "\(settings.server) does not answer: \(error.detail)\(settings.portAdvice.map { "; " + $0 } ?? "")"
      )
    }
  }

  /// A path segment or query value in which everything but unreserved characters is percent-encoded.
  package static func encoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += digits.count == 1 ? "%0" + digits : "%" + digits
      }
    }
    return result
  }
}
