import ArgumentParser
import DeviceSimulator
import Foundation
import Logging

/// `cpesim usp run`: agents that behave like real ones until they are interrupted.
struct USPRunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs a fleet of simulated USP agents until it is interrupted.",
    discussion: """
      The agents live in memory: when the command ends they are gone, and with the same serial numbers they come \
      back as they left the factory.
      """)

  @Option(name: .long, help: "How many agents.")
  var count = 1

  @OptionGroup var access: USPLinkOptions

  @Option(name: .long, help: "tr181 or a YAML file with a model of your own.")
  var model = "tr181"

  @Option(
    name: .long, help: "Seconds between Periodic!, until the controller sets PeriodicNotifInterval."
  )
  var interval = 300

  @Option(name: .long, help: "Over how many seconds the first boots are spread.")
  var bootSpread = 5.0

  @Option(name: .long, help: "Seconds from switching off to the new link.")
  var bootTime = 5.0

  @Option(name: .long, help: "Seconds that writing an image takes at most; at least a third of it.")
  var flashTime = 10.0

  @Option(name: .long, help: "Agent seconds for each second: makes intervals and waits shorter.")
  var timeScale = 1.0

  @Option(name: .long, help: "Percent of downloads that break off.")
  var failDownload = 0.0

  @Option(name: .long, help: "Percent of activations after which the old version runs again.")
  var failFlash = 0.0

  @Option(name: .long, help: "Percent of uploads that fail.")
  var failUpload = 0.0

  @Option(name: .long, help: "Percent of software module operations that fail.")
  var failSoftware = 0.0

  @Option(
    name: .long,
    help: """
      How diagnostics of a host end, as HOST=STATE such as .example=Error_Other; names under .invalid cannot be \
      resolved in any case; repeatable.
      """)
  var diagnosticError: [String] = []

  @Flag(
    name: .long,
    help: "Each agent is also a device of CWMP with the same serial number, at --acs.")
  var alsoCwmp = false

  @Option(name: .long, help: "The ACS's URL for that.")
  var acs = "http://127.0.0.1:7547/"

  @Option(name: .long, help: "Seconds until the command ends by itself; 0: not before Ctrl-C.")
  var duration = 0.0

  @Flag(name: .long, help: "Print only the summary.")
  var quiet = false

  func run() async throws {
    try ProgressPrinter.check(duration: duration, bootTime: bootTime, flashTime: flashTime)
    var options = try access.options(count: count)
    options.bootSpread = bootSpread
    options.timeScale = timeScale
    options.behaviour = try behaviour()
    try options.validate()
    let agentModel = try ModelChoice.agentModel(model)
    let printer = ProgressPrinter(isQuiet: quiet)
    let interrupted = Interruption.stream()
    let clock = Int64(Date().timeIntervalSince1970)
    var logger = Logger(label: "cpesim") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .error
    let fleet = try await AgentFleet.start(options, model: agentModel, clock: clock, logger: logger)
    { serial, note in note.text.map { printer.note(serial, $0) } }
    printer.started(options, agentModel)
    let devices = alsoCwmp ? try await startDevices(options, agentModel.device, clock) : nil
    await printer.follow(fleet, until: interrupted, duration: duration > 0 ? duration : nil)
    let counts = try await fleet.counts()
    try await devices?.stop()
    try await fleet.stop()
    printer.summary(counts)
  }

  private func behaviour() throws -> AgentBehaviour {
    var behaviour = AgentBehaviour()
    behaviour.bootTime = bootTime
    behaviour.flashTime = (flashTime / 3)...max(flashTime, flashTime / 3)
    behaviour.failDownload = failDownload
    behaviour.failFlash = failFlash
    behaviour.failUpload = failUpload
    behaviour.failSoftware = failSoftware
    behaviour.periodicInterval = interval
    behaviour.diagnosticErrors = try MischiefOptions.diagnosticErrors(diagnosticError)
    return behaviour
  }

  /// The same devices as CPEs of CWMP.
  private func startDevices(_ options: AgentOptions, _ model: DeviceModel, _ clock: Int64)
    async throws -> SimulatedFleet
  {
    let devices = FleetOptions(
      count: options.count, acsURL: acs, models: [model], username: options.username,
      password: options.password, serialPrefix: options.serialPrefix,
      serialOffset: options.serialOffset, periodicInformInterval: interval,
      bootSpread: bootSpread, timeScale: timeScale,
      behaviour: Behaviour(bootTime: bootTime), seed: options.seed)
    return try await SimulatedFleet.start(devices, clock: clock) { _, _ in }
  }
}
