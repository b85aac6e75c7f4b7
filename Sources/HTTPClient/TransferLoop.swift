import CLibCurl
import Foundation
import Synchronization

/// The thread that drives the transfers of a client through one libcurl multi handle.
///
/// `@unchecked Sendable`: `multi` is touched by the loop's own thread alone, but for `curl_multi_wakeup`, which
/// libcurl allows from any thread and which is called under the lock only while `isOpen`; `running` belongs to
/// the thread alone; everything else is behind the lock.
final class TransferLoop: @unchecked Sendable {
  typealias Completion = @Sendable (Result<HTTPClient.Response, HTTPClientError>) -> Void

  private enum Command: Sendable {
    case start(Transfer, Completion)
    case cancel(Transfer)
  }

  private struct Inbox {
    var commands: [Command] = []
    var isOpen = true
  }

  /// libcurl wants to be set up once before any thread uses it.
  private static let isSetUp: Bool = acs_curl_start() == CURLE_OK

  private static let pollMilliseconds: Int32 = 1000

  private let inbox = Mutex(Inbox())
  private let multi: UnsafeMutableRawPointer
  private var running: [UnsafeMutableRawPointer: (transfer: Transfer, completion: Completion)] = [:]

  init(maximumIdleConnections: Int) {
    guard Self.isSetUp, let multi = curl_multi_init() else {
      preconditionFailure("libcurl cannot be set up")
    }
    self.multi = multi
    _ = acs_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, max(1, maximumIdleConnections))
    let thread = Thread { [self] in run() }
    thread.name = "http-client"
    thread.start()
  }

  func start(_ transfer: Transfer, completion: @escaping Completion) {
    if !post(.start(transfer, completion)) { completion(.failure(transfer.error(.shutDown))) }
  }

  func cancel(_ transfer: Transfer) {
    transfer.requestCancellation()
    _ = post(.cancel(transfer))
  }

  func stop() {
    inbox.withLock { inbox in
      guard inbox.isOpen else { return }
      inbox.isOpen = false
      curl_multi_wakeup(multi)
    }
  }

  private func post(_ command: Command) -> Bool {
    inbox.withLock { inbox in
      guard inbox.isOpen else { return false }
      inbox.commands.append(command)
      curl_multi_wakeup(multi)
      return true
    }
  }

  private func run() {
    Self.blockBrokenPipeSignal()
    while true {
      let (commands, isOpen) = inbox.withLock { inbox in
        let commands = inbox.commands
        inbox.commands = []
        return (commands, inbox.isOpen)
      }
      for command in commands { obey(command) }
      guard isOpen else { break }
      var count: Int32 = 0
      curl_multi_perform(multi, &count)
      finishEnded()
      finishSilent()
      curl_multi_poll(multi, nil, 0, Self.pollMilliseconds, nil)
    }
    for handle in Array(running.keys) { finish(handle) { $0.error(.shutDown) } }
    curl_multi_cleanup(multi)
  }

  private func obey(_ command: Command) {
    switch command {
    case .start(let transfer, let completion):
      if transfer.isCancellationRequested {
        completion(.failure(transfer.error(.cancelled)))
        return
      }
      do throws(HTTPClientError) {
        let handle = try transfer.makeHandle()
        running[handle] = (transfer, completion)
        curl_multi_add_handle(multi, handle)
      } catch {
        transfer.releaseHandle()
        completion(.failure(error))
      }
    case .cancel(let transfer):
      guard let handle = transfer.handle, running[handle] != nil else { return }
      finish(handle) { $0.error(.cancelled) }
    }
  }

  private func finishEnded() {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle,
        let entry = running.removeValue(forKey: handle)
      else { continue }
      let result = entry.transfer.result(of: acs_curl_message_result(message))
      entry.transfer.closeConnectionIfWanted(after: result)
      curl_multi_remove_handle(multi, handle)
      entry.transfer.releaseHandle()
      entry.completion(result)
    }
  }

  private func finishSilent() {
    for (handle, entry) in running where entry.transfer.isSilent {
      finish(handle) { $0.error(.timedOut, "nothing came for too long") }
    }
  }

  private func finish(
    _ handle: UnsafeMutableRawPointer, with error: (Transfer) -> HTTPClientError
  ) {
    guard let entry = running.removeValue(forKey: handle) else { return }
    curl_multi_remove_handle(multi, handle)
    entry.transfer.releaseHandle()
    entry.completion(.failure(error(entry.transfer)))
  }

  /// OpenSSL writes to sockets without MSG_NOSIGNAL; a peer that hangs up must not end the process.
  private static func blockBrokenPipeSignal() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}
