import ArgumentParser
import ServerConfiguration
import Testing

@Suite struct SettingTableTests {
  private static let ranged: [(path: String, range: ClosedRange<Int>, suffix: String)] =
    SettingTable.all.compactMap { setting in
      switch setting.kind {
      case .count(let range): (setting.path, range, "")
      case .size(let range): (setting.path, range, "")
      case .duration(let range, _): (setting.path, range, "ms")
      default: nil
      }
    }

  @Test func namesAreUnique() {
    #expect(Set(SettingTable.all.map(\.path)).count == SettingTable.all.count)
    #expect(Set(SettingTable.all.map(\.flag)).count == SettingTable.all.count)
    #expect(Set(SettingTable.all.map(\.environmentVariable)).count == SettingTable.all.count)
    #expect(!SettingTable.all.contains { $0.flag == "config" || $0.flag == "help" })
  }

  @Test func namesFollowFromThePath() throws {
    let setting = try #require(SettingTable.byPath["connectionRequests.retryDelay"])
    #expect(setting.flag == "connection-requests-retry-delay")
    #expect(setting.environmentVariable == "FAIRLEAD_CONNECTION_REQUESTS_RETRY_DELAY")
    #expect(SettingTable.byPath["cwmp.basicWithoutTLS"]?.flag == "cwmp-basic-without-tls")
    #expect(SettingTable.byPath["cwmp.tlsPort"]?.environmentVariable == "FAIRLEAD_CWMP_TLS_PORT")
  }

  @Test(arguments: SettingTable.all.map(\.path))
  func everySettingHasItsOwnPlaceAndItsVariableReachesIt(_ path: String) throws {
    let setting = try #require(SettingTable.byPath[path])
    let sample = try #require(Self.sample(of: setting))
    #expect(try setting.parse(sample) != setting.defaultValue)

    var settings = Settings()
    setting.write(&settings, try setting.parse(sample))
    for other in SettingTable.all {
      let isChanged = other.read(settings) != other.defaultValue
      #expect(isChanged == (other.path == path), "\(other.path)")
    }

    var environment = [setting.environmentVariable: sample]
    for (companion, value) in Self.companions[path] ?? [] {
      environment[try #require(SettingTable.byPath[companion]).environmentVariable] = value
    }
    let byVariable = try EffectiveConfiguration.resolve(environment: environment)
    #expect(byVariable.origin(of: path) == .environment(setting.environmentVariable))
    #expect(setting.read(byVariable.settings) == setting.read(settings))
  }

  /// What has to be set together with a setting.
  private static let companions: [String: [(path: String, value: String)]] = [
    "cwmp.withoutTLS": [("cwmp.tlsCertificate", "a.pem"), ("cwmp.tlsKey", "a.key")],
    "cwmp.tlsCertificate": [("cwmp.tlsKey", "a.key")],
    "cwmp.tlsKey": [("cwmp.tlsCertificate", "a.pem")],
    "cwmp.tlsClientCertificates": [
      ("cwmp.tlsCertificate", "a.pem"), ("cwmp.tlsKey", "a.key"),
      ("cwmp.tlsClientAuthorities", "b.pem"),
    ],
    "xmpp.jid": [("xmpp.passwordFile", "password")],
    "cwmp.port": [("usp.port", "7600")],
    "usp.tlsCertificate": [("usp.tlsKey", "a.key")],
    "usp.tlsKey": [("usp.tlsCertificate", "a.pem")],
    "usp.tlsClientCertificates": [
      ("usp.tlsCertificate", "a.pem"), ("usp.tlsKey", "a.key"),
      ("usp.tlsClientAuthorities", "b.pem"),
    ],
    "mqtt.authorities": [("mqtt.tls", "true")],
    "mqtt.certificate": [("mqtt.tls", "true"), ("mqtt.key", "a.key")],
    "mqtt.key": [("mqtt.tls", "true"), ("mqtt.certificate", "a.pem")],
    "mqtt.sessionExpiry": [("mqtt.clientId", "node-1")],
    "mqtt.passwordFile": [("mqtt.username", "acs")],
    "mqtt.group": [("mqtt.replyTopic", "usp/node-1"), ("usp.sessions", "forbid")],
    "stomp.authorities": [("stomp.tls", "true")],
    "stomp.certificate": [("stomp.tls", "true"), ("stomp.key", "a.key")],
    "stomp.key": [("stomp.tls", "true"), ("stomp.certificate", "a.pem")],
    "stomp.passwordFile": [("stomp.username", "acs")],
  ]

  @Test func everyFlagReachesItsSetting() throws {
    var arguments: [String] = []
    for setting in SettingTable.all {
      arguments += ["--\(setting.flag)", try #require(Self.sample(of: setting))]
    }
    let configuration = try EffectiveConfiguration.resolve(
      flags: try ConfigurationFlags.parse(arguments))
    for setting in SettingTable.all {
      #expect(configuration.origin(of: setting.path) == .flag(setting.flag))
      #expect(
        setting.read(configuration.settings)
          == (try setting.parse(try #require(Self.sample(of: setting)))), "\(setting.path)")
    }
  }

  @Test(arguments: ranged.map(\.path))
  func everyLimitHolds(_ path: String) throws {
    let setting = try #require(SettingTable.byPath[path])
    let (_, range, suffix) = try #require(Self.ranged.first { $0.path == path })
    #expect(try setting.parse("\(range.lowerBound)\(suffix)") == .number(range.lowerBound))
    #expect(try setting.parse("\(range.upperBound)\(suffix)") == .number(range.upperBound))
    for outside in [range.lowerBound - 1, range.upperBound + 1] {
      #expect(throws: Setting.Problem.self) { try setting.parse("\(outside)\(suffix)") }
    }
    for nonsense in ["", "x", "1x", "1.5", "99999999999999999999", "0x10", "\u{663}"] {
      #expect(throws: Setting.Problem.self, "\(nonsense)") { try setting.parse(nonsense) }
    }
    guard case .number(let value) = setting.defaultValue else {
      Issue.record("the default is no number")
      return
    }
    #expect(range.contains(value))
  }

  @Test func everyFlagIsInTheHelpWithItsDefault() {
    let help = ConfigurationFlags.helpMessage(columns: 4000)
    for setting in SettingTable.all {
      #expect(help.contains("--\(setting.flag) <"), "\(setting.flag)")
    }
    #expect(help.contains("--config <file>"))
    #expect(help.contains("awaited. (default: 7547)"))
  }

  @Test func theReferenceSaysOfWhatEachListIs() {
    let reference = ConfigurationReference.markdown()
    for (path, elements) in [
      ("facts", "parameter names"), ("xmpp.domains", "domains"),
      ("connectionRequests.methods", "`http`, `udp` and `xmpp`"),
      ("connectionRequests.allow", "address ranges"),
      ("cwmp.digestAlgorithms", "`md5` and `sha-256`"),
    ] {
      let row = reference.split(separator: "### ").first { $0.hasPrefix("`\(path)`") }
      #expect(row?.contains("- Type: list of \(elements)\n") == true, "\(path)")
    }
  }

  @Test func theFileIsNamedByAFlag() throws {
    #expect(try ConfigurationFlags.parse(["--config", "a.yaml"]).file == "a.yaml")
    #expect(try ConfigurationFlags.parse([]).file == nil)
    #expect(throws: (any Error).self) { try ConfigurationFlags.parse(["--cwmp-prot", "1"]) }
  }

  @Test func theFlagsWorkAsAGroupOfACommand() throws {
    struct Serve: ParsableCommand {
      @OptionGroup var flags: ConfigurationFlags
      @Flag var verbose = false
    }
    let command = try #require(
      try Serve.parseAsRoot(["--api-port", "80", "--verbose", "--facts", "A.B"]) as? Serve)
    #expect(command.flags.values == ["api.port": ["80"], "facts": ["A.B"]])
    #expect(command.verbose)
  }

  /// A text that is valid for the setting and not its default.
  private static func sample(of setting: Setting) -> String? {
    switch setting.kind {
    // It may not be the topic that nodes share.
    case .text(.any) where setting.path == "mqtt.replyTopic": "another"
    case .text(.any), .text(.realm): "other"
    case .text(.fileMode): "0660"
    case .text(.directory): "/srv/other"
    case .text(.file): "/etc/other.pem"
    case .text(.connectionString): "host=db.example.net"
    case .text(.host), .text(.optionalHost): "192.0.2.1"
    case .text(.jabberID): "acs@example.net/acs"
    case .text(.baseURL): "http://files.example.net"
    case .text(.addressRange), .text(.parameterName), .text(.digestAlgorithm),
      .text(.connectionRequestMethod), .text(.domain), .text(.webSocketURL):
      nil
    case .text(.endpointID): "fqdn::acs.example.net"
    case .text(.urlPath): "/other"
    case .choice(let names): names.first { .text($0) != setting.defaultValue }
    case .boolean: setting.defaultValue == .boolean(true) ? "false" : "true"
    case .count(let range), .size(let range):
      "\(nextTo(setting.defaultValue, in: range))"
    case .duration(let range, _): "\(nextTo(setting.defaultValue, in: range))ms"
    case .list(.addressRange): "192.0.2.0/24"
    case .list(.digestAlgorithm): "sha-256"
    case .list(.connectionRequestMethod): "xmpp"
    case .list(.domain): "devices.example.net"
    case .list(.webSocketURL): "wss://192.0.2.1:8443/usp"
    case .list: "DeviceInfo.Other"
    }
  }

  private static func nextTo(_ value: SettingValue, in range: ClosedRange<Int>) -> Int {
    guard case .number(let number) = value else { return range.lowerBound }
    return range.contains(number + 1) ? number + 1 : number - 1
  }

  @Test func aSharedCredentialIsMadeWhereOneDoorTakesIt() {
    var settings = Settings()
    #expect(settings.takesSharedCredential)
    settings.cwmp.enrolment = .known
    #expect(settings.takesSharedCredential)
    settings.usp.enrolment = .open
    #expect(!settings.takesSharedCredential)
    settings.usp.enrolment = .shared
    settings.usp.webSocket = false
    #expect(!settings.takesSharedCredential)
  }
}
