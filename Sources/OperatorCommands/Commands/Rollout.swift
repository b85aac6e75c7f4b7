import ArgumentParser
import ManagementTypes

struct Rollout: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Follows and steers rollouts.",
    subcommands: [
      RolloutStatus.self, RolloutTargets.self, RolloutPause.self, RolloutResume.self,
      RolloutCancel.self,
    ])
}

struct RolloutStatus: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Shows how far a rollout is.")

  @Argument(help: ArgumentHelp("The rollout.", valueName: "name"))
  var rollout: String

  @Flag(name: [.customShort("w"), .long], help: "Go on until it has ended or is paused.")
  var watch = false

  @Option(help: ArgumentHelp("Watch no longer than this.", valueName: "duration"))
  var timeout: DurationArgument?

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let client = try connection.client()
    guard watch else {
      let detail: RolloutDetail = try await client.get(["rollouts", rollout])
      try output.show(detail, name: detail.name) { [RolloutText.summary(detail)] }
      return
    }
    try await RolloutWatch(rollout: rollout, timeout: timeout, output: output).run(client)
  }
}

struct RolloutTargets: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "targets", abstract: "Lists the devices of a rollout.")

  @Argument(help: ArgumentHelp("The rollout.", valueName: "name"))
  var rollout: String

  @Option(
    help: ArgumentHelp(
      "Only devices in this state: pending, preparing, prepared, active, done, skipped, failed, cancelled.",
      valueName: "state"))
  var state: String?

  @OptionGroup var list: ListOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let (targets, hasMore) = try await connection.client().list(
      ["rollouts", rollout, "targets"], .init(["state": state]), limit: list.limit,
      of: RolloutTargetDetail.self)
    let now = currentTime()
    try output.show(
      targets,
      table: {
        var table = TextTable("DEVICE", "STATE", "FROM", "TASK", "AGE", "DETAIL")
        for target in targets {
          table.add(
            target.device, target.state, target.fromVersion ?? "",
            target.task.map(String.init) ?? "", target.updatedAt.age(now: now),
            target.detail ?? "")
        }
        return table
      }, name: \.device)
    list.tellMore(hasMore)
  }
}

struct RolloutPause: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Begins no more devices until it is resumed.")

  @Argument(help: ArgumentHelp("The rollout.", valueName: "name"))
  var rollout: String

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    try await RolloutSteering(rollout: rollout, output: output).send(
      "pause", client: connection.client())
  }
}

struct RolloutResume: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Goes on with a paused rollout.")

  @Argument(help: ArgumentHelp("The rollout.", valueName: "name"))
  var rollout: String

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    try await RolloutSteering(rollout: rollout, output: output).send(
      "resume", client: connection.client())
  }
}

struct RolloutCancel: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "Ends a rollout for all devices that have not begun.")

  @Argument(help: ArgumentHelp("The rollout.", valueName: "name"))
  var rollout: String

  @Flag(name: [.customShort("y"), .long], help: "Do not ask whether it is meant.")
  var yes = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    if !yes { try Terminal.confirm("Cancel rollout \(rollout)?") }
    try await RolloutSteering(rollout: rollout, output: output).send(
      "cancel", client: connection.client())
  }
}

/// One of the verbs that change a rollout's course.
private struct RolloutSteering {
  let rollout: String
  let output: OutputOptions

  func send(_ verb: String, client: ManagementClient) async throws {
    let detail: RolloutDetail = try await client.post(["rollouts", rollout, verb])
    try output.show(detail, name: detail.name) { [RolloutText.summary(detail)] }
  }
}
