import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// A response that was read to its end, without a socket.
struct CollectedResponse: Sendable {
  let status: Int
  let headers: HTTPFields
  let body: Data

  init(_ response: Response) async throws {
    status = response.status.code
    headers = response.headers
    let sink = Sink()
    try await response.body.write(Writer(sink: sink))
    body = await sink.data
  }

  var text: String { String(decoding: body, as: UTF8.self) }

  func decoded<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    try JSONDecoder().decode(type, from: body)
  }

  /// Takes what is written, and can be looked at meanwhile.
  actor Sink {
    var data = Data()
    var text: String { String(decoding: data, as: UTF8.self) }
    func append(_ buffer: ByteBuffer) { data.append(contentsOf: buffer.readableBytesView) }
  }

  struct Writer: ResponseBodyWriter {
    let sink: Sink

    mutating func write(_ buffer: ByteBuffer) async throws { await sink.append(buffer) }
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
  }
}
