import ArgumentParser
import ManagementTypes

struct Diagnose: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lets devices measure something, and shows the results.",
    discussion: """
      The device measures from where it stands, for example whether it reaches its provider's servers. With -o json \
      the results are shown as the device tells them.

        acsctl diagnose ping NAME acs.example.net --repetitions 5
        acsctl diagnose download NAME http://speed.example.net/100MB
        acsctl diagnose wifi-neighbors NAME
      """,
    subcommands: [
      DiagnosePing.self, DiagnoseTraceRoute.self, DiagnoseDownload.self, DiagnoseUpload.self,
      DiagnoseNSLookup.self, DiagnoseWiFiNeighbors.self,
    ])

  static let patience: Double = 600
}

/// What several measurements take.
struct DiagnosisOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The path of the interface to use, for example Device.IP.Interface.1.; else the device chooses.",
      valueName: "path"))
  var interface: String?

  @Option(help: ArgumentHelp("The DSCP of the packets, 0 to 63.", valueName: "number"))
  var dscp: Int?

  var arguments: [String: JSONValue] {
    ["interface": interface.map { .string($0) }, "dscp": dscp.map { .integer(Int64($0)) }]
      .compactMapValues { $0 }
  }
}

/// What measurements take that send some packets and wait for answers.
struct ProbeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How many times; else the device's own.", valueName: "number"))
  var repetitions: Int?

  @Option(
    help: ArgumentHelp("How long the device waits for an answer.", valueName: "milliseconds"))
  var replyTimeout: Int?

  var arguments: [String: JSONValue] {
    [
      "repetitions": repetitions.map { .integer(Int64($0)) },
      "timeout": replyTimeout.map { .integer(Int64($0)) },
    ].compactMapValues { $0 }
  }
}

/// A measurement.
protocol DiagnoseCommand: OrderCommand {
  static var diagnosis: String { get }
  /// The member of the order that is the word after the device's name, and what a person calls it; nil: there is none.
  static var subject: (member: String, word: String)? { get }
  var words: [String] { get }
  var arguments: [String: JSONValue] { get }
}

extension DiagnoseCommand {
  var patience: Double { Diagnose.patience }

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    var order = TaskOrder(kind: "diagnose", arguments)
    order.arguments["diagnosis"] = .string(Self.diagnosis)
    guard let subject = Self.subject else { return (order, try options.onlyTarget(words)) }
    let target = try options.target(words)
    guard let word = target.rest.first, target.rest.count == 1 else {
      throw ValidationError(
        target.rest.isEmpty
          ? "no \(subject.word) given" : "more than one \(subject.word) given")
    }
    order.arguments[subject.member] = .string(word)
    return (order, target.target)
  }
}

struct DiagnosePing: DiagnoseCommand {
  static let configuration = CommandConfiguration(
    commandName: "ping", abstract: "Whether a host answers, and how fast.",
    usage: "acsctl diagnose ping NAME HOST\nacsctl diagnose ping --selector SELECTOR HOST")
  static let diagnosis = "ping"
  static let subject: (member: String, word: String)? = ("host", "HOST")

  @Argument(help: "The device's name (without --selector) and a host.")
  var words: [String] = []

  @OptionGroup var probe: ProbeOptions

  @Option(help: ArgumentHelp("Bytes of each packet.", valueName: "bytes"))
  var size: Int?

  @OptionGroup var network: DiagnosisOptions
  @OptionGroup var options: OrderOptions

  var arguments: [String: JSONValue] {
    var arguments = network.arguments.merging(probe.arguments) { $1 }
    arguments["dataBlockSize"] = size.map { .integer(Int64($0)) }
    return arguments
  }
}

struct DiagnoseTraceRoute: DiagnoseCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace-route", abstract: "Over which hosts the way to a host leads.",
    usage:
      "acsctl diagnose trace-route NAME HOST\nacsctl diagnose trace-route --selector SELECTOR HOST")
  static let diagnosis = "traceRoute"
  static let subject: (member: String, word: String)? = ("host", "HOST")

  @Argument(help: "The device's name (without --selector) and a host.")
  var words: [String] = []

  @OptionGroup var probe: ProbeOptions

  @Option(help: ArgumentHelp("Bytes of each packet.", valueName: "bytes"))
  var size: Int?

  @Option(help: ArgumentHelp("How many hosts on the way at the most.", valueName: "number"))
  var maxHops: Int?

  @OptionGroup var network: DiagnosisOptions
  @OptionGroup var options: OrderOptions

  var arguments: [String: JSONValue] {
    var arguments = network.arguments.merging(probe.arguments) { $1 }
    arguments["dataBlockSize"] = size.map { .integer(Int64($0)) }
    arguments["maxHopCount"] = maxHops.map { .integer(Int64($0)) }
    return arguments
  }
}

struct DiagnoseDownload: DiagnoseCommand {
  static let configuration = CommandConfiguration(
    commandName: "download", abstract: "How fast a file comes from a server; the file is dropped.",
    usage: "acsctl diagnose download NAME URL\nacsctl diagnose download --selector SELECTOR URL")
  static let diagnosis = "download"
  static let subject: (member: String, word: String)? = ("url", "URL")

  @Argument(help: "The device's name (without --selector) and the file's address.")
  var words: [String] = []

  @OptionGroup var network: DiagnosisOptions
  @OptionGroup var options: OrderOptions

  var arguments: [String: JSONValue] { network.arguments }
}

struct DiagnoseUpload: DiagnoseCommand {
  static let configuration = CommandConfiguration(
    commandName: "upload", abstract: "How fast bytes go to a server.",
    usage:
      "acsctl diagnose upload NAME URL --size BYTES\nacsctl diagnose upload --selector SELECTOR URL --size BYTES"
  )
  static let diagnosis = "upload"
  static let subject: (member: String, word: String)? = ("url", "URL")

  @Argument(help: "The device's name (without --selector) and the address to send to.")
  var words: [String] = []

  @Option(help: ArgumentHelp("How many bytes are sent.", valueName: "bytes"))
  var size: Int

  @OptionGroup var network: DiagnosisOptions
  @OptionGroup var options: OrderOptions

  var arguments: [String: JSONValue] {
    network.arguments.merging(["fileLength": .integer(Int64(size))]) { $1 }
  }
}

struct DiagnoseNSLookup: DiagnoseCommand {
  static let configuration = CommandConfiguration(
    commandName: "nslookup", abstract: "Which addresses a name has.",
    usage: "acsctl diagnose nslookup NAME HOST\nacsctl diagnose nslookup --selector SELECTOR HOST")
  static let diagnosis = "nsLookup"
  static let subject: (member: String, word: String)? = ("host", "HOST")

  @Argument(help: "The device's name (without --selector) and the name to look up.")
  var words: [String] = []

  @Option(help: ArgumentHelp("The DNS server to ask; else the device's own.", valueName: "host"))
  var dnsServer: String?

  @Option(
    help: ArgumentHelp(
      "The path of the interface to use; else the device chooses.", valueName: "path"))
  var interface: String?

  @OptionGroup var probe: ProbeOptions
  @OptionGroup var options: OrderOptions

  var arguments: [String: JSONValue] {
    var arguments = probe.arguments
    arguments["server"] = dnsServer.map { .string($0) }
    arguments["interface"] = interface.map { .string($0) }
    return arguments
  }
}

struct DiagnoseWiFiNeighbors: DiagnoseCommand {
  static let configuration = CommandConfiguration(
    commandName: "wifi-neighbors", abstract: "Which wireless networks the device hears.",
    usage: "acsctl diagnose wifi-neighbors NAME\nacsctl diagnose wifi-neighbors --selector SELECTOR"
  )
  static let diagnosis = "wifiNeighbors"
  static let subject: (member: String, word: String)? = nil

  @Argument(help: "The device's name (without --selector).")
  var words: [String] = []

  @OptionGroup var options: OrderOptions

  var arguments: [String: JSONValue] { [:] }
}
