import ServerConfiguration
import Testing

/// What several settings of USP together show, each beside what is in order.
@Suite struct USPChecksTests {
  private static func errors(_ text: String) -> [String] {
    do throws(ConfigurationError) {
      _ = try EffectiveConfiguration.resolve(file: ("acsd.yaml", text))
      return []
    } catch {
      return error.diagnostics.map { "\($0)" }
    }
  }

  private static func warnings(_ text: String) throws -> [String] {
    try EffectiveConfiguration.resolve(file: ("acsd.yaml", text)).warnings.map { "\($0)" }
  }

  @Test(arguments: [
    ("usp: {maxRecord: 8 MiB, maxArriving: 4 MiB}", "usp.maxRecord is larger than usp.maxArriving"),
    ("usp: {maxRecord: 8 MiB, maxQueued: 4 MiB}", "usp.maxRecord is larger than usp.maxQueued"),
    ("usp: {recordSize: 32 MiB}", "usp.recordSize is larger than usp.maxQueued"),
    ("usp: {unixSocketMode: 888}", "usp.unixSocketMode must be the mode of a file, not \"888\""),
    ("usp: {unixSocketMode: 4755}", "usp.unixSocketMode must be the mode of a file, not \"4755\""),
    ("mqtt: {authorities: a.pem}", "mqtt.authorities is set, but mqtt.tls is false"),
    (
      "mqtt: {certificate: a.pem, key: a.key}", "mqtt.certificate is set, but mqtt.tls is false"
    ),
    ("stomp: {authorities: a.pem}", "stomp.authorities is set, but stomp.tls is false"),
    (
      "stomp: {certificate: a.pem, key: a.key}", "stomp.certificate is set, but stomp.tls is false"
    ),
    ("mqtt: {sessionExpiry: 1h}", "mqtt.sessionExpiry is set, but mqtt.clientId is empty"),
    (
      "{usp: {sessions: forbid}, mqtt: {group: g, topic: a, replyTopic: a/b}}",
      "mqtt.replyTopic is at or below mqtt.topic"
    ),
    (
      "{usp: {sessions: forbid}, mqtt: {group: g, topic: a, replyTopic: a}}",
      "mqtt.replyTopic is at or below mqtt.topic"
    ),
    (
      "{usp: {sessions: forbid}, mqtt: {group: g, replyTopic: b, version: 3.1.1}}",
      "mqtt.group is set, but mqtt.clientId is empty"
    ),
    (
      "{usp: {maxAgents: 16000}, mqtt: {host: localhost}, stomp: {host: localhost}}",
      "mqtt.maxLinks leaves no room for other agents"
    ),
    (
      "{usp: {maxAgents: 8000}, stomp: {host: localhost}}",
      "stomp.maxLinks leaves no room for other agents"
    ),
  ])
  func contradictions(_ text: String, _ message: String) {
    #expect(
      Self.errors(text).count { $0.contains("error: \(message)") } == 1, "\(Self.errors(text))")
  }

  @Test(arguments: [
    "usp: {maxRecord: 8 MiB, maxArriving: 8 MiB, maxQueued: 8 MiB, recordSize: 8 MiB}",
    "usp: {unixSocketMode: 0660}",
    "mqtt: {tls: true, certificate: a.pem, key: a.key, authorities: b.pem}",
    "stomp: {tls: true, certificate: a.pem, key: a.key, authorities: b.pem}",
    "mqtt: {sessionExpiry: 1h, clientId: node-1}",
    "{usp: {sessions: forbid}, mqtt: {group: g, topic: a, replyTopic: ab}}",
    "{usp: {sessions: forbid}, mqtt: {group: g, replyTopic: b, version: 3.1.1, clientId: n}}",
    "{mqtt: {host: localhost}, stomp: {host: localhost}}",
    // Without brokers nobody comes through them.
    "usp: {maxAgents: 10}",
  ])
  func whatIsInOrder(_ text: String) { #expect(Self.errors(text) == []) }

  @Test(arguments: [
    ("usp: {basicWithoutTLS: true}", "usp.basicWithoutTLS is true: agents may send"),
    (
      "mqtt: {host: mqtt.example, username: acs}",
      "mqtt.tls is false: the password of mqtt.username"
    ),
    ("mqtt: {host: mqtt.example}", "mqtt.tls is false, and mqtt.trusted is true"),
    (
      "stomp: {host: stomp.example, username: acs}",
      "stomp.tls is false: the password of stomp.username"
    ),
    ("stomp: {host: stomp.example}", "stomp.tls is false, and stomp.trusted is true"),
    ("mqtt: {host: localhost}", "files.url is empty: agents that come through a broker"),
    ("usp: {unixSocket: /run/usp}", "files.url is empty: agents that come through a broker"),
  ])
  func doubts(_ text: String, _ message: String) throws {
    #expect(try Self.warnings(text).count { $0.contains("warning: \(message)") } == 1)
  }

  @Test(arguments: [
    "usp: {basicWithoutTLS: true, webSocket: false}",
    "{files: {url: http://files.example}, mqtt: {host: 127.0.0.1, username: acs}}",
    "{files: {url: http://files.example}, mqtt: {host: mqtt.example, trusted: false}}",
    "{files: {url: http://files.example}, stomp: {host: stomp.example, tls: true, username: acs}}",
  ])
  func whatIsBeyondDoubt(_ text: String) throws { #expect(try Self.warnings(text) == []) }
}
