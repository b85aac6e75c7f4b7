import ArgumentParser
import DeviceSimulator
import Foundation

/// `cpesim run`: a fleet that behaves like real devices until it is interrupted.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs a fleet of simulated devices until it is interrupted.",
    discussion: """
      The devices live in memory: when the command ends they are gone, and with the same serial numbers they come \
      back as they left the factory.

      With --interactive, lines from standard input make devices do things of their own accord: WHAT for all of \
      them, or SERIAL WHAT for one. WHAT is as in --trigger: \(Trigger.forms.joined(separator: ", ")).
      """)

  @Option(name: .long, help: "How many devices.")
  var count = 1

  @OptionGroup var access: ACSOptions

  @OptionGroup var mischief: MischiefOptions

  @OptionGroup var security: TLSFileOptions

  @Option(
    name: .long,
    help: "tr181, tr098, mixed (both in turn), or a YAML file with a model of your own.")
  var model = "tr181"

  @Option(name: .long, help: "What serial numbers begin with.")
  var serialPrefix = "SIM"

  @Option(name: .long, help: "The number of the first device.")
  var serialOffset = 1

  @Option(
    name: .long,
    help: "Seconds between periodic Informs, until the ACS sets PeriodicInformInterval.")
  var interval = 300

  @Option(name: .long, help: "Over how many seconds the first boots are spread.")
  var bootSpread = 5.0

  @Option(name: .long, help: "Seconds from switching off to the Inform with 1 BOOT.")
  var bootTime = 5.0

  @Option(name: .long, help: "Seconds that writing an image takes at most; at least a third of it.")
  var flashTime = 10.0

  @Option(name: .long, help: "Device seconds for each second: makes intervals and waits shorter.")
  var timeScale = 1.0

  @Option(name: .long, help: "Percent of downloads that break off.")
  var failDownload = 0.0

  @Option(name: .long, help: "Percent of upgrades after which the old version runs again.")
  var failFlash = 0.0

  @Option(name: .long, help: "Percent of sessions that are dropped half-way.")
  var dropConnection = 0.0

  @Option(name: .long, help: "Percent of transfers whose TransferComplete is never sent.")
  var neverTransferComplete = 0.0

  @Option(name: .long, help: "Seconds after which a WAN address changes, on average; 0: never.")
  var changeWanAddress = 0.0

  @Option(name: .long, help: "Where chance begins; the same seed gives the same fleet.")
  var seed: UInt64 = 1

  @Option(name: .long, help: "Threads that the devices share.")
  var loops = 1

  @Option(
    name: .long, help: "The address at which the ACS reaches the devices for connection requests.")
  var connectionRequestHost = "127.0.0.1"

  @Option(name: .long, help: "The port for that; 0: any free one.")
  var connectionRequestPort = 0

  @Option(name: .long, help: "Seconds until the command ends by itself; 0: not before Ctrl-C.")
  var duration = 0.0

  @Flag(name: .long, help: "Take triggers from standard input.")
  var interactive = false

  @Flag(name: .long, help: "Print only the summary.")
  var quiet = false

  func run() async throws {
    try ProgressPrinter.check(duration: duration, bootTime: bootTime, flashTime: flashTime)
    let credential = try access.credential()
    let options = FleetOptions(
      count: count, acsURL: access.acs, models: try ModelChoice.models(model, .complete),
      username: credential?.username, password: credential?.password ?? "",
      serialPrefix: serialPrefix, serialOffset: serialOffset, periodicInformInterval: interval,
      bootSpread: bootSpread, timeScale: timeScale,
      behaviour: .init(
        bootTime: bootTime, flashTime: (flashTime / 3)...max(flashTime, flashTime / 3),
        failDownload: failDownload, failFlash: failFlash,
        neverTransferComplete: neverTransferComplete, failures: try mischief.failures(),
        wanAddressChange: changeWanAddress > 0 ? changeWanAddress : nil,
        diagnosticErrors: try mischief.diagnosticErrors(), quirks: try mischief.quirks(),
        triggers: try mischief.triggers()),
      dropConnection: dropConnection, seed: seed, loops: loops,
      connectionRequestHost: connectionRequestHost, connectionRequestPort: connectionRequestPort,
      tls: TLSOptions(
        authorities: security.ca, certificate: security.certificate, key: security.key))
    try options.validate()
    let printer = ProgressPrinter(isQuiet: quiet)
    let interrupted = Interruption.stream()
    let fleet = try await SimulatedFleet.start(options, clock: Int64(Date().timeIntervalSince1970))
    { serial, note in note.text.map { printer.note(serial, $0) } }
    printer.started(options)
    let lines = interactive ? TriggerLines(fleet: fleet) : nil
    lines?.start()
    await printer.follow(fleet, until: interrupted, duration: duration > 0 ? duration : nil)
    let counts = try await fleet.counts()
    try await fleet.stop()
    printer.summary(counts)
  }
}
