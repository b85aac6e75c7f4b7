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
      Measure<Ping>.self, Measure<TraceRoute>.self, Measure<DownloadSpeed>.self,
      Measure<UploadSpeed>.self, Measure<NameLookup>.self, Measure<WiFiNeighbors>.self,
    ])
}

/// What a measurement takes, and what it is called.
protocol Measurement: ParsableArguments {
  static var command: String { get }
  static var abstract: String { get }
  /// As an order names it.
  static var diagnosis: String { get }
  /// The member of the order that is the word after the device's name, and what a person calls it; nil: there is none.
  static var subject: (member: String, word: String)? { get }
  /// Options that have to be given, with a blank before each.
  static var required: String { get }
  var arguments: [String: JSONValue] { get }
}

extension Measurement {
  static var required: String { "" }
}

/// The command for a measurement.
struct Measure<Kind: Measurement>: OrderCommand {
  static var configuration: CommandConfiguration {
    let rest = (Kind.subject.map { " " + $0.word } ?? "") + Kind.required
    return CommandConfiguration(
      commandName: Kind.command, abstract: Kind.abstract,
      usage: """
        acsctl diagnose \(Kind.command) NAME\(rest)
        acsctl diagnose \(Kind.command) --selector SELECTOR\(rest)
        """)
  }

  @Argument(help: "The device's name (without --selector), then what the usage shows.")
  var words: [String] = []

  @OptionGroup var kind: Kind
  @OptionGroup var options: OrderOptions

  var patience: Double { 600 }

  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target) {
    var order = TaskOrder(kind: "diagnose", kind.arguments)
    order.arguments["diagnosis"] = .string(Kind.diagnosis)
    guard let subject = Kind.subject else { return (order, try options.onlyTarget(words)) }
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

// MARK: - What several measurements take

struct InterfaceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The path of the interface to use, for example Device.IP.Interface.1.; else the device chooses.",
      valueName: "path"))
  var interface: String?

  var arguments: [String: JSONValue] {
    ["interface": interface.map { .string($0) }].compactMapValues { $0 }
  }
}

/// For measurements that send to a host.
struct NetworkOptions: ParsableArguments {
  @OptionGroup var interface: InterfaceOptions

  @Option(help: ArgumentHelp("The DSCP of the packets, 0 to 63.", valueName: "number"))
  var dscp: Int?

  var arguments: [String: JSONValue] {
    var arguments = interface.arguments
    arguments["dscp"] = dscp.map { .integer(Int64($0)) }
    return arguments
  }
}

/// For measurements that ask some times and wait for answers.
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

/// For measurements that send packets and wait for answers.
struct PacketOptions: ParsableArguments {
  @OptionGroup var probe: ProbeOptions

  @Option(help: ArgumentHelp("Bytes of each packet.", valueName: "bytes"))
  var size: Int?

  @OptionGroup var network: NetworkOptions

  var arguments: [String: JSONValue] {
    var arguments = network.arguments.merging(probe.arguments) { $1 }
    arguments["dataBlockSize"] = size.map { .integer(Int64($0)) }
    return arguments
  }
}

// MARK: - The measurements

struct Ping: Measurement {
  static let command = "ping"
  static let abstract = "Whether a host answers, and how fast."
  static let diagnosis = "ping"
  static let subject: (member: String, word: String)? = ("host", "HOST")

  @OptionGroup var packets: PacketOptions

  var arguments: [String: JSONValue] { packets.arguments }
}

struct TraceRoute: Measurement {
  static let command = "trace-route"
  static let abstract = "Over which hosts the way to a host leads."
  static let diagnosis = "traceRoute"
  static let subject: (member: String, word: String)? = ("host", "HOST")

  @OptionGroup var packets: PacketOptions

  @Option(help: ArgumentHelp("How many hosts on the way at the most.", valueName: "number"))
  var maxHops: Int?

  var arguments: [String: JSONValue] {
    var arguments = packets.arguments
    arguments["maxHopCount"] = maxHops.map { .integer(Int64($0)) }
    return arguments
  }
}

struct DownloadSpeed: Measurement {
  static let command = "download"
  static let abstract = "How fast a file comes from a server; the file is dropped."
  static let diagnosis = "download"
  static let subject: (member: String, word: String)? = ("url", "URL")

  @OptionGroup var network: NetworkOptions

  var arguments: [String: JSONValue] { network.arguments }
}

struct UploadSpeed: Measurement {
  static let command = "upload"
  static let abstract = "How fast bytes go to a server."
  static let diagnosis = "upload"
  static let subject: (member: String, word: String)? = ("url", "URL")
  static let required = " --size BYTES"

  @Option(help: ArgumentHelp("How many bytes are sent.", valueName: "bytes"))
  var size: Int

  @OptionGroup var network: NetworkOptions

  var arguments: [String: JSONValue] {
    network.arguments.merging(["fileLength": .integer(Int64(size))]) { $1 }
  }
}

struct NameLookup: Measurement {
  static let command = "nslookup"
  static let abstract = "Which addresses a name has."
  static let diagnosis = "nsLookup"
  static let subject: (member: String, word: String)? = ("host", "HOST")

  @Option(help: ArgumentHelp("The DNS server to ask; else the device's own.", valueName: "host"))
  var dnsServer: String?

  @OptionGroup var interface: InterfaceOptions
  @OptionGroup var probe: ProbeOptions

  var arguments: [String: JSONValue] {
    var arguments = probe.arguments.merging(interface.arguments) { $1 }
    arguments["server"] = dnsServer.map { .string($0) }
    return arguments
  }
}

struct WiFiNeighbors: Measurement {
  static let command = "wifi-neighbors"
  static let abstract = "Which wireless networks the device hears."
  static let diagnosis = "wifiNeighbors"
  static let subject: (member: String, word: String)? = nil

  var arguments: [String: JSONValue] { [:] }
}
