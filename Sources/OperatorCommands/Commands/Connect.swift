import ArgumentParser
import ManagementTypes

struct Connect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Asks a device to call now, and waits until it has.",
    discussion: """
      It says how long the call took and what reached the device: http, udp or xmpp. The exit code is 6 if it has not \
      called in the time given.

        acsctl connect NAME --timeout 60
      """)

  @Argument(help: ArgumentHelp("The device.", valueName: "name"))
  var device: String

  @Option(
    help: ArgumentHelp("Seconds to wait, at most 60; 0 only asks.", valueName: "seconds"))
  var timeout = 30

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let client = try connection.client()
    guard timeout > 0 else {
      try await client.post(["devices", device, "connect"])
      Terminal.write(DisplayText.escaped("\(device): asked to call"))
      return
    }
    Terminal.status(DisplayText.escaped("\(device): asked to call"))
    defer { Terminal.clearStatus() }
    let result: ConnectionResult = try await client.post(
      ["devices", device, "connect"], .init(["wait": String(timeout)]))
    Terminal.clearStatus()
    if result.called || output.isStructured {
      try output.show(result, name: device) { [Self.line(result, device: device)] }
    }
    guard result.called else {
      throw CommandFailure(.timedOut, Self.line(result, device: device))
    }
  }

  static func line(_ result: ConnectionResult, device: String) -> String {
    var text = "\(device): \(result.called ? "called" : "has not called")"
    if let milliseconds = result.milliseconds {
      text += "\(result.called ? " after" : " within") \(milliseconds) ms"
    }
    if result.called { text += result.method.map { ", reached by \($0)" } ?? ", by itself" }
    if let reason = result.reason { text += ": " + reason }
    return DisplayText.escaped(text)
  }
}

struct Schedule: OrderCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes devices call after some time, whatever else makes them call.",
    usage: "acsctl schedule NAME --in DURATION\nacsctl schedule --selector SELECTOR --in DURATION",
    discussion: """
      The device gets the order at its next call, which is asked for at once unless --no-connect is given.

        acsctl schedule NAME --in 10m
      """)

  @Argument(help: "The device's name (without --selector).")
  var words: [String] = []

  @Option(
    name: .customLong("in"),
    help: ArgumentHelp("After this time, for example 10m.", valueName: "duration"))
  var delay: DurationArgument

  @OptionGroup var options: OrderOptions

  var patience: Double { 300 + delay.seconds }

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    (
      TaskOrder(kind: "scheduleContact", ["delay": .integer(Int64(delay.seconds))]),
      try options.onlyTarget(words)
    )
  }
}
