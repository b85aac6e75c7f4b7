import Foundation
import ManagementTypes
import OperatorCommands
import Testing

@Suite struct ServerSettingsTests {
  private func settings(
    _ flags: ServerSettings.Flags = .init(), environment: [String: String] = [:],
    contexts: ContextFile = .init(), files: [String: String] = [:]
  ) throws -> ServerSettings {
    try ServerSettings(flags: flags, environment: environment, contexts: contexts) { files[$0] }
  }

  private var contexts: ContextFile {
    var file = ContextFile()
    file.set(.init(name: "lab", server: "https://lab.example:7557", token: "lab-token"))
    file.set(.init(name: "bare", server: "https://bare.example"))
    file.currentContext = "lab"
    return file
  }

  @Test func onTheServersMachineTheFirstTokenIsFound() throws {
    let files = ["./.fairlead/admin-token": "first\n", "/var/lib/fairlead/admin-token": "second"]
    let found = try settings(files: files)
    #expect(found.server == ServerSettings.defaultServer)
    #expect(found.token == "first")
    let elsewhere = try settings(
      environment: ["FAIRLEAD_DATA_DIRECTORY": "/data"],
      files: files.merging(["/data/admin-token": "third"]) { $1 })
    #expect(elsewhere.token == "third")
  }

  @Test func theFirstTokenGoesToNoOtherMachine() throws {
    var flags = ServerSettings.Flags()
    for server in [
      "http://acs.example:7557", "127.0.0.1.example", "http://192.0.2.1",
      "https://localhost.example",
    ] {
      flags.server = server
      #expect(try settings(flags, files: ["./.fairlead/admin-token": "first"]).token == nil)
    }
    for server in ["localhost:7557", "http://[::1]:7557/", "http://127.0.0.2"] {
      flags.server = server
      #expect(try settings(flags, files: ["./.fairlead/admin-token": "first"]).token == "first")
    }
  }

  @Test func aContextsTokenGoesToItsServerOnly() throws {
    #expect(try settings(contexts: contexts).token == "lab-token")
    var flags = ServerSettings.Flags()
    flags.server = "https://other.example"
    #expect(try settings(flags, contexts: contexts).token == nil)
    flags = .init()
    flags.context = "bare"
    #expect(try settings(flags, contexts: contexts).server == "https://bare.example")
    #expect(try settings(flags, contexts: contexts).token == nil)
    flags.context = "nowhere"
    #expect(throws: CommandFailure.self) { try settings(flags, contexts: contexts) }
  }

  @Test func flagsWinOverEnvironmentAndContext() throws {
    let environment = ["FAIRLEAD_SERVER": "https://env.example", "FAIRLEAD_TOKEN": "env-token"]
    let fromEnvironment = try settings(environment: environment, contexts: contexts)
    #expect(fromEnvironment.server == "https://env.example")
    #expect(fromEnvironment.token == "env-token")
    var flags = ServerSettings.Flags()
    flags.server = "flag.example:1"
    flags.token = "flag-token"
    let fromFlags = try settings(flags, environment: environment, contexts: contexts)
    #expect(fromFlags.server == "http://flag.example:1")
    #expect(fromFlags.token == "flag-token")
    #expect(fromFlags.exposesToken)
    #expect(!fromEnvironment.exposesToken)
  }

  @Test(arguments: ["ftp://x", "http://", "http://user:pw@x", "http://a b", "http://x\n"])
  func whatIsNoServerIsRefused(server: String) throws {
    var flags = ServerSettings.Flags()
    flags.server = server
    if server.hasSuffix("\n") {
      #expect(try settings(flags).server == "http://x")
    } else {
      #expect(throws: CommandFailure.self) { try settings(flags) }
    }
  }

  @Test(arguments: ["127.0.0.1:99999", "h:abc", "https://h:", "h:0", "[::1]:x", "h:-1", "h:80:81"])
  func aPortThatIsNoneIsRefusedWithTheUsualOne(server: String) throws {
    var flags = ServerSettings.Flags()
    flags.server = server
    let failure = #expect(throws: CommandFailure.self) { try settings(flags) }
    #expect(failure?.kind == .usage)
    #expect(failure?.message.contains("7557") == true)
  }

  @Test(arguments: ["127.0.0.1:7547", "http://[::1]:1", "acs.example", "https://[2001:db8::1]/"])
  func anotherPortThanTheUsualIsWorthAWord(server: String) throws {
    var flags = ServerSettings.Flags()
    flags.server = server
    #expect(try settings(flags).portAdvice?.contains("7557") == true)
    flags.server = "http://[::1]:7557/"
    #expect(try settings(flags).portAdvice == nil)
    #expect(try settings().portAdvice == nil)
  }

  @Test func aTokenWithALineEndIsRefused() {
    var flags = ServerSettings.Flags()
    flags.token = "a\r\nX: y"
    #expect(throws: CommandFailure.self) { try settings(flags) }
  }

  @Test func contextsSurviveTheFile() throws {
    let directory = NSTemporaryDirectory() + "contexts-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/deep/config.yaml"
    #expect(try ContextFile.load(path: path) == ContextFile())
    try contexts.save(path: path)
    try contexts.save(path: path)
    #expect(try ContextFile.load(path: path) == contexts)
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(throws: CommandFailure.self) { try ContextFile(yaml: "kind: [", path: "p") }
    #expect(throws: CommandFailure.self) {
      try ContextFile(yaml: "apiVersion: a\nkind: Other\ncontexts: []", path: "p")
    }
  }

  @Test func contextsAreKeptWhereTheSystemSays() {
    #expect(
      ContextFile.path(environment: ["HOME": "/home/a"])
        == "/home/a/.config/fairlead/config.yaml")
    #expect(
      ContextFile.path(environment: ["HOME": "/home/a", "XDG_CONFIG_HOME": "/c"])
        == "/c/fairlead/config.yaml")
  }
}

@Suite struct CommandFailureTests {
  @Test(arguments: [
    (400, CommandFailure.Kind.usage), (401, .unauthorized), (403, .unauthorized), (404, .notFound),
    (409, .failed), (412, .failed), (422, .usage), (500, .failed), (503, .unreachable),
  ]) func statusesHaveTheirExitCodes(status: Int, kind: CommandFailure.Kind) {
    let problem = Problem(code: .internalError, status: status, title: "T", detail: "D")
    #expect(CommandFailure(problem).kind == kind)
    #expect(CommandFailure(problem).message.hasPrefix("D"))
  }

  @Test func diagnosticsAreShownAsCompilersDo() {
    let problem = Problem(
      code: .invalidDocument, status: 422, title: "T",
      diagnostics: [
        .init(severity: "error", message: "unknown\u{1B}", line: 3, column: 5),
        .init(severity: "warning", message: "odd", line: 4),
        .init(severity: "error", message: "all"),
      ])
    #expect(
      CommandFailure(problem, file: "r.yaml").message
        == "r.yaml:3:5: error: unknown\\u{1B}\nr.yaml:4: warning: odd\nr.yaml: error: all")
  }

  @Test func whatAModelRefusesCanBeForced() {
    let problem = Problem(
      code: .modelMismatch, status: 422, title: "T", detail: "D. Send “force”: true.",
      diagnostics: [.init(severity: "error", message: "D.")])
    let failure = CommandFailure(problem)
    #expect(failure.kind == .usage)
    #expect(
      failure.message
        == "error: D.\nIf the device is known to take it all the same, --force sends it.")
  }

  @Test func pathSegmentsAreEncodedAgain() {
    #expect(ManagementClient.encoded("00D09E-My%20Box/é+~") == "00D09E-My%2520Box%2F%C3%A9%2B~")
  }
}

/// Exit codes of whole command lines that need no server.
@Suite struct ExitCodeTests {
  @Test(
    arguments: [
      (["--help"], 0), (["get", "--help"], 0), (["no-such-command"], 2),
      (["get", "devices", "-x"], 2),
      (["set", "NAME", "novalue", "--server", "http://127.0.0.1:1"], 2),
      (["get", "devices", "--limit", "-1"], 2), (["apply"], 2),
      (["apply", "-f", "/nowhere/x.yaml", "--server", "http://127.0.0.1:1"], 2),
      (["whoami", "--server", "ftp://x"], 2), (["version", "--server", "http://127.0.0.1:1"], 3),
      (["reboot", "-l", "name=*", "--server", "http://127.0.0.1:1"], 3),
    ] as [([String], Int32)]) func exitCodes(arguments: [String], code: Int32) async
  {
    #expect(await Acsctl.run(arguments: arguments) == code)
  }
}
