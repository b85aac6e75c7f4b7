import Foundation
import NIOCore
import Postgres
import Release
import ServerConfiguration

/// What the server says on standard output once it runs: where devices and operators go from here.
struct Banner {
  static let adminTokenFile = "admin-token"

  let settings: Settings
  let directory: DataDirectory
  let enrolment: EnrolmentCredential?
  /// Nil where devices may not come without TLS.
  let cwmpPort: Int?
  /// Nil where TLS is not spoken.
  let cwmpTLSPort: Int?
  /// Nil where agents are not awaited on WebSockets.
  let uspPort: Int?
  let filesPort: Int
  let apiPort: Int
  let socket: ConnectionConfiguration?

  func show() {
    print(text)
    fflush(nil)
  }

  var text: String {
    let host = Self.isAny(settings.cwmp.host) ? hostName : settings.cwmp.host
    return """

      Fairlead \(Release.version) is running.

        CPEs connect to     \(doors(at: host))
        with credential     \(credential)\(agents)
        files come from     \(settings.files.url.isEmpty ? "http://\(host):\(filesPort)" : settings.files.url)
        management API      http://\(settings.api.host):\(apiPort)/api/v1
        admin token         \(directory.file(Self.adminTokenFile))
        database            \(database)

      Next, in a second terminal:

        \(simulate)
            simulates 50 gateways that enrol here
        \(operate)
            tells who has called
        \(program("acsctl")) --help
            tells how to read, set, reboot and upgrade them

      Ctrl-C stops the server.

      """
  }

  private func doors(at host: String) -> String {
    [cwmpPort.map { "http://\(host):\($0)/" }, cwmpTLSPort.map { "https://\(host):\($0)/" }]
      .compactMap(\.self).joined(separator: " and ")
  }

  private static func isAny(_ host: String) -> Bool { host == "0.0.0.0" || host == "::" }

  private var agents: String {
    guard let uspPort else { return "" }
    let host = Self.isAny(settings.usp.host) ? hostName : settings.usp.host
    let scheme = settings.usp.tlsCertificate.isEmpty ? "ws" : "wss"
    return """

        USP agents to       \(scheme)://\(host):\(uspPort)\(settings.usp.path) (controller \(settings.usp.endpoint))
      """
  }

  private var simulate: String {
    guard let cwmpPort else {
      return program("cpesim") + " run --count 50 --acs https://127.0.0.1:\(cwmpTLSPort ?? 0)/"
    }
    return program("cpesim") + " run --count 50"
      + (cwmpPort == Settings().cwmp.port ? "" : " --acs http://127.0.0.1:\(cwmpPort)/")
  }

  private var operate: String {
    program("acsctl") + " get devices"
      + (apiPort == Settings().api.port
        ? "" : " --server http://\(settings.api.host):\(apiPort)")
  }

  /// A program of this release as it can be typed here: by its name where the shell finds it, else by its path.
  private func program(_ name: String) -> String {
    guard let own = CommandLine.arguments.first, let slash = own.lastIndex(of: "/") else {
      return name
    }
    func resolved(_ path: some StringProtocol) -> String {
      URL(fileURLWithPath: String(path)).resolvingSymlinksInPath().path
    }
    let directory = own[..<slash]
    let isFound = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .contains { resolved($0) == resolved(directory) }
    return isFound ? name : "\(directory)/\(name)"
  }

  private var credential: String {
    switch settings.cwmp.enrolment {
    case .open: "none: every device is let in (cwmp.enrolment is open)\(ofAgents)"
    case .known: "each device's own: acsctl create device (cwmp.enrolment is known)\(ofAgents)"
    case .shared: enrolment.map(text(of:)) ?? "the shared one"
    }
  }

  private var ofAgents: String { enrolment.map { "; agents (USP): \(text(of: $0))" } ?? "" }

  private func text(of enrolment: EnrolmentCredential) -> String {
    "\(enrolment.username) / \(enrolment.password ?? "the password that another node has made")"
  }

  private var database: String {
    socket == nil ? "as configured" : "private, in \(directory.file("postgres"))"
  }

  /// An address of this machine that others may reach, or its name.
  private var hostName: String {
    let addresses = (try? System.enumerateDevices())?.compactMap(\.address?.ipAddress) ?? []
    let outward = addresses.first { $0.contains(".") && !$0.hasPrefix("127.") }
    return outward ?? ProcessInfo.processInfo.hostName
  }
}
