import ArgumentParser
import DeviceSimulator
import Foundation

extension LoadOptions.Scenario: ExpressibleByArgument {}
extension ArrivalSchedule.Spacing: ExpressibleByArgument {}

/// `cpesim bench`: measures an ACS with sessions that come when they are due, not when it has time.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures an ACS under load.",
    discussion: """
      Sessions start at times that are fixed in advance. Latency counts from the intended start; a session that \
      starts late because the server is slow is counted with its waiting. What the ACS sets is confirmed and not \
      kept.
      """)

  @Option(
    name: .long,
    help: "first-boot (each device new; it answers whatever the ACS asks) or periodic.")
  var scenario = LoadOptions.Scenario.periodic

  @OptionGroup var access: ACSOptions

  @Option(name: .long, help: "tr181, tr098 or a YAML file.")
  var model = "tr181"

  @Option(name: .long, help: "How many devices.")
  var devices = 10_000

  @Option(name: .long, help: "Sessions per second.")
  var rate = 500.0

  @Option(
    name: .long, help: "Seconds that are measured; without it, each device has one session.")
  var duration: Double?

  @Option(name: .long, help: "Seconds before that which do not count.")
  var warmUp = 0.0

  @Option(name: .long, help: "Connections at a time.")
  var connections = 512

  @Option(name: .long, help: "poisson (as independent devices come) or even.")
  var spacing = ArrivalSchedule.Spacing.poisson

  @Option(name: .long, help: "Where chance begins.")
  var seed: UInt64 = 1

  @Option(name: .long, help: "What serial numbers begin with.")
  var serialPrefix = "LOAD"

  @Option(name: .long, help: "The number of the first device.")
  var serialOffset = 1

  @Option(name: .long, help: "The process whose CPU time is counted as the ACS's.")
  var acsdPid: Int32?

  @Option(
    name: .long, help: "The postmaster; its CPU time and that of all its children are counted.")
  var postgresPid: Int32?

  @Flag(name: .long, help: "Print one JSON object.")
  var json = false

  func run() async throws {
    let models = try ModelChoice.models(model, .basic)
    guard let model = models.first, models.count == 1 else {
      throw ValidationError("a load run has one model")
    }
    let credential = try access.credential()
    let options = LoadOptions(
      scenario: scenario, acsURL: access.acs, model: model, devices: devices, rate: rate,
      duration: duration, warmUp: warmUp, connections: connections, spacing: spacing, seed: seed,
      serialPrefix: serialPrefix, serialOffset: serialOffset, username: credential?.username,
      password: credential?.password ?? "", acsdPID: acsdPid, postgresPID: postgresPid)
    let report = try await LoadRun.run(options, clock: Int64(Date().timeIntervalSince1970))
    print(json ? try report.json() : report.text())
    if report.succeeded < report.sessions { throw ExitCode(1) }
  }
}
