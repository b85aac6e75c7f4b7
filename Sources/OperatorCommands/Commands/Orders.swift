import ArgumentParser
import ManagementTypes

struct Read: OrderCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reads values from the device itself.",
    usage: "acsctl read NAME PATH ...\nacsctl read --selector SELECTOR PATH ...",
    discussion: """
      “acsctl get parameters” shows the values that are stored, without asking the device.

        acsctl read NAME Device.DeviceInfo. Device.ManagementServer.URL
        acsctl read NAME Device.WiFi. --attributes
        acsctl read NAME 'Device.WiFi.Radio.*.Channel'
        acsctl read NAME 'Device.WiFi.SSID.[SSID=="guest"].Status'     (USP)
      """)

  @Argument(
    help: "The device's name (without --selector) and paths; a prefix ends with a dot.",
    completion: PathCompletion.paths)
  var words: [String] = []

  @Flag(help: "Read how the device reports changes of the parameters, instead of their values.")
  var attributes = false

  @OptionGroup var options: OrderOptions

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    let target = try options.target(words)
    guard !target.rest.isEmpty else { throw ValidationError("no path given") }
    return (
      TaskOrder(kind: attributes ? "getAttributes" : "get", ["paths": .texts(target.rest)]),
      target.target
    )
  }
}

struct SetValues: OrderCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Writes values to the device, all of them or none.",
    usage: "acsctl set NAME PATH[:TYPE]=VALUE ...\nacsctl set --selector SELECTOR PATH=VALUE ...",
    discussion: """
      By URL, Username, Password and EnableCWMP of ManagementServer a device finds this server and gets in: setting them \
      has to be agreed to, or asks for --yes.
      """)

  @Argument(
    help: "The device's name (without --selector) and assignments.",
    completion: PathCompletion.assignments)
  var words: [String] = []

  @Option(
    help: ArgumentHelp(
      "The type of values that do not name one; without it the device's tree tells.",
      valueName: "type"))
  var type: String?

  @OptionGroup var options: OrderOptions

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    let target = try options.target(words)
    guard !target.rest.isEmpty else { throw ValidationError("no PATH=VALUE given") }
    let values = try Assignment.values(target.rest, defaultType: type)
    return (TaskOrder(kind: "set", ["values": .array(values.map { JSONValue($0) })]), target.target)
  }
}

struct Add: OrderCommand {
  static let configuration = CommandConfiguration(
    abstract: "Creates an instance of a multi-instance object.",
    usage:
      "acsctl add NAME OBJECT. [PARAMETER=VALUE ...]\nacsctl add --selector SELECTOR OBJECT. [PARAMETER=VALUE ...]"
  )

  @Argument(
    help: "The device's name (without --selector), the object, values of the instance.",
    completion: PathCompletion.paths)
  var words: [String] = []

  @OptionGroup var options: OrderOptions

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    let target = try options.target(words)
    guard let object = target.rest.first else { throw ValidationError("no object given") }
    let values = try Assignment.values(target.rest.dropFirst())
    var order = TaskOrder(kind: "add", ["object": .string(object.asObject)])
    if !values.isEmpty { order.arguments["values"] = .array(values.map { JSONValue($0) }) }
    return (order, target.target)
  }
}

extension String {
  /// The path with the dot that objects end with.
  var asObject: String { hasSuffix(".") ? self : self + "." }
}

struct Refresh: OrderCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reads the device's tree, or a part of it, anew.",
    usage: "acsctl refresh NAME [PATH]\nacsctl refresh --selector SELECTOR [PATH]")

  @Argument(
    help: "The device's name (without --selector) and a path; none reads everything.",
    completion: PathCompletion.paths)
  var words: [String] = []

  @OptionGroup var options: OrderOptions

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    let target = try options.target(words)
    guard target.rest.count <= 1 else { throw ValidationError("more than one path given") }
    let path = target.rest.first.map { ["path": JSONValue.string($0)] }
    return (TaskOrder(kind: "refresh", path ?? [:]), target.target)
  }
}

struct Reboot: OrderCommand {
  static let configuration = CommandConfiguration(
    abstract: "Restarts devices.",
    usage: "acsctl reboot NAME\nacsctl reboot --selector SELECTOR")

  @Argument(help: "The device's name (without --selector).")
  var words: [String] = []

  @OptionGroup var options: OrderOptions

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    (TaskOrder(kind: "reboot"), try options.onlyTarget(words))
  }
}

struct FactoryReset: OrderCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes devices forget their configuration.",
    usage: "acsctl factory-reset NAME\nacsctl factory-reset --selector SELECTOR")

  @Argument(help: "The device's name (without --selector).")
  var words: [String] = []

  @OptionGroup var options: OrderOptions

  var question: String? { "Reset to factory settings:" }

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    (TaskOrder(kind: "factoryReset"), try options.onlyTarget(words))
  }
}
