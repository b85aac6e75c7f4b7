import Foundation
import Testing

/// What a person reads whose command lacks something; no server takes part.
@Suite struct CommandLineTests {
  @Test(arguments: [
    ("read", "acsctl read NAME PATH"), ("read N", "acsctl read NAME PATH"),
    ("set", "acsctl set NAME PATH"), ("set N", "acsctl set NAME PATH"),
    ("set N novalue", "acsctl set NAME PATH"), ("add", "acsctl add NAME OBJECT."),
    ("add N", "acsctl add NAME OBJECT."), ("refresh", "acsctl refresh NAME"),
    ("reboot", "acsctl reboot NAME"), ("reboot N M", "acsctl reboot NAME"),
    ("factory-reset", "acsctl factory-reset NAME"), ("download N", "acsctl download NAME --file"),
    ("download --file abcdef", "acsctl download NAME --file"), ("tag", "acsctl tag NAME +TAG"),
    ("tag N", "acsctl tag NAME +TAG"), ("notify N", "acsctl notify NAME PATH=MODE"),
    ("fetch N", "acsctl fetch NAME --type"), ("schedule N", "acsctl schedule NAME --in"),
    ("software install N", "acsctl software install NAME --file"),
    ("software uninstall N", "acsctl software uninstall NAME --uuid"),
    ("transfers", "acsctl transfers NAME"),
    ("cancel-transfer N", "acsctl cancel-transfer NAME TASK"), ("methods", "acsctl methods NAME"),
    ("options", "acsctl options NAME [OPTION]"), ("vouchers N", "acsctl vouchers NAME FILE"),
    ("diagnose ping N", "acsctl diagnose ping NAME HOST"),
    ("diagnose upload N http://a/", "acsctl diagnose upload NAME URL --size"),
    ("diagnose wifi-neighbors", "acsctl diagnose wifi-neighbors NAME"),
    ("trace", "acsctl trace <name>"), ("get trace", "acsctl get trace <name>"),
    ("connect", "acsctl connect <name>"),
    ("delete object", "acsctl delete object NAME"),
    ("delete object N", "acsctl delete object NAME"),
    ("delete device", "acsctl delete device NAME"),
    ("delete task N", "acsctl delete task NAME TASK"),
    ("describe task N", "acsctl describe task NAME TASK"),
    ("get task 8", "acsctl get tasks [NAME [TASK ...]]"),
    ("get parameters", "acsctl get parameters <name> [<paths> ...]"),
    ("rollout status", "acsctl rollout status <name>"),
  ]) func theUsageIsThatOfTheCommand(line: String, usage: String) async throws {
    let output = FileManager.default.temporaryDirectory
      .appendingPathComponent("acsctl-\(UUID().uuidString).log")
    defer { try? FileManager.default.removeItem(at: output) }
    let program = try RunningProgram(
      "acsctl", line.split(separator: " ").map(String.init), output: output)
    #expect(try await program.wait() == 2)
    #expect(program.text.hasPrefix("Error: "), "\(program.text)")
    #expect(program.text.contains("\nUsage: \(usage)"), "\(program.text)")
  }
}
