import Logging
import NIOConcurrencyHelpers
import TLSIdentity
import USP
import USPTransports

/// Keeps a link to an agent that takes WebSockets instead of calling.
final class AgentDial: Sendable {
  private let url: String
  private let core: ControllerCore
  private let client: WebSocketClient
  private let tls: TLSClientFiles
  private let logger: Logger
  private let task = NIOLockedValueBox<Task<Void, Never>?>(nil)

  /// - Parameter client: which whoever has made it stops.
  init(
    url: String, core: ControllerCore, client: WebSocketClient, tls: TLSClientFiles, logger: Logger
  ) {
    self.url = url
    self.core = core
    self.client = client
    self.tls = tls
    self.logger = logger
  }

  func start() {
    task.withLockedValue { $0 = Task { await run() } }
  }

  func stop() {
    task.withLockedValue { $0?.cancel() }
  }

  private func run() async {
    var attempt = 1
    var hasTold = false
    while !Task.isCancelled {
      let ended = Ending()
      do {
        // Read each time, so that renewed certificates count.
        let credentials =
          url.lowercased().hasPrefix("wss:") ? try TLSClientCredentials(tls) : nil
        _ = try await client.connect(
          to: url, own: core.settings.endpoint, tls: credentials
        ) { [core] link in
          DialledReceiver(core.accept(link, isDialled: true), ended)
        }
        attempt = 1
        hasTold = false
        await ended.wait()
      } catch {
        if !hasTold {
          logger.notice(
            "an agent can't be called; it is tried again",
            metadata: ["url": "\(url)", "error": "\(error)"])
        }
        hasTold = true
      }
      let pause = RetryTable.standard.delay(attempt: attempt, random: core.environment.random())
      attempt += 1
      try? await Task.sleep(for: .seconds(min(pause, Self.longestPause)))
    }
  }

  /// A controller's own policy is free (TR-369 4.4); nobody wants to wait for an hour.
  private static let longestPause = 320.0
}

/// Tells whoever waits that a link has closed.
private final class Ending: Sendable {
  private struct Content {
    var isOver = false
    var waiting: CheckedContinuation<Void, Never>?
  }

  private let content = NIOLockedValueBox(Content())

  func wait() async {
    await withCheckedContinuation { continuation in
      let isOver = content.withLockedValue { content in
        if !content.isOver { content.waiting = continuation }
        return content.isOver
      }
      if isOver { continuation.resume() }
    }
  }

  func end() {
    let waiting = content.withLockedValue { content in
      content.isOver = true
      defer { content.waiting = nil }
      return content.waiting
    }
    waiting?.resume()
  }
}

/// Passes everything on, and notes the end.
private final class DialledReceiver: LinkReceiver {
  private let receiver: any LinkReceiver
  private let ending: Ending

  init(_ receiver: any LinkReceiver, _ ending: Ending) {
    self.receiver = receiver
    self.ending = ending
  }

  func received(_ record: [UInt8]) { receiver.received(record) }

  func closed(_ why: String) {
    receiver.closed(why)
    ending.end()
  }
}
