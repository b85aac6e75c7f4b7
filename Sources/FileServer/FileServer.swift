import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// The HTTP server from which devices fetch stored files, and to which they send files, by expiring, signed URLs.
package struct FileServer: Sendable {
  /// Where it listens, and its limits.
  package struct Configuration: Sendable {
    package var host = "0.0.0.0"
    /// 0: any free port.
    package var port = 7567
    /// Connections beyond this many wait in the kernel's queue.
    package var maximumConnections = 1000
    /// Seconds without a request after which a connection is closed.
    package var idleTimeout = 60
    /// Seconds in which a device takes nothing of a response under way, after which its connection is closed.
    package var stallTimeout = 60
    /// Bytes of a request's head.
    package var maximumHeaderSize = 16 * 1024
    /// Bytes that are read from disk at a time, the most that a transfer holds in memory twice over.
    package var chunkSize = 128 * 1024
    /// Bytes of a file that a device sends.
    package var maximumUploadSize: Int64 = 64 << 20

    package init() {}
  }

  let configuration: Configuration
  let files: FileStore
  private let link: FileLink
  private let uploads: UploadIntake?
  let arriving = ArrivingUploads()
  let logger: Logger
  let now: @Sendable () -> Int64

  /// - Parameter uploads: nil: no files are taken.
  /// - Parameter now: seconds since 1970.
  package init(
    configuration: Configuration, files: FileStore, link: FileLink, uploads: UploadIntake? = nil,
    logger: Logger, now: @escaping @Sendable () -> Int64
  ) {
    self.configuration = configuration
    self.files = files
    self.link = link
    self.uploads = uploads
    self.logger = logger
    self.now = now
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
      responder: responder(),
      server: .http1(configuration: http),
      configuration: .init(
        address: .hostname(configuration.host, port: configuration.port),
        availableConnectionsDelegate: MaximumAvailableConnections(
          configuration.maximumConnections)),
      onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
      logger: logger)
  }

  /// What answers requests, without a socket.
  package func responder() -> CallbackResponder<BasicRequestContext> {
    CallbackResponder { request, _ in await respond(to: request) }
  }

  private func respond(to request: Request) async -> Response {
    let segments = request.uri.path.split(separator: "/", omittingEmptySubsequences: false)
    if let uploads, segments.count >= 3, segments[0].isEmpty, segments[1] == "uploads" {
      return await receive(request, for: segments[2], into: uploads)
    }
    guard request.method == .get || request.method == .head else {
      return refusal(.methodNotAllowed, headers: [.allow: "GET, HEAD", .connection: "close"])
    }
    guard segments.count == 4, segments[0].isEmpty, segments[1] == "files",
      let digest = ContentDigest(segments[2]), let name = segments[3].percentDecoded
    else { return refusal(.notFound) }
    let query = request.uri.queryParameters
    let verdict = link.check(
      digest: digest, name: name, expires: query["expires"] ?? "",
      signature: query["signature"] ?? "", now: now())
    switch verdict {
    case .forged: return refusal(.forbidden)
    case .expired: return refusal(.gone)
    case .valid: break
    }
    do {
      guard let file = try await files.open(digest) else { return refusal(.notFound) }
      return answer(to: request, with: file, digest: digest)
    } catch {
      logger.error(
        "a stored file can't be served", metadata: ["sha256": "\(digest)", "error": "\(error)"])
      return refusal(.internalServerError)
    }
  }

  private func answer(to request: Request, with file: StoredFile, digest: ContentDigest) -> Response
  {
    let tag = "\"\(digest)\""
    var headers: HTTPFields = [
      .eTag: tag, .acceptRanges: "bytes", .cacheControl: "private, immutable",
    ]
    if let known = request.headers[.ifNoneMatch], Self.matches(known, tag: tag) {
      return Response(status: .notModified, headers: headers)
    }
    headers[.contentType] = "application/octet-stream"
    var rangeHeader = request.method == .get ? request.headers[.range] : nil
    // RFC 9110, 13.1.5: anything but the very same content gets all of it.
    if let condition = request.headers[.ifRange], condition != tag { rangeHeader = nil }
    let bytes: Range<Int64>
    let status: HTTPResponse.Status
    switch ByteRange(header: rangeHeader, size: file.size) {
    case .whole:
      (bytes, status) = (0..<file.size, .ok)
    case .part(let part):
      (bytes, status) = (part, .partialContent)
      headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(file.size)"
    case .unsatisfiable:
      headers[.contentType] = nil
      headers[.contentRange] = "bytes */\(file.size)"
      return Response(status: .rangeNotSatisfiable, headers: headers)
    }
    headers[.contentLength] = String(bytes.count)
    if request.method == .head { return Response(status: status, headers: headers) }
    return Response(status: status, headers: headers, body: body(of: file, bytes: bytes))
  }

  private func body(of file: StoredFile, bytes: Range<Int64>) -> ResponseBody {
    let chunkSize = configuration.chunkSize
    return ResponseBody(contentLength: bytes.count) { writer in
      var offset = bytes.lowerBound
      while offset < bytes.upperBound {
        let count = Int(min(Int64(chunkSize), bytes.upperBound - offset))
        let piece = try await file.read(at: offset, count: count)
        // Ending early would look like a whole file to a device that ignores the length.
        guard piece.readableBytes == count else {
          throw FileStoreError(.inputOutput, "a stored file is shorter than it was")
        }
        try await writer.write(piece)
        offset += Int64(count)
      }
      try await writer.finish(nil)
    }
  }

  func refusal(_ status: HTTPResponse.Status, headers: HTTPFields = [:]) -> Response {
    var headers = headers
    headers[.contentType] = "text/plain"
    return Response(
      status: status, headers: headers,
      body: .init(byteBuffer: ByteBuffer(string: status.reasonPhrase + "\n")))
  }

  /// RFC 9110, 13.1.2: weak comparison with each tag of the list.
  private static func matches(_ list: String, tag: String) -> Bool {
    list.split(separator: ",").contains { item in
      var item = item
      while item.first == " " || item.first == "\t" { item = item.dropFirst() }
      while item.last == " " || item.last == "\t" { item = item.dropLast() }
      if item.hasPrefix("W/") { item = item.dropFirst(2) }
      return item == "*" || item == tag
    }
  }
}
