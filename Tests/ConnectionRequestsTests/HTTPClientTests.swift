import Foundation
import HTTPClient
import Synchronization
import Testing

@Suite struct HTTPClientTests {
  private let client = HTTPClient()

  private func withServer<Result>(
    _ script: @escaping ScriptedServer.Script,
    _ body: (ScriptedServer, String) async throws -> Result
  ) async throws -> Result {
    let server = try ScriptedServer(script)
    defer { server.stop() }
    return try await body(server, "http://127.0.0.1:\(server.port)")
  }

  private func send(_ request: HTTPClient.Request) async throws -> HTTPClient.Response {
    try await client.send(request)
  }

  private func code(of request: HTTPClient.Request) async -> HTTPClientError.Code? {
    await code(of: request, from: client)
  }

  private func code(of request: HTTPClient.Request, from client: HTTPClient) async
    -> HTTPClientError.Code?
  {
    do throws(HTTPClientError) {
      _ = try await client.send(request)
      return nil
    } catch { return error.code }
  }

  @Test func statusHeadersBodyAndAddressComeBack() async throws {
    try await withServer { _, _ in
      .init(
        text: "HTTP/1.1 418 X\r\nSet-Cookie: a\r\nset-cookie: b \r\nContent-Length: 3\r\n\r\nabc")
    } _: { _, origin async throws in
      let response = try await client.send(.init(url: origin + "/"))
      #expect(response.status == 418)
      #expect(response.values(of: "SET-COOKIE") == ["a", "b"])
      #expect(response.body == Array("abc".utf8))
      #expect(response.remoteAddress == IPAddress("127.0.0.1"))
      #expect(!response.endedAbruptly)
    }
  }

  @Test(arguments: ["POST", "PUT", "PATCH", "DELETE"])
  func bodiesAreSentWithTheirLength(method: String) async throws {
    try await withServer { _, _ in
      .status(204)
    } _: { server, origin async throws in
      var request = HTTPClient.Request(method: method, url: origin + "/a?b=c")
      request.body = .bytes(Array("hällo".utf8))
      request.headers = [HTTPField("Content-Type", "text/plain"), HTTPField("X-Empty", "")]
      #expect(try await send(request).status == 204)
      let received = try #require(server.received.first)
      #expect(received.hasPrefix("\(method) /a?b=c HTTP/1.1\r\n"))
      #expect(received.contains("Content-Length: 6\r\n"))
      #expect(received.contains("X-Empty:"))
      #expect(!received.contains("Expect"))
      #expect(received.hasSuffix("\r\n\r\nhällo"))
    }
  }

  @Test func aPostWithoutBodySaysSo() async throws {
    try await withServer { _, _ in
      .status(202)
    } _: { server, origin async throws in
      _ = try await client.send(.init(method: "POST", url: origin + "/"))
      #expect(try #require(server.received.first).contains("Content-Length: 0\r\n"))
    }
  }

  @Test func aFileIsStreamedWithProgress() async throws {
    let path = NSTemporaryDirectory() + "http-client-\(UUID().uuidString)"
    try String(repeating: "z", count: 300_000).write(
      toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await withServer { _, _ in
      .status(201)
    } _: { server, origin async throws in
      let last = Mutex(0)
      var request = HTTPClient.Request(method: "POST", url: origin + "/files")
      request.body = .file(path: path)
      request.onUploadProgress = { sent, total in
        if total == 300_000 { last.withLock { $0 = sent } }
      }
      #expect(try await send(request).status == 201)
      #expect(try #require(server.received.first).utf8.count > 300_000)
      #expect(last.withLock { $0 } == 300_000)
    }
    var request = HTTPClient.Request(method: "POST", url: "http://127.0.0.1:1/")
    request.body = .file(path: path + "-missing")
    #expect(await code(of: request) == .bodyAborted)
  }

  @Test func aLargeResponseIsCutOffAndAStreamIsHandedOver() async throws {
    let body = String(repeating: "y", count: 10_000)
    try await withServer { _, _ in
      .init(text: "HTTP/1.1 200 X\r\nContent-Length: 10000\r\n\r\n" + body)
    } _: { _, origin async throws in
      var limited = HTTPClient.Request(url: origin + "/")
      limited.maximumResponseBytes = 9_999
      #expect(await code(of: limited) == .responseTooLarge)
      let received = Mutex(0)
      var streamed = HTTPClient.Request(url: origin + "/")
      streamed.onBody = { piece in
        received.withLock { $0 += piece.count }
        return true
      }
      #expect(try await send(streamed).body.isEmpty)
      #expect(received.withLock { $0 } == 10_000)
      streamed.onBody = { _ in false }
      #expect(await code(of: streamed) == .bodyAborted)
    }
  }

  @Test func redirectsAreNotFollowedUnlessWanted() async throws {
    try await withServer { request, _ in
      request.hasPrefix("GET /new") ? .status(200) : .status(302, "Location: /new")
    } _: { _, origin async throws in
      var request = HTTPClient.Request(url: origin + "/old")
      #expect(try await send(request).status == 302)
      request.followsRedirects = true
      #expect(try await send(request).status == 200)
    }
  }

  @Test func libcurlAnswersChallengesToo() async throws {
    try await withServer { request, _ in
      request.contains("Authorization: Digest username=\"u\"")
        ? .status(200) : .status(401, #"WWW-Authenticate: Digest realm="r", nonce="n", qop="auth""#)
    } _: { _, origin async throws in
      var request = HTTPClient.Request(method: "PUT", url: origin + "/")
      request.body = .bytes([1, 2, 3])
      request.credentials = .digest(username: "u", password: "p")
      #expect(try await send(request).status == 200)
      request.credentials = .basic(username: "u", password: "p")
      #expect(try await send(request).status == 401)
    }
  }

  @Test(arguments: [
    "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "http://127.0.0.1:99999/",
    "http://", "",
  ]) func otherURLsAreRefused(url: String) async {
    #expect(await code(of: .init(url: url)) == .invalidRequest)
  }

  @Test func headersCannotBeSmuggled() async {
    for field in [HTTPField("A", "b\r\nC: d"), HTTPField("A\r\nB", "c"), HTTPField("", "x")] {
      var request = HTTPClient.Request(url: "http://127.0.0.1:1/")
      request.headers = [field]
      #expect(await code(of: request) == .invalidRequest)
    }
    #expect(await code(of: .init(method: "GET /x", url: "http://127.0.0.1:1/")) == .invalidRequest)
  }

  @Test func cancellationAborts() async throws {
    try await withServer { _, _ in
      .init(text: "")
    } _: { server, origin async throws in
      let task = Task { await code(of: .init(url: origin + "/")) }
      while server.received.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
      task.cancel()
      #expect(await task.value == .cancelled)
      let early = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return await code(of: .init(url: origin + "/"))
      }
      #expect(await early.value == .cancelled)
    }
  }

  @Test func shuttingDownFailsWhatIsUnderWay() async throws {
    try await withServer { _, _ in
      .init(text: "")
    } _: { server, origin async throws in
      let client = HTTPClient()
      let task = Task { await code(of: .init(url: origin + "/"), from: client) }
      while server.received.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
      client.shutDown()
      #expect(await task.value == .shutDown)
      #expect(await code(of: .init(url: origin + "/"), from: client) == .shutDown)
    }
  }

  @Test func errorsTellNoSecret() {
    let error = HTTPClientError(
      code: .timedOut, url: "http://user:secret@host/path?token=secret", detail: "x")
    #expect(error.url == "http://host/path")
  }

  @Test func manyRequestsAtOnce() async throws {
    try await withServer { _, _ in
      .status(200, end: .close)
    } _: { server, origin async throws in
      await withTaskGroup(of: Int?.self) { group in
        for number in 0..<50 {
          group.addTask { try? await client.send(.init(url: origin + "/\(number)")).status }
        }
        for await status in group { #expect(status == 200) }
      }
      #expect(server.received.count == 50)
    }
  }
}
