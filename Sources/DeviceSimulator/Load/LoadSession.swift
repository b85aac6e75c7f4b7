import CWMP
import NIOCore

/// One measured session: a connection, an Inform, whatever the ACS asks, the empty answer.
final class LoadSession: ACSConnectionOwner {
  enum Ending {
    case succeeded
    case failed(String)
  }

  private enum State {
    case connecting
    case informing
    case answering
    case over
  }

  let context: DeviceContext
  /// When it should have started.
  let intendedStart: NIODeadline
  private(set) var lastActivity = NIODeadline.now()
  private(set) var requestsAnswered = 0
  private unowned let run: LoadRun
  private var connection: ACSConnection?
  private var state = State.connecting
  private var cookies = SessionCookies()
  private var credentials: SessionCredentials
  private var body = ByteBuffer()

  init(context: DeviceContext, intendedStart: NIODeadline, run: LoadRun) {
    self.context = context
    self.intendedStart = intendedStart
    self.run = run
    credentials = SessionCredentials(username: context.username, password: run.password)
  }

  func start() {
    run.connector.connect(to: run.target, handler: ACSConnection(owner: self)) { result in
      switch result {
      case .success(let connection): self.connected(connection)
      case .failure: self.end(.failed("connection refused or timed out"))
      }
    }
  }

  private var filling: EnvelopeTemplate.Filling {
    EnvelopeTemplate.Filling(id: "1", context: context, time: run.time(of: context))
  }

  private func connected(_ connection: ACSConnection) {
    if case .over = state { return connection.close() }
    self.connection = connection
    if case .connecting = state {
      state = .informing
      var inform = ByteBufferAllocator().buffer(capacity: 4096)
      run.book.inform(isFirst: run.isFirstBoot).write(filling, into: &inform)
      body = inform
    }
    post()
  }

  private func post() {
    lastActivity = .now()
    guard let connection else { return start() }
    var bytes = ByteBufferAllocator().buffer(capacity: body.readableBytes + 512)
    run.request.write(
      body: body, cookies: cookies.pairs,
      authorization: credentials.header(method: "POST", uri: run.target.path), into: &bytes)
    connection.send(bytes)
  }

  func connectionReceived(_ response: HTTPResponse) {
    lastActivity = .now()
    cookies.receive(response.cookies)
    if response.closes {
      connection?.close()
      connection = nil
    }
    switch response.status {
    case 200, 204: receive(response.body)
    case 401 where credentials.receive(response.challenges): post()
    case let status: end(.failed("HTTP \(status)"))
    }
  }

  private func receive(_ answer: ByteBuffer) {
    credentials.accepted()
    if answer.readableBytes == 0 {
      if case .answering = state { return end(.succeeded) }
      return end(.failed("empty answer to the Inform"))
    }
    guard let sketch = EnvelopeSketch(answer.readableBytesView) else {
      return end(.failed("unreadable answer"))
    }
    if case .informing = state {
      guard sketch.method == "InformResponse" else {
        return end(.failed("\(sketch.method) to the Inform"))
      }
      state = .answering
      body = ByteBuffer()
      return post()
    }
    do throws(CWMPError) {
      let template = try run.book.answer(sketch, body: answer.readableBytesView)
      var filling = filling
      filling.id = sketch.id
      var reply = ByteBufferAllocator().buffer(capacity: 4096)
      template.write(filling, into: &reply)
      body = reply
      requestsAnswered += 1
      post()
    } catch {
      end(.failed("malformed answer"))
    }
  }

  func connectionClosed(_ error: (any Error)?) {
    connection = nil
    end(.failed(error == nil ? "connection closed by the ACS" : "connection broke"))
  }

  func timedOut() { end(.failed("no answer in time")) }

  private func end(_ ending: Ending) {
    if case .over = state { return }
    state = .over
    connection?.close()
    connection = nil
    run.ended(self, ending)
  }
}
