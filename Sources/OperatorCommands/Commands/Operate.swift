import ArgumentParser
import ManagementTypes

struct Operate: OrderCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a command of the data model on devices that have commands (USP).",
    usage:
      "acsctl operate NAME COMMAND [ARGUMENT=VALUE ...]\nacsctl operate --selector SELECTOR COMMAND …",
    discussion: """
      What the command returns is shown; one that goes on after the device has accepted it is waited for.

        acsctl operate NAME 'Device.LocalAgent.Controller.1.SendOnBoardRequest()'
        acsctl operate NAME 'Device.IP.Diagnostics.IPPing()' Host=example.net NumberOfRepetitions=3
        acsctl explain 'Device.IP.Diagnostics.IPPing()'
      """)

  @Argument(
    help: "The device's name (without --selector), a command, and its arguments.",
    completion: PathCompletion.paths)
  var words: [String] = []

  @OptionGroup var options: OrderOptions

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    let target = try options.target(words)
    guard let command = target.rest.first else { throw ValidationError("no command given") }
    var arguments: [String: JSONValue] = [:]
    for word in target.rest.dropFirst() {
      guard let equals = word.firstIndex(of: "="), equals > word.startIndex else {
        throw ValidationError(DisplayText.escaped("“\(word)” is not ARGUMENT=VALUE"))
      }
      let name = String(word[..<equals])
      guard arguments[name] == nil else {
        throw ValidationError(DisplayText.escaped("“\(name)” is given twice"))
      }
      arguments[name] = .string(String(word[word.index(after: equals)...]))
    }
    var members: [String: JSONValue] = ["command": .string(command)]
    if !arguments.isEmpty { members["arguments"] = .object(arguments) }
    return (TaskOrder(kind: "command", members), target.target)
  }
}
