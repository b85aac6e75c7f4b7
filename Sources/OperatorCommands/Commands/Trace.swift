import ArgumentParser
import ManagementTypes

struct Trace: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Keeps a device's messages for a time, and shows them as they come.",
    discussion: """
      Credentials in them are blanked. The messages are kept on the server; “acsctl get trace NAME” shows them later. \
      Ctrl-C ends the view, not the trace; --off ends the trace, and keeps what is there.

        acsctl trace NAME --for 1h
        acsctl trace NAME --off
      """)

  @Argument(help: ArgumentHelp("The device.", valueName: "name"))
  var device: String

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("How long its messages are kept.", valueName: "duration"))
  var length = DurationArgument(seconds: 600)

  @Flag(help: "Keep no more of its messages.")
  var off = false

  @Flag(inversion: .prefixedNo, help: "Show the messages as they come.")
  var follow = true

  @Option(help: ArgumentHelp("End the view after so many messages; 0: never.", valueName: "number"))
  var count = 0

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard count >= 0 else { throw ValidationError("--count must not be negative") }
  }

  func run() async throws {
    let client = try connection.client()
    if off {
      try await client.delete(["devices", device, "trace"])
      Terminal.note(DisplayText.escaped("\(device): not traced any more"))
      return
    }
    try await client.put(
      ["devices", device, "trace"], body: NewTrace(seconds: Int(length.seconds)))
    Terminal.note(
      DisplayText.escaped("\(device): traced for \(AgeText.length(length.seconds))"))
    guard follow else { return }
    try await within(length) {
      var shown = 0
      try await client.follow(["devices", device, "trace", "watch"], of: TraceEntry.self) { entry in
        try output.showNext(entry, name: String(entry.id)) {
          TraceText.lines(entry).joined(separator: "\n")
        }
        shown += 1
        return count == 0 || shown < count
      }
    }
  }
}

struct GetTrace: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace", abstract: "Lists the kept messages of a device, the oldest first.",
    discussion: "With -o wide they are shown in full. “acsctl trace” makes the server keep them.")

  @Argument(help: ArgumentHelp("The device.", valueName: "name"))
  var device: String

  @Option(help: ArgumentHelp("Only the messages of this session.", valueName: "number"))
  var session: Int64?

  @Option(help: ArgumentHelp("Show at most so many; 0 shows all.", valueName: "number"))
  var limit = 0

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  /// What the server gives at a time.
  private static let pageSize = 100

  func run() async throws {
    let (all, hasMore) = try await connection.client().list(
      ["devices", device, "trace"], limit: limit, pageSize: Self.pageSize, of: TraceEntry.self)
    let entries = all.filter { session == nil || $0.session == session }
    if output.isWide, !entries.isEmpty {
      Terminal.write(entries.flatMap(TraceText.lines))
    } else {
      try output.show(entries, table: { TraceText.table(entries) }, name: { String($0.id) })
    }
    if hasMore { Terminal.note("… and more; --limit 0 shows all") }
  }
}

/// Messages as a person reads them.
enum TraceText {
  static func table(_ entries: [TraceEntry]) -> TextTable {
    var table = TextTable("ID", "AT", "SESSION", "FROM", "METHOD", "SIZE", "HEAD")
    for entry in entries {
      table.add(
        String(entry.id), entry.at.description, String(entry.session), source(entry),
        entry.method ?? "", SizeText.bytes(Int64(entry.bodySize)), entry.head)
    }
    return table
  }

  /// A line that says what follows, the head, and the body with its own lines; all escaped.
  static func lines(_ entry: TraceEntry) -> [String] {
    var lines = [
      "── \(entry.at)  \(source(entry))  \(entry.method.map { $0 + "  " } ?? "")session \(entry.session)  \(entry.peer)",
      entry.head,
    ]
    lines += entry.headers.map { "\($0.name): \($0.value)" }
    if !entry.body.isEmpty {
      lines.append("")
      lines += entry.body.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        .map(String.init)
    }
    let kept = entry.body.utf8.count
    if kept < entry.bodySize {
      lines.append("… \(SizeText.bytes(Int64(entry.bodySize))) in all")
    }
    return (lines + [""]).map(DisplayText.escaped)
  }

  private static func source(_ entry: TraceEntry) -> String {
    entry.direction == "in" ? "device" : "server"
  }
}
