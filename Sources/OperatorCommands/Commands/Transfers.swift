import ArgumentParser
import ManagementTypes

struct Transfers: OrderCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the transfers that devices have not ended.",
    usage: "acsctl transfers NAME [--ordered]\nacsctl transfers --selector SELECTOR",
    discussion: "The devices are asked; “acsctl get tasks” lists what was ordered here.")

  @Argument(help: "The device's name (without --selector).")
  var words: [String] = []

  @Flag(help: "Only transfers that a server has ordered.")
  var ordered = false

  @OptionGroup var options: OrderOptions

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    (
      TaskOrder(kind: "listTransfers", ordered ? ["onlyOrdered": true] : [:]),
      try options.onlyTarget(words)
    )
  }
}

struct CancelTransfer: OrderCommand {
  static let configuration = CommandConfiguration(
    abstract: "Takes back a transfer that a device has not begun.",
    usage: "acsctl cancel-transfer NAME TASK\nacsctl cancel-transfer NAME KEY",
    discussion: """
      It is named by the number of the task that ordered it, or by its key as “acsctl transfers” shows it. A device says \
      nothing about keys that it does not know: of transfers that were not ordered here, only those can be taken back that \
      “acsctl transfers” has shown.

        acsctl cancel-transfer NAME 17
      """)

  @Argument(help: "The device's name (without --selector), then a task's number or a key.")
  var words: [String] = []

  @OptionGroup var options: OrderOptions

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    let target = try options.target(words)
    guard let word = target.rest.first, target.rest.count == 1 else {
      throw ValidationError(
        target.rest.isEmpty ? "no TASK or KEY given" : "more than one transfer given")
    }
    let isNumber = word.utf8.allSatisfy { (0x30...0x39).contains($0) }
    // The server makes keys of its tasks' numbers.
    return (
      TaskOrder(kind: "cancelTransfer", ["commandKey": .string(isNumber ? "fl-" + word : word)]),
      target.target
    )
  }
}
