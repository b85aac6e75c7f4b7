import ArgumentParser
import ServerConfiguration
import Testing

@Suite struct RenderingTests {
  @Test func eachValueIsShownWithItsOrigin() throws {
    let configuration = try EffectiveConfiguration.resolve(
      flags: try ConfigurationFlags.parse(["--cwmp-realm", "it's"]),
      environment: ["FAIRLEAD_API_PORT": "81"],
      file: ("acsd.yaml", "cwmp:\n  port: 80\n"))
    let lines = configuration.rendered().split(separator: "\n").map(String.init)
    #expect(shows(lines, "  port: 80", "acsd.yaml:2:9"))
    #expect(shows(lines, "  port: 81", "FAIRLEAD_API_PORT"))
    #expect(shows(lines, "  realm: 'it''s'", "--cwmp-realm"))
    #expect(shows(lines, "  maxBody: 16 MiB", "default"))
    #expect(shows(lines, "  directory: .fairlead/files", "default, from dataDirectory"))
  }

  @Test func whatIsShownIsAFileWithTheSameMeaning() throws {
    let first = try EffectiveConfiguration.resolve(
      environment: [
        "FAIRLEAD_DATA_DIRECTORY": "/a b: #c'", "FAIRLEAD_CWMP_REALM": "yes",
        "FAIRLEAD_CONNECTION_REQUESTS_DENY": "::1,10.0.0.0/8", "FAIRLEAD_FACTS": "A.B",
        "FAIRLEAD_CWMP_MAX_BODY": "1000001", "FAIRLEAD_STORE_COMMIT_DELAY": "0",
        "FAIRLEAD_TASKS_WRITE_LIFETIME": "90061s",
      ])
    let again = try EffectiveConfiguration.resolve(file: ("shown", first.rendered()))
    #expect(again.settings == first.settings)
  }

  @Test(arguments: [
    ("", ""),
    ("host=/run/pg user=acs password=geheim", "host=/run/pg user=acs password=***"),
    ("password = 'ge\\' heim' dbname=x", "password=*** dbname=x"),
    ("host=x sslpassword=geheim", "host=x sslpassword=***"),
    ("password=ge\\ heim host=x", "password=*** host=x"),
    ("postgresql://acs:geheim@db/acs", "postgresql://acs:***@db/acs"),
    ("postgres://acs:ge@heim@db:5432/acs", "postgres://acs:***@db:5432/acs"),
    (
      "postgresql://acs@db/acs?password=geheim&sslmode=require",
      "postgresql://acs@db/acs?password=***&sslmode=require"
    ),
    ("postgresql://db1,db2/acs", "postgresql://db1,db2/acs"),
    ("postgresql://acs:ge/heim@db/acs", "***"),
    ("geheim", "***"),
    ("password='geheim", "***"),
  ])
  func passwordsAreNeverShown(_ text: String, _ shown: String) throws {
    #expect(ConnectionString.masked(text) == shown)
    let rendered = try EffectiveConfiguration.resolve(environment: ["FAIRLEAD_DATABASE": text])
      .rendered()
    #expect(!rendered.contains("heim"))
  }

  @Test func aMistakeInASecretDoesNotShowIt() throws {
    let error = #expect(throws: ConfigurationError.self) {
      try EffectiveConfiguration.resolve(file: ("f", "database: \"password=geheim\\n\""))
    }
    #expect(error.map { "\($0)".contains("geheim") } == false)
  }

  private func shows(_ lines: [String], _ value: String, _ origin: String) -> Bool {
    lines.contains { $0.hasPrefix(value + " ") && $0.hasSuffix(" # \(origin)") }
  }
}
