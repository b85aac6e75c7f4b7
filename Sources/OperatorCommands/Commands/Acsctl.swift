import ArgumentParser
import Foundation
import Release

/// The operator's command.
package struct Acsctl: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "acsctl",
    abstract: "Operates a Fairlead auto-configuration server.",
    discussion: """
      On the machine of the server, acsctl finds server and token by itself. Elsewhere give --server and \
      FAIRLEAD_TOKEN, or keep both in a context: acsctl config set-context NAME --server URL --token TOKEN.

      Exit codes: 0 done, 1 the operation failed, 2 the command line or a file is wrong, 3 the server does not \
      answer, 4 not allowed, 5 not found, 6 not ended in the time given.
      """,
    version: Release.version,
    groupedSubcommands: [
      CommandGroup(
        name: "Look",
        subcommands: [
          Get.self, Describe.self, Explain.self, Watch.self, Whoami.self, Version.self, Status.self,
        ]),
      CommandGroup(
        name: "Devices",
        subcommands: [
          Read.self, SetValues.self, Add.self, Refresh.self, Notify.self, Reboot.self,
          FactoryReset.self, Operate.self, Connect.self, Schedule.self, Tag.self,
        ]),
      CommandGroup(
        name: "Transfers and software",
        subcommands: [
          Download.self, Fetch.self, Transfers.self, CancelTransfer.self, Software.self,
        ]),
      CommandGroup(
        name: "Inspect devices",
        subcommands: [
          Diagnose.self, Trace.self, Methods.self, DeviceOptions.self, Vouchers.self,
        ]),
      CommandGroup(
        name: "Files and rollouts",
        subcommands: [Upload.self, Apply.self, Diff.self, Rollout.self]),
      CommandGroup(
        name: "Everything else",
        subcommands: [Create.self, Delete.self, Model.self, Config.self]),
    ])

  package init() {}

  /// Runs the command of this process's arguments and ends the process with its exit code.
  package static func runProgram() async -> Never {
    let code = await run(arguments: Array(CommandLine.arguments.dropFirst()))
    Foundation.exit(code)
  }

  /// Runs a command line and gives its exit code.
  package static func run(arguments: [String]) async -> Int32 {
    do {
      var command = try parseAsRoot(TagChanges.withoutDashes(arguments))
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      return 0
    } catch let failure as CommandFailure {
      Terminal.note("acsctl: " + failure.message)
      return failure.kind.rawValue
    } catch let problem as Assignment.Problem {
      Terminal.note("acsctl: " + DisplayText.escaped(problem.description))
      return CommandFailure.Kind.usage.rawValue
    } catch {
      let text = fullMessage(for: error)
      // Help and version are errors to the parser, but what was asked for.
      if exitCode(for: error).isSuccess {
        Terminal.write(text)
        return 0
      }
      if !text.isEmpty { Terminal.note(text) }
      if let hint = hint(for: arguments) { Terminal.note(hint) }
      return exitCode(for: error) == .validationFailure
        ? CommandFailure.Kind.usage.rawValue : CommandFailure.Kind.failed.rawValue
    }
  }

  /// What may be meant by a word that the parser took for options; nil where no word looks like a device's name.
  package static func hint(for arguments: [String]) -> String? {
    let words = arguments.prefix { $0 != "--" }
    guard
      let name = words.first(where: {
        $0.hasPrefix("-") && !$0.hasPrefix("--") && $0.dropFirst().contains("-")
          && !$0.contains("=")
      })
    else { return nil }
    return DisplayText.escaped(
      "If “\(name)” is a name, write “--” before it, and the options before that: … -- \(name)")
  }
}
