import ArgumentParser
import DeviceSimulator
import Foundation
import Logging

/// `cpesim usp bench`: measures a USP Controller.
struct USPBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures a USP Controller under load.",
    discussion: """
      First all links are made, and the controller asks what it wants to know; the requests that are answered in that \
      time are counted. When it has been quiet for a while, agents send Periodic! in turn, at moments that are fixed in \
      advance; latency counts from that moment to the NotifyResp. Agents need a subscription to Periodic!: the \
      controller's, or --factory-subscriptions.
      """)

  @OptionGroup var access: USPLinkOptions

  @Option(name: .long, help: "tr181 or a YAML file with a model of your own.")
  var model = "tr181"

  @Option(name: .long, help: "How many agents, each with a link.")
  var links = 1000

  @Option(name: .long, help: "Links that are made in a second.")
  var connectRate = 500.0

  @Option(name: .long, help: "Notifications in a second; 0: none.")
  var rate = 500.0

  @Option(name: .long, help: "Seconds that notifications are sent for.")
  var duration = 30.0

  @Option(name: .long, help: "Seconds without a request before they begin.")
  var quiet = 3.0

  @Option(name: .long, help: "Seconds after which they begin in any case.")
  var settle = 300.0

  @Option(name: .long, help: "poisson (as independent agents send) or even.")
  var spacing = ArrivalSchedule.Spacing.poisson

  @Option(
    name: .long, help: "The process whose CPU time and memory are counted as the controller's.")
  var acsdPid: Int32?

  @Option(
    name: .long, help: "The postmaster; its CPU time and that of all its children are counted.")
  var postgresPid: Int32?

  @Flag(name: .long, help: "Print one JSON object.")
  var json = false

  func run() async throws {
    var agents = try access.options(count: links)
    // Nothing of its own accord.
    agents.behaviour.periodicInterval = 86_400
    var options = AgentLoadOptions(agents: agents)
    options.connectRate = connectRate
    options.rate = rate
    options.duration = duration
    options.quiet = quiet
    options.settleTimeout = settle
    options.spacing = spacing
    options.acsdPID = acsdPid
    options.postgresPID = postgresPid
    let agentModel = try ModelChoice.agentModel(model)
    var logger = Logger(label: "cpesim") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .error
    let report = try await AgentLoad.run(
      options, model: agentModel, clock: Int64(Date().timeIntervalSince1970),
      logger: logger)
    print(json ? try report.json() : report.text())
    if report.links < links || report.acknowledged < report.planned { throw ExitCode(1) }
  }
}
