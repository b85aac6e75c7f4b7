import ArgumentParser
import Foundation
import ManagementTypes

struct Methods: OrderCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the methods that devices understand.",
    usage: "acsctl methods NAME\nacsctl methods --selector SELECTOR")

  @Argument(help: "The device's name (without --selector).")
  var words: [String] = []

  @OptionGroup var options: OrderOptions

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    (TaskOrder(kind: "listMethods"), try options.onlyTarget(words))
  }
}

struct DeviceOptions: OrderCommand {
  static let configuration = CommandConfiguration(
    commandName: "options", abstract: "Lists options of devices that vouchers enable.",
    usage: "acsctl options NAME [OPTION]\nacsctl options --selector SELECTOR [OPTION]")

  @Argument(help: "The device's name (without --selector) and an option; none lists all.")
  var words: [String] = []

  @OptionGroup var options: OrderOptions

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    let target = try options.target(words)
    guard target.rest.count <= 1 else { throw ValidationError("more than one option given") }
    let name = target.rest.first.map { ["name": JSONValue.string($0)] }
    return (TaskOrder(kind: "getOptions", name ?? [:]), target.target)
  }
}

struct Vouchers: OrderCommand {
  static let configuration = CommandConfiguration(
    abstract: "Hands vouchers to devices, which enable options.",
    usage: "acsctl vouchers NAME FILE ...\nacsctl vouchers --selector SELECTOR FILE ...",
    discussion: """
      A voucher is a signed XML file; the device checks it.

        acsctl vouchers NAME premium.xml
        acsctl options NAME
      """)

  @Argument(
    help: "The device's name (without --selector) and files.", completion: .file())
  var words: [String] = []

  @OptionGroup var options: OrderOptions

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    let target = try options.target(words)
    guard !target.rest.isEmpty else { throw ValidationError("no file given") }
    return (TaskOrder(kind: "setVouchers", ["vouchers": .texts(target.rest)]), target.target)
  }

  /// Puts what is in the files in the place of their names.
  func completed(_ order: TaskOrder, by client: ManagementClient) async throws -> TaskOrder {
    let files = (order["vouchers"]?.elements ?? []).compactMap(\.text)
    return TaskOrder(
      kind: order.kind,
      [
        "vouchers": .texts(
          try files.map { path in
            guard let data = FileManager.default.contents(atPath: path), !data.isEmpty else {
              throw CommandFailure(
                .usage, DisplayText.escaped("\(path) is empty, or cannot be read"))
            }
            return data.base64EncodedString()
          })
      ])
  }
}
