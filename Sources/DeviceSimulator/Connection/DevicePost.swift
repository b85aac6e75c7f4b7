import ContentCoding
import NIOCore

/// Writes the POSTs of one device in its own manner (TR-069 Amendment 6, 3.4.1).
struct DevicePost {
  /// What one POST carries.
  struct Contents {
    var body = EnvelopeDialect.Written(bytes: [], charset: "utf-8")
    /// The element in the Body; nil for an empty POST.
    var method: String?
  }

  /// A request in two parts, of which the second may wait for `100 Continue`.
  struct Parts: Equatable {
    var first: ByteBuffer
    var afterContinue: ByteBuffer?
  }

  private let quirks: [Quirk]

  init(_ quirks: Quirks) {
    self.quirks = quirks.all
  }

  /// - Parameter coding: How a body is compressed, by the setting of the ACS.
  func parts(
    _ contents: Contents, to target: HTTPTarget, cookies: [String], authorization: String?,
    coding: ContentCoding?
  ) -> Parts {
    var draft = RequestDraft(
      fields: [("Host", target.hostHeader), ("User-Agent", "cpesim")],
      body: contents.body.bytes, method: contents.method)
    if !cookies.isEmpty { draft["Cookie"] = cookies.joined(separator: "; ") }
    draft["Authorization"] = authorization
    if !draft.body.isEmpty {
      draft["Content-Type"] = "text/xml; charset=\"\(contents.body.charset)\""
      draft["SOAPAction"] = ""
      compress(&draft, coding)
    }
    for quirk in quirks { quirk.alter(&draft) }
    return Self.parts(draft, target)
  }

  private func compress(_ draft: inout RequestDraft, _ coding: ContentCoding?) {
    let coding: ContentCoding? =
      quirks.contains(.gzip) ? .gzip : quirks.contains(.deflate) ? .deflate : coding
    guard let coding, let compressed = Compression.compress(draft.body, coding) else { return }
    draft["Accept-Encoding"] = "gzip, deflate"
    draft["Content-Encoding"] = coding == .gzip ? "gzip" : "deflate"
    draft.body = compressed
  }

  private static func parts(_ draft: RequestDraft, _ target: HTTPTarget) -> Parts {
    var head = ByteBufferAllocator().buffer(capacity: draft.body.count + 512)
    head.writeString("POST \(target.path) HTTP/\(draft.version)\r\n")
    for (name, value) in draft.fields {
      head.writeString("\(name): \(value.filter { $0 != "\r" && $0 != "\n" && $0 != "\r\n" })\r\n")
    }
    var body = ByteBuffer()
    if draft.isChunked {
      head.writeString("Transfer-Encoding: chunked\r\n\r\n")
      for start in stride(from: 0, to: draft.body.count, by: 1000) {
        let chunk = draft.body[start..<min(start + 1000, draft.body.count)]
        body.writeString(String(chunk.count, radix: 16) + "\r\n")
        body.writeBytes(chunk)
        body.writeString("\r\n")
      }
      body.writeString("0\r\n\r\n")
    } else {
      head.writeString("Content-Length: \(draft.claimedLength ?? draft.body.count)\r\n\r\n")
      // What goes beyond the claimed length would be taken for another request.
      body.writeBytes(draft.body.prefix(draft.claimedLength ?? draft.body.count))
    }
    if draft.expectsContinue { return Parts(first: head, afterContinue: body) }
    head.writeBuffer(&body)
    return Parts(first: head)
  }
}
