import ArgumentParser
import Foundation
import ServerConfiguration
import Testing

@Suite struct DiagnosticsTests {
  @Test func everythingWrongIsReportedAtOnceWithItsPlaceAndASuggestion() throws {
    let text = """
      cwmp:
        prot: 12
        port: 70000
        enrolment: opn
        threads: [1]
        maxBody: 3 furlongs
      files: 3
      port: 12
      cwmp.port: 3
      store:
        commitDelay: 5 x
        connections: abc
        queueLimit: {a: 1}
      connectionRequests:
        allow: 10.0.0.0/8
        deny: [10.0.0.0/8, 300.1.1.1/8, [1]]
        basic: perhaps
      facts: {a: b}
      database:
      dataDirectroy: /srv
      """
    let flags = try ConfigurationFlags.parse(["--api-port", "x"])
    let found = diagnostics {
      try EffectiveConfiguration.resolve(
        flags: flags, environment: ["FAIRLEAD_LOG_LEVEL": "loud"], file: ("acsd.yaml", text))
    }
    #expect(
      found == [
        "acsd.yaml:2:3: error: cwmp.prot is not a setting; did you mean port?",
        "acsd.yaml:3:9: error: cwmp.port is out of range: 70000; it may be 0 to 65535",
        "acsd.yaml:4:14: error: cwmp.enrolment must be one of known, shared, open, not \"opn\"; "
          + "did you mean open?",
        "acsd.yaml:5:12: error: cwmp.threads takes a single value, not a list",
        "acsd.yaml:6:12: error: cwmp.maxBody must be a size, not \"3 furlongs\"; "
          + "write a number of bytes, or a number with KiB, MiB or GiB",
        "acsd.yaml:7:8: error: files holds further settings, not a value; "
          + "it has host, port, url, maxSize, maxUpload, maxConnections, idleTimeout, stallTimeout, linkLifetime, "
          + "sweepInterval, sweepAge, directory",
        "acsd.yaml:8:1: error: port is not a setting; did you mean cwmp.port or files.port or api.port "
          + "or stun.port or xmpp.port or usp.port or mqtt.port or stomp.port?",
        "acsd.yaml:9:1: error: cwmp.port is not a setting; write port: beneath cwmp:",
        "acsd.yaml:11:16: error: store.commitDelay must be a duration, not \"5 x\"; "
          + "write a number of milliseconds, or a number with ms, s, m, h or d",
        "acsd.yaml:12:16: error: store.connections must be a whole number, not \"abc\"",
        "acsd.yaml:13:15: error: store.queueLimit takes no names and values",
        "acsd.yaml:15:10: error: connectionRequests.allow must be a list; write [10.0.0.0/8]",
        "acsd.yaml:16:22: error: connectionRequests.deny must be an address range, "
          + "not \"300.1.1.1/8\"; for example 192.0.2.0/24 or 2001:db8::/32",
        "acsd.yaml:16:35: error: connectionRequests.deny must be a list of words",
        "acsd.yaml:17:10: error: connectionRequests.basic must be true or false, not \"perhaps\"",
        "acsd.yaml:18:8: error: facts takes no names and values",
        "acsd.yaml:19:10: error: database has no value; "
          + "remove the line for the default, or write '' for an empty text",
        "acsd.yaml:20:1: error: dataDirectroy is not a setting; did you mean dataDirectory?",
        "FAIRLEAD_LOG_LEVEL: error: log.level must be one of trace, debug, info, notice, warning, "
          + "error, critical, not \"loud\"",
        "--api-port: error: api.port must be a whole number, not \"x\"",
      ])
  }

  @Test(arguments: [
    ("a: [\n", "f:2:1: error: the file is not valid YAML: did not find expected node content"),
    ("cwmp: {port: 1}\ncwmp: {port: 2}\n", "f:1:1: error: cwmp is written more than once"),
    ("- 1\n", "f:1:1: error: the file must hold names and values"),
    ("? [a]\n: 1\n", "f:1:3: error: a setting's name must be a word"),
    ("cwmp: {[a]: 1}\n", "f:1:8: error: a setting's name must be a word"),
    (
      "log: {}\n---\nlog: {}\n",
      "f:2:1: error: the file is not valid YAML: but found another document"
    ),
    ("a: \u{1}\n", "f:1:1: error: the file is not valid YAML: it is no UTF-8 text"),
    ("facts: [Device.DeviceInfo.SoftwareVersion]", "f:1:9: error: facts \"Device.DeviceInfo."),
    ("facts: [DeviceInfo.]", "f:1:9: error: facts must be the full name of a parameter"),
    ("cwmp: {host: 1.2.3}", "f:1:14: error: cwmp.host must be an IP address or a host name"),
    ("cwmp: {realm: 'a\"b'}", "f:1:15: error: cwmp.realm must be 1 to 64 ASCII characters"),
    ("files: {url: 'ftp://x'}", "f:1:14: error: files.url must be a URL"),
    ("dataDirectory: \"a\\nb\"", "f:1:16: error: dataDirectory must not hold control characters"),
    ("dataDirectory: ''", "f:1:16: error: dataDirectory is empty"),
    ("files: {port: 7547}", "f:1:15: error: files.port is the same as cwmp.port"),
    ("cwmp: {port: 7557}", "f:1:14: error: cwmp.port is the same as api.port"),
    ("cwmp: {digestAlgorithms: [sha1]}", "f:1:27: error: cwmp.digestAlgorithms must be md5 or"),
    ("cwmp: {digestAlgorithms: []}", "f:1:26: error: cwmp.digestAlgorithms is empty"),
    ("cwmp: {withoutTLS: false}", "f:1:20: error: cwmp.withoutTLS is false, and cwmp.tlsCert"),
    ("cwmp: {tlsCertificate: a}", "f:1:24: error: cwmp.tlsCertificate is set alone: cwmp.tlsKey"),
    ("cwmp: {tlsKey: a}", "f:1:16: error: cwmp.tlsKey is set alone: cwmp.tlsCertificate is"),
    (
      "cwmp: {tlsClientCertificates: optional, tlsClientAuthorities: a}",
      "f:1:31: error: cwmp.tlsClientCertificates is optional, and cwmp.tlsCertificate is empty"
    ),
    (
      "cwmp: {tlsCertificate: a, tlsKey: b, tlsClientCertificates: required}",
      "f:1:61: error: cwmp.tlsClientCertificates is required, and cwmp.tlsClientAuthorities is"
    ),
    (
      "cwmp: {tlsCertificate: a, tlsKey: b, tlsPort: 7557}",
      "f:1:47: error: cwmp.tlsPort is the same as api.port"
    ),
    ("cwmp: {maxArriving: 1MiB, maxFirstBody: 2MiB}", "f:1:41: error: cwmp.maxFirstBody is larger"),
    ("cwmp: {maxSessionLength: 30}", "default: error: cwmp.sessionTimeout is longer than"),
    ("tasks: {retryDelay: 2h}", "f:1:21: error: tasks.retryDelay is longer than tasks.retryCap"),
    (
      "connectionRequests: {retryDelay: 2m}",
      "f:1:34: error: connectionRequests.retryDelay is longer than connectionRequests.retryCap"
    ),
    (
      "connectionRequests: {methods: [http, upd]}",
      "f:1:38: error: connectionRequests.methods must be one of http, udp, xmpp, not \"upd\"; did"
    ),
    ("xmpp: {jid: acs}", "f:1:13: error: xmpp.jid must be an XMPP account, not \"acs\""),
    ("xmpp: {jid: acs@a b}", "f:1:13: error: xmpp.jid must be an XMPP account"),
    ("xmpp: {jid: a@b/c}", "f:1:13: error: xmpp.jid is set, but xmpp.passwordFile is not"),
    ("xmpp: {host: 1.2.3}", "f:1:14: error: xmpp.host must be an IP address or a host name"),
    ("store: {queueLimit: 64}", "default: error: store.commitBatch is larger than"),
    (
      "cwmp: {maxBody: 64KiB}\ndiscovery: {requestBytes: 65KiB}",
      "f:2:27: error: discovery.requestBytes is larger than cwmp.maxBody"
    ),
  ])
  func oneMistakeIsToldWithItsPlace(_ text: String, _ start: String) {
    let found = diagnostics { try EffectiveConfiguration.resolve(file: ("f", text)) }
    #expect(found.count == 1, "\(found)")
    #expect(found.first?.hasPrefix(start) == true, "\(found)")
  }

  @Test func aFileThatIsTooLargeIsNotParsed() {
    let text = String(repeating: "#\n", count: 1 << 19) + "#"
    let found = diagnostics { try EffectiveConfiguration.resolve(file: ("f", text)) }
    #expect(found == ["f:1:1: error: the file is larger than 1 MiB"])
  }

  @Test func portsMayBeLeftToTheSystem() throws {
    let configuration = try EffectiveConfiguration.resolve(
      file: ("f", "cwmp: {port: 0}\nfiles: {port: 0}\napi: {port: 0}"))
    #expect(configuration.settings.api.port == 0)
  }

  @Test func aFileThatIsMissingIsToldByTheOneWhoNamedIt() throws {
    let name = NSTemporaryDirectory() + "fairlead-\(UUID().uuidString).yaml"
    let flags = try ConfigurationFlags.parse(["--config", name])
    #expect(
      diagnostics { try EffectiveConfiguration.load(flags: flags, environment: [:]) }
        == ["--config: error: \(name) cannot be read; there is no such file"])
    #expect(
      diagnostics {
        try EffectiveConfiguration.load(
          flags: ConfigurationFlags(), environment: ["FAIRLEAD_CONFIG": name])
      } == ["FAIRLEAD_CONFIG: error: \(name) cannot be read; there is no such file"])
  }

  @Test func theFileOfTheFlagIsReadRatherThanThatOfTheEnvironment() throws {
    let name = NSTemporaryDirectory() + "fairlead-\(UUID().uuidString).yaml"
    try "api: {port: 81}\n".write(toFile: name, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: name) }
    let configuration = try EffectiveConfiguration.load(
      flags: try ConfigurationFlags.parse(["--config", name]),
      environment: ["FAIRLEAD_CONFIG": name + ".missing"])
    #expect(configuration.settings.api.port == 81)
    #expect(configuration.origin(of: "api.port") == .file(name: name, line: 1, column: 13))
  }

  @Test func whatIsDoubtfulIsWarnedOf() throws {
    let configuration = try EffectiveConfiguration.resolve(
      environment: [
        "FAIRLEAD_CWMP_PROT": "1", "FAIRLEAD_TEST_DATA": "x", "FAIRLEAD_CONFIG": "x",
        "FAIRLEAD_API_HOST": "0.0.0.0",
        // Those of acsctl.
        "FAIRLEAD_SERVER": "x", "FAIRLEAD_TOKEN": "x", "FAIRLEAD_CONTEXT": "x",
        "FAIRLEAD_CONTEXTS": "x", "FAIRLEAD_CERTIFICATE_AUTHORITY": "x",
        // Those of the tests.
        "FAIRLEAD_TEST_SEED": "1", "FAIRLEAD_SESSION_SEED": "1", "FAIRLEAD_DAMAGE_SEED": "1",
      ],
      file: (
        "f",
        "cwmp: {enrolment: open, authentication: either}\nconnectionRequests: {basic: on}"
      ))
    let found = configuration.warnings.map { "\($0)" }
    #expect(found.count == 4, "\(found)")
    #expect(
      found[0]
        == "f:1:19: warning: cwmp.enrolment is open: any device is let in without a credential; "
        + "use shared or known outside of a laboratory")
    #expect(found[1].hasPrefix("f:2:29: warning: connectionRequests.basic is true"))
    #expect(found[2].hasPrefix("FAIRLEAD_API_HOST: warning: api.host is 0.0.0.0"))
    #expect(
      found[3]
        == "FAIRLEAD_CWMP_PROT: warning: names no setting and has no effect; "
        + "did you mean FAIRLEAD_CWMP_PORT?")
    let basic = try EffectiveConfiguration.resolve(
      file: ("f", "cwmp: {authentication: basic}"))
    #expect(basic.warnings.map(\.severity) == [.warning])
    #expect(basic.warnings.allSatisfy { $0.message.contains("are asked for Digest") })
    let plain = try EffectiveConfiguration.resolve(
      file: ("f", "cwmp: {authentication: basic, basicWithoutTLS: true}"))
    #expect(plain.warnings.map { "\($0)".contains("cwmp.basicWithoutTLS is true") } == [true])
    let generated = try EffectiveConfiguration.resolve(
      file: ("f", "cwmp: {deviceCredentials: generated}"))
    #expect(generated.warnings.map { "\($0)".contains("whoever listens") } == [true])
  }

  @Test func tlsMakesTheWarningsAboutPasswordsVoid() throws {
    let configuration = try EffectiveConfiguration.resolve(
      file: (
        "f",
        """
        cwmp:
          authentication: basic
          deviceCredentials: generated
          withoutTLS: false
          tlsCertificate: /etc/acs.pem
          tlsKey: /etc/acs.key
          tlsClientCertificates: required
          tlsClientAuthorities: /etc/devices.pem
        """
      ))
    #expect(configuration.warnings.isEmpty, "\(configuration.warnings)")
    // The port that is not listened on is free for others.
    let swapped = try EffectiveConfiguration.resolve(
      file: (
        "f",
        "cwmp: {withoutTLS: false, tlsPort: 7547, tlsCertificate: a, tlsKey: b}"
      ))
    #expect(swapped.settings.cwmp.tlsPort == 7547)
  }

  @Test func aVariableThatNamesNothingIsToldHoweverFarFromASettingItIs() throws {
    let configuration = try EffectiveConfiguration.resolve(
      environment: ["FAIRLEAD_SOMETHING_ELSE_ALTOGETHER": "1", "FAIRLEAD_": "1"])
    #expect(
      configuration.warnings.map { "\($0)" } == [
        "FAIRLEAD_: warning: names no setting and has no effect; acsd config show lists what can be set",
        "FAIRLEAD_SOMETHING_ELSE_ALTOGETHER: warning: names no setting and has no effect; "
          + "acsd config show lists what can be set",
      ])
  }

  @Test func aMisspeltVariableIsToldBesideTheErrors() {
    #expect(
      diagnostics {
        try EffectiveConfiguration.resolve(
          environment: ["FAIRLEAD_API_PROT": "81", "FAIRLEAD_CWMP_PORT": "7557"])
      } == [
        "FAIRLEAD_CWMP_PORT: error: cwmp.port is the same as api.port; each door needs a port of its own",
        "FAIRLEAD_API_PROT: warning: names no setting and has no effect; did you mean FAIRLEAD_API_PORT?",
      ])
  }

  private func diagnostics(_ body: () throws -> EffectiveConfiguration) -> [String] {
    do {
      _ = try body()
      return []
    } catch let error as ConfigurationError {
      #expect("\(error)" == error.diagnostics.map { "\($0)" }.joined(separator: "\n"))
      return error.diagnostics.map { "\($0)" }
    } catch {
      return ["\(error)"]
    }
  }
}
