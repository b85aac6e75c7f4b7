import FileServer
import FleetStore
import HTTPTypes
import Hummingbird
import ManagementTypes

extension ManagementAPI {
  func listFiles(_ request: Request, _ context: APIContext) async throws -> Response {
    let limit = try limit(of: request)
    let after = try request.query("cursor") ?? ""
    let records = try await store.files(after: after, limit: limit + 1)
    return try answer(
      Page(records, limit: limit) {
        $0.sha256
      } _: {
        FileDetail($0)
      })
  }

  func getFile(_ request: Request, _ context: APIContext) async throws -> Response {
    let digest = try digest(context)
    guard let record = try await store.file(sha256: digest.hexadecimal) else {
      throw Refusal(.notFound, "There is no file \(digest).")
    }
    return try tagged(FileDetail(record), for: request)
  }

  /// Bytes that are read and sent at a time.
  private static let piece = 128 << 10

  func getFileContent(_ request: Request, _ context: APIContext) async throws -> Response {
    let digest = try digest(context)
    guard let record = try await store.file(sha256: digest.hexadecimal),
      let file = try await files.open(digest)
    else { throw Refusal(.notFound, "There is no file \(digest).") }
    // Devices send files with secrets in them.
    try await store.record(
      AuditEntry(
        actor: context.actor, action: "file.read", target: "file/\(record.sha256)",
        detail: ["name": record.name]))
    return Response(
      status: .ok,
      headers: [.contentType: "application/octet-stream", .cacheControl: "no-store"],
      body: ResponseBody(contentLength: Int(file.size)) { writer in
        var offset: Int64 = 0
        while offset < file.size {
          let bytes = try await file.read(at: offset, count: Self.piece)
          guard bytes.readableBytes > 0 else {
            throw FileStoreError(.interrupted, "a stored file has become shorter")
          }
          offset += Int64(bytes.readableBytes)
          try await writer.write(bytes)
        }
        try await writer.finish(nil)
      })
  }

  func createFile(_ request: Request, _ context: APIContext) async throws -> Response {
    guard let name = try request.query("name") else {
      throw Refusal(.badRequest, "The query parameter “name” is missing.")
    }
    let version = try request.query("version") ?? ""
    try checkText(name, "name", length: 1...120)
    try checkText(version, "version", length: 0...256)
    var expected: ContentDigest?
    if let text = try request.query("sha256") {
      guard let digest = ContentDigest(text) else {
        throw Refusal(.badRequest, "“sha256” has 64 hexadecimal digits.")
      }
      expected = digest
    }
    let limit = configuration.maximumFileSize
    if let text = request.headers[.contentLength], let length = Int64(text), length > limit {
      throw Refusal(.tooLarge, "The file has \(length) bytes; at most \(limit) are taken.")
    }
    let content: IncomingContent
    do {
      content = try await files.receive(request.body, limit: limit, expected: expected)
    } catch let error as FileStoreError {
      switch error.code {
      case .tooLarge: throw Refusal(.tooLarge, "The file is larger than \(limit) bytes.")
      case .checksumMismatch: throw Refusal(.checksumMismatch, "\(error).")
      case .noSpace: throw Refusal(.unavailable, "The server has no room left for the file.")
      case .interrupted, .inputOutput: throw error
      }
    }
    // Whatever was not recorded is not kept; what is in place by now stays.
    defer { content.discard() }
    guard content.size > 0 else { throw Refusal(.badRequest, "The file is empty.") }
    let (record, isNew) = try await store.addFile(
      sha256: content.digest.hexadecimal, name: name, version: version, size: content.size,
      content: FileContent(place: content.place, remove: content.remove), by: context.actor)
    return try answer(FileDetail(record), status: isNew ? .created : .ok)
  }

  func deleteFile(_ request: Request, _ context: APIContext) async throws -> Response {
    let digest = try digest(context)
    try await store.deleteFile(
      sha256: digest.hexadecimal, removing: { [files] in try files.remove(digest) },
      by: context.actor)
    return Response(status: .noContent)
  }

  private func digest(_ context: APIContext) throws -> ContentDigest {
    guard let digest = ContentDigest(try context.segment("sha256")) else {
      throw Refusal(.badRequest, "A file is named by the 64 hexadecimal digits of its SHA-256.")
    }
    return digest
  }
}

extension FileDetail {
  init(_ record: FileRecord) {
    self.init(
      sha256: record.sha256, name: record.name, version: record.version, size: record.size,
      createdBy: record.createdBy, createdAt: Timestamp(record.createdAt))
  }
}
