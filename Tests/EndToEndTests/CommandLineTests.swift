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
    ("tag N", "acsctl tag NAME +TAG"), ("connect", "acsctl connect <name>"),
    ("delete object", "acsctl delete object NAME"),
    ("delete object N", "acsctl delete object NAME"),
    ("delete device", "acsctl delete device NAME"),
    ("delete task N", "acsctl delete task <name> <id>"),
    ("describe task N", "acsctl describe task <name> <id>"),
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
