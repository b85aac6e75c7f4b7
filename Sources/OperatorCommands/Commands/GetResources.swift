import ArgumentParser
import ManagementTypes

struct GetFiles: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "files", abstract: "Lists stored files, or reads one back.",
    discussion: """
      With --save what is in the file is written to a place here, which the audit log tells.

        acsctl get files
        acsctl get file 3f2a9c --save box.cfg
      """, aliases: ["file"])

  @Argument(help: "SHA-256s of files, or their first digits (6 or more); none lists all.")
  var files: [String] = []

  @Option(
    help: ArgumentHelp("Where to put what is in the file; - writes it out.", valueName: "path"),
    completion: .file())
  var save: String?

  @OptionGroup var list: ListOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    if save != nil, files.count != 1 { throw ValidationError("--save goes with one SHA-256") }
  }

  func run() async throws {
    let client = try connection.client()
    if let save, let digits = files.first {
      try SavedFile.check(save)
      let file = try await StoredFile.find(digits, client: client)
      try await SavedFile.save(file.sha256, at: save, client: client)
      return
    }
    var found: [FileDetail] = []
    var hasMore = false
    if files.isEmpty {
      (found, hasMore) = try await client.list(["files"], limit: list.limit)
    } else {
      for digits in files { found.append(try await StoredFile.find(digits, client: client)) }
    }
    let now = currentTime()
    let rows = found
    try output.show(
      rows,
      table: {
        var table = TextTable("SHA256", "NAME", "VERSION", "SIZE", "AGE", "BY")
        for file in rows {
          table.add(
            output.isWide ? file.sha256 : String(file.sha256.prefix(12)), file.name, file.version,
            SizeText.bytes(file.size), file.createdAt.age(now: now), file.createdBy)
        }
        return table
      }, name: \.sha256)
    list.tellMore(hasMore)
  }
}

struct GetRollouts: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollouts", abstract: "Lists rollouts, the newest first.", aliases: ["rollout"])

  @OptionGroup var list: ListOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let (rollouts, hasMore) = try await connection.client().list(
      ["rollouts"], limit: list.limit, of: RolloutDetail.self)
    try output.show(
      rollouts, table: { RolloutText.table(rollouts, isWide: output.isWide) }, name: \.name)
    list.tellMore(hasMore)
  }
}

struct GetSwitches: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "switches", abstract: "Lists what devices of some make need differently.",
    discussion: "With -o wide also the text that was applied.")

  @Argument(help: "Names of documents; none lists all.")
  var names: [String] = []

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let client = try connection.client()
    var switches: [SwitchesDetail] = []
    if names.isEmpty {
      let page: Page<SwitchesDetail> = try await client.get(["switches"])
      switches = page.items
    } else {
      for name in names { switches.append(try await client.get(["switches", name])) }
    }
    let now = currentTime()
    let rows = switches
    try output.show(
      rows,
      table: {
        var table =
          output.isWide
          ? TextTable("NAME", "DEVICES", "AGE", "BY", "DOCUMENT")
          : TextTable("NAME", "DEVICES", "AGE", "BY")
        for row in rows {
          table.add(
            row.name, row.selector, row.updatedAt.age(now: now), row.appliedBy, row.document)
        }
        return table
      }, name: \.name)
  }
}
