import Hummingbird
import Logging
import ManagementTypes
import NIOCore

/// What belongs to one request: who sent it, from where.
package struct APIContext: RequestContext {
  package var coreContext: CoreRequestContextStorage
  /// The IP address of the sender; `local` where there is none.
  package let peer: String
  /// Set once the sender has shown a token.
  package var caller: Caller?

  /// Who sent a request.
  package struct Caller: Sendable, Equatable {
    /// The token's name; the audit log has it as the actor.
    package var name: String
    package var role: Role
  }

  package init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    peer = source.channel.remoteAddress?.ipAddress ?? "local"
  }

  /// A context without a socket.
  package init(peer: String, logger: Logger) {
    coreContext = .init(source: Detached(logger: logger))
    self.peer = peer
  }

  private struct Detached: RequestContextSource {
    let logger: Logger
  }
}
