import CLibCurl

/// An HTTP/1.1 client over libcurl: one thread drives all transfers of one client.
///
/// It speaks http and https only, follows no redirect and uses no proxy unless told so, and checks server
/// certificates. `shutDown` or the end of the last reference ends the thread.
package final class HTTPClient: Sendable {
  package struct Configuration: Sendable {
    /// The most idle connections kept for later requests.
    package var maximumIdleConnections: Int = 16
    /// Whether `http_proxy` and its kin in the environment count.
    package var usesProxyOfEnvironment = false
    /// The value of the `User-Agent` field; empty for none.
    package var userAgent = "Fairlead"

    package init() {}
  }

  private let configuration: Configuration
  private let loop: TransferLoop

  package init(configuration: Configuration = Configuration()) {
    self.configuration = configuration
    loop = TransferLoop(maximumIdleConnections: configuration.maximumIdleConnections)
  }

  deinit { loop.stop() }

  /// Sends a request and gives the response, whatever its status.
  ///
  /// Cancelling the task aborts the transfer (`cancelled`).
  package func send(_ request: Request) async throws(HTTPClientError) -> Response {
    let transfer = try Transfer(request: request, configuration: configuration)
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        loop.start(transfer) { continuation.resume(returning: $0) }
      }
    } onCancel: {
      loop.cancel(transfer)
    }
    return try result.get()
  }

  /// Aborts what is under way and ends the thread; later requests fail with `shutDown`.
  package func shutDown() {
    loop.stop()
  }
}
