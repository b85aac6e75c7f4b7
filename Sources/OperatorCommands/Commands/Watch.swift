import ArgumentParser
import ManagementTypes

struct Watch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows what happens, as it happens.",
    discussion: "Without a subcommand it watches the events of devices. Ctrl-C ends it.",
    subcommands: [WatchEvents.self, WatchRollout.self], defaultSubcommand: WatchEvents.self)
}

struct WatchEvents: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events",
    abstract: "Shows what happens to devices: all, those named, or those chosen.",
    discussion: """
      With -o json each event is one line of JSON. A lost connection is taken up again where it broke, without a gap.
      """)

  @Argument(help: ArgumentHelp("Only these devices.", valueName: "device"))
  var devices: [String] = []

  @Option(
    name: [.customShort("l"), .long],
    help: ArgumentHelp("Only devices that a selector means.", valueName: "selector"))
  var selector: String?

  @Option(
    help: ArgumentHelp(
      "Only events of this kind, for example boot or task; may be given several times.",
      valueName: "kind"))
  var kind: [String] = []

  @Option(help: ArgumentHelp("End after so many events; 0: never.", valueName: "number"))
  var count = 0

  @Option(help: ArgumentHelp("End after this time.", valueName: "duration"))
  var timeout: DurationArgument?

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard count >= 0 else { throw ValidationError("--count must not be negative") }
  }

  func run() async throws {
    let client = try connection.client()
    var query = ManagementClient.Query(["selector": selector])
    query.items += devices.map { ("device", $0) } + kind.map { ("kind", $0) }
    let wanted = query
    // Said at once, as the first event may be long in coming.
    Terminal.status("waiting for events")
    try await within(timeout) {
      var shown = 0
      try await client.follow(["events"], wanted, of: EventDetail.self) { event in
        Terminal.clearStatus()
        try output.showNext(event, name: event.device) { EventText.line(event) }
        shown += 1
        return count == 0 || shown < count
      }
    }
  }
}

struct WatchRollout: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollout",
    abstract: "Shows how a rollout goes on, until it has ended or is paused.")

  @Argument(help: ArgumentHelp("The rollout.", valueName: "name"))
  var rollout: String

  @Option(help: ArgumentHelp("Watch no longer than this.", valueName: "duration"))
  var timeout: DurationArgument?

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    try await RolloutWatch(rollout: rollout, timeout: timeout, output: output).run(
      connection.client())
  }
}

/// Follows a rollout to its end, and judges it.
struct RolloutWatch: Sendable {
  let rollout: String
  let timeout: DurationArgument?
  let output: OutputOptions

  func run(_ client: ManagementClient) async throws {
    let ended = try await within(timeout) {
      var last: RolloutDetail?
      try await client.follow(["rollouts", rollout, "watch"], of: RolloutDetail.self) { detail in
        last = detail
        try output.showNext(detail, name: detail.name) { RolloutText.summary(detail) }
        return detail.state == "running"
      }
      return last
    }
    guard let detail = ended ?? nil else {
      throw CommandFailure(.timedOut, DisplayText.escaped("\(rollout): still running"))
    }
    if detail.state != "done" {
      throw CommandFailure(.failed, DisplayText.escaped("\(detail.name) is \(detail.state)"))
    }
    if detail.counts.failed > 0 {
      throw CommandFailure(
        .failed, DisplayText.escaped("\(detail.name): \(detail.counts.failed) devices failed"))
    }
  }
}

/// What an operation gives if it ends in the time; nil otherwise.
@discardableResult
func within<Result: Sendable>(
  _ timeout: DurationArgument?, _ operation: @escaping @Sendable () async throws -> Result
) async throws -> Result? {
  guard let timeout else { return try await operation() }
  return try await withThrowingTaskGroup(of: Result?.self) { group in
    group.addTask { try await operation() }
    group.addTask {
      try await Task.sleep(for: .seconds(timeout.seconds))
      return nil
    }
    defer { group.cancelAll() }
    return try await group.next() ?? nil
  }
}
