import Glibc
import NIOCore
import NIOPosix
import ServerConfiguration

/// Tells before anything is started that an address is taken, and which setting names it.
struct PortCheck {
  /// What can't be listened on.
  struct Failure: Error, CustomStringConvertible {
    var setting: String
    var host: String
    var port: Int
    var reason: String

    var description: String {
      "\(setting): \(host):\(port) can't be listened on: \(reason)"
    }
  }

  /// - Throws: ``Failure``.
  static func run(_ settings: Settings, on group: any EventLoopGroup) async throws {
    for (setting, host, port) in [
      ("cwmp.port", settings.cwmp.host, settings.cwmp.withoutTLS ? settings.cwmp.port : 0),
      (
        "cwmp.tlsPort", settings.cwmp.host,
        settings.cwmp.tlsCertificate.isEmpty ? 0 : settings.cwmp.tlsPort
      ),
      ("usp.port", settings.usp.host, settings.usp.webSocket ? settings.usp.port : 0),
      ("files.port", settings.files.host, settings.files.port),
      ("api.port", settings.api.host, settings.api.port),
    ] where port != 0 {
      do {
        let probe = try await ServerBootstrap(group: group)
          .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
          .bind(host: host, port: port).get()
        try await probe.close()
      } catch {
        let reason =
          (error as? IOError)?.errnoCode == EADDRINUSE
          ? "another program does already (another acsd?)" : "\(error)"
        throw Failure(setting: setting, host: host, port: port, reason: reason)
      }
    }
  }
}
