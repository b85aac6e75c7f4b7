// Dispatch sources may be cancelled from any thread, which their declarations do not say.
@preconcurrency import Dispatch
import Foundation

/// Ctrl-C and the request to terminate, as something to wait for.
enum Interruption {
  /// Gives one element when the process is asked to end; a second Ctrl-C ends it at once.
  static func stream() -> AsyncStream<Void> {
    AsyncStream { continuation in
      let sources = [SIGINT, SIGTERM].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler {
          signal(number, SIG_DFL)
          continuation.yield()
          continuation.finish()
        }
        source.resume()
        return source
      }
      continuation.onTermination = { _ in
        for source in sources { source.cancel() }
      }
    }
  }
}
