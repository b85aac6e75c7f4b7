/// Which server to talk to and as whom, out of flags, environment, contexts and the first token's file.
package struct ServerSettings: Sendable, Equatable {
  /// Where acsd has its management API unless it is told otherwise.
  package static let defaultPort = 7557
  package static let defaultServer = "http://127.0.0.1:\(defaultPort)"

  /// What the command line said.
  package struct Flags: Sendable, Equatable {
    package var server: String?
    package var token: String?
    package var context: String?
    package var certificateAuthority: String?
    package var skipsVerification = false

    package init() {}
  }

  /// Scheme, host and port, without a final slash.
  package var server: String
  package var token: String?
  package var certificateAuthority: String?
  package var verifiesServer = true

  /// Decides; the first of a kind counts:
  ///
  /// - server: `--server`, `--context`, `FAIRLEAD_SERVER`, the current context, this machine;
  /// - token: `--token`, `FAIRLEAD_TOKEN`, the context's (if it also gave the server), and for a server on this
  ///   machine the first administrator's token file. No token is ever sent to a server it was not meant for.
  ///
  /// - Parameter readFile: Gives a file's text, or `nil` if it cannot be read.
  package init(
    flags: Flags, environment: [String: String], contexts: ContextFile,
    readFile: (String) -> String?
  ) throws(CommandFailure) {
    let named = flags.context ?? (flags.server == nil ? environment["FAIRLEAD_CONTEXT"] : nil)
    var context: ContextFile.Context?
    if let named {
      guard let found = contexts.context(named: named) else {
        throw CommandFailure(
          .usage,
          "there is no context “\(named)”; acsctl config get-contexts lists those that there are")
      }
      context = found
    } else if flags.server == nil, environment["FAIRLEAD_SERVER"] == nil,
      let current = contexts.currentContext
    {
      context = contexts.context(named: current)
    }
    let chosen =
      flags.server ?? context?.server ?? environment["FAIRLEAD_SERVER"] ?? Self.defaultServer
    server = try Self.normalized(chosen)
    certificateAuthority =
      flags.certificateAuthority ?? environment["FAIRLEAD_CERTIFICATE_AUTHORITY"]
      ?? context?.certificateAuthority
    verifiesServer = !flags.skipsVerification
    if let given = flags.token ?? environment["FAIRLEAD_TOKEN"] {
      token = given.trimmed
    } else if let context, flags.server == nil {
      token = context.token
    }
    if token == nil, isOnThisMachine {
      let candidates = Self.tokenFiles(environment: environment)
      token = candidates.lazy.compactMap(readFile).map(\.trimmed).first { !$0.isEmpty }
    }
    if let token, !token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
      throw CommandFailure(.usage, "the token has characters that no token has")
    }
  }

  /// Where `acsd` leaves the first administrator's token.
  package static func tokenFiles(environment: [String: String]) -> [String] {
    var directories = ["./.fairlead", "/var/lib/fairlead"]
    if let directory = environment["FAIRLEAD_DATA_DIRECTORY"], !directory.isEmpty {
      directories.insert(directory, at: 0)
    }
    return directories.map { $0 + "/admin-token" }
  }

  package var isOnThisMachine: Bool {
    let host = Self.host(of: server)
    return host == "localhost" || host == "[::1]"
      || (host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." })
  }

  /// What may be wrong where nobody answers, or another than acsd; nil for the port that is usual.
  package var portAdvice: String? {
    Self.port(of: server) == String(Self.defaultPort)
      ? nil : "acsd's management API is on port \(Self.defaultPort) unless api.port says otherwise"
  }

  /// Whether a token would travel readable for everyone on the way.
  package var exposesToken: Bool {
    token != nil && server.hasPrefix("http://") && !isOnThisMachine
  }

  private static func host(of server: String) -> String {
    guard let scheme = server.firstRange(of: "://") else { return "" }
    let rest = server[scheme.upperBound...]
    if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") { return String(rest[...end]) }
    return String(rest.prefix { $0 != ":" && $0 != "/" }).lowercased()
  }

  /// What stands behind the host's colon; nil without a colon.
  private static func port(of server: String) -> String? {
    guard let scheme = server.firstRange(of: "://") else { return nil }
    var rest = server[scheme.upperBound...].prefix { $0 != "/" }
    if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") { rest = rest[end...].dropFirst() }
    return rest.firstIndex(of: ":").map { String(rest[rest.index(after: $0)...]) }
  }

  private static func normalized(_ text: String) throws(CommandFailure) -> String {
    var text = text.trimmed
    if !text.contains("://") { text = "http://" + text }
    while text.hasSuffix("/") { text.removeLast() }
    guard text.hasPrefix("http://") || text.hasPrefix("https://"), !host(of: text).isEmpty,
      !text.contains("@"), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else {
      throw CommandFailure(
        .usage, "“\(text)” is no server: write http://HOST:PORT or https://HOST:PORT")
    }
    if let port = port(of: text) {
      let isNumber = port.utf8.allSatisfy { (0x30...0x39).contains($0) }
      guard isNumber, let number = Int(port), (1...65_535).contains(number) else {
        throw CommandFailure(
          .usage,
          "“\(text)” has no usable port: write a number from 1 to 65535; acsd's management API is on \(defaultPort) unless api.port says otherwise"
        )
      }
    }
    return text
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = drop { $0.isWhitespace }
    while let last = text.last, last.isWhitespace { text = text.dropLast() }
    return String(text)
  }
}
