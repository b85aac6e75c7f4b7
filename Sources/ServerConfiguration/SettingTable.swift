/// All settings: the one source of the flags and their help, the environment variables, the file's keys,
/// `acsd config show`, and `Documentation/configuration.md`.
package enum SettingTable {
  package static let all: [Setting] =
    general + cwmp + files + api + traces + store + tasks + discovery + connectionRequests + stun
    + xmpp + usp + mqtt + stomp + models + rest

  package static let byPath = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })

  /// The names that hold further keys: `cwmp`, `files` …
  package static let sections = Set(
    all.compactMap {
      $0.path.contains(".") ? $0.path.split(separator: ".").first.map(String.init) : nil
    })

  private static let general: [Setting] = [
    .text(
      "dataDirectory", \.dataDirectory, .directory,
      """
      Where the server keeps what it owns: the private database cluster, the stored files, the first operator's token. \
      A relative path counts from the directory in which the server is started. \
      For a service, `/var/lib/fairlead` is the usual place.
      """),
    .text(
      "database", \.database, .connectionString, isSecret: true,
      """
      The PostgreSQL database to use, as a libpq connection string or URI. \
      Empty: the server runs a private cluster in its data directory. \
      A password is better kept in a password file (`PGPASSFILE`) than here.
      """),
    .choice("log.level", \.log.level, "The least serious messages that are logged."),
    .choice(
      "log.format", \.log.format,
      "How messages are written to standard error: for people, or one JSON object a line."),
  ]

  private static let files: [Setting] = [
    .text("files.host", \.files.host, .host, "The address on which files are served to devices."),
    .count(
      "files.port", \.files.port, 0...65_535,
      "The TCP port on which files are served to devices. 0: any free one, told when the server has started."
    ),
    .text(
      "files.url", \.files.url, .baseURL,
      """
      The URL under which devices reach the file server, where that is not plain. \
      Empty: the address at which the device reached the server, with `files.port`.
      """),
    .size(
      "files.maxSize", \.files.maxSize, (1 << 10)...(1 << 40), "The largest file that is stored."),
    .size(
      "files.maxUpload", \.files.maxUpload, (1 << 10)...(1 << 40),
      "The largest file that a device may send where a task asks for it."),
    .count(
      "files.maxConnections", \.files.maxConnections, 1...1_000_000,
      "How many devices may fetch files at once; further ones wait."),
    .duration(
      "files.idleTimeout", \.files.idleTimeout, 1_000...3_600_000,
      "How long a connection may stay open without a request."),
    .duration(
      "files.stallTimeout", \.files.stallTimeout, 1_000...3_600_000,
      "How long a device may take nothing of a file under way before its connection is closed."),
    .duration(
      "files.linkLifetime", \.files.linkLifetime, 60_000...2_592_000_000,
      "How long a link that was given to a device works."),
    .duration(
      "files.sweepInterval", \.files.sweepInterval, 1_000...604_800_000,
      """
      The pause between two looks through `files.directory` for files that the database does not know of; they are removed. \
      The first is one pause after the start.
      """),
    .duration(
      "files.sweepAge", \.files.sweepAge, 60_000...31_536_000_000,
      "How old a file must be that is removed because the database does not know of it."),
    .text(
      "files.directory", \.files.directory, .directory,
      "Where stored files are kept. Empty: `files` in the data directory."),
  ]

  private static let traces: [Setting] = [
    .count(
      "traces.devices", \.traces.devices, 0...10_000,
      "How many devices may be traced at a time."),
    .count(
      "traces.messages", \.traces.messages, 10...100_000,
      "How many messages of one device are kept; the oldest go first."),
    .size(
      "traces.size", \.traces.size, (64 << 10)...(1 << 30),
      "How large the kept messages of one device may be together; the oldest go first."),
    .size(
      "traces.maxBody", \.traces.maxBody, (1 << 10)...(16 << 20),
      "How much of one message is kept."),
    .count(
      "traces.claims", \.traces.claims, 0...10_000,
      """
      How many exchanges a minute are kept of devices that are turned away and say that they are a traced one; \
      they take up a tenth of what is kept of it at the most.
      """),
    .duration(
      "traces.retention", \.traces.retention, 60_000...2_592_000_000,
      "How long messages are kept, and a trace may be switched on."),
  ]

  private static let api: [Setting] = [
    .text(
      "api.host", \.api.host, .host,
      """
      The address of the management API. \
      It speaks plain HTTP, so beyond the machine itself it belongs behind a TLS proxy.
      """),
    .count(
      "api.port", \.api.port, 0...65_535,
      "The TCP port of the management API. 0: any free one, told when the server has started."),
    .size(
      "api.maxBody", \.api.maxBody, (4 << 10)...(256 << 20),
      "The largest request body that the API takes, uploads of files aside."),
    .count(
      "api.pageLimit", \.api.pageLimit, 1...10_000,
      "How many items the API gives in one page at most."),
    .count(
      "api.maxStreams", \.api.maxStreams, 0...10_000,
      "How many live views (server-sent events) the API serves at a time."),
  ]

  private static let store: [Setting] = [
    .count(
      "store.connections", \.store.connections, 2...512,
      "How many connections to the database the server holds for reads and rare writes."),
    .count(
      "store.committers", \.store.committers, 1...16,
      "How many threads commit what sessions bring home, each with a connection of its own."),
    .duration(
      "store.commitDelay", \.store.commitDelay, 0...1_000, unit: .milliseconds,
      "How long a write waits at most for others to join its transaction."),
    .count(
      "store.commitBatch", \.store.commitBatch, 1...4096,
      "How many devices one transaction writes at most."),
    .duration(
      "store.statementTimeout", \.store.statementTimeout, 1_000...3_600_000,
      "How long a statement may run in the database."),
    .count(
      "store.queueLimit", \.store.queueLimit, 1...1_000_000,
      """
      How many writes may wait for the database. \
      Beyond it, new sessions are answered 503 and asked to come back later.
      """),
    .size(
      "store.maxVolatile", \.store.maxVolatile, 256...65_536,
      "How much of the values that come with every Inform is kept beside a device's state."),
  ]

  private static let tasks: [Setting] = [
    .count(
      "tasks.maxAttempts", \.tasks.maxAttempts, 1...100,
      "How often a task is sent to a device before it counts as failed."),
    .duration(
      "tasks.readLifetime", \.tasks.readLifetime, 1_000...31_536_000_000,
      "How long a get or refresh waits for its device before it expires, where the order says nothing else."
    ),
    .duration(
      "tasks.writeLifetime", \.tasks.writeLifetime, 1_000...31_536_000_000,
      "How long a set, add or delete waits for its device."),
    .duration(
      "tasks.restartLifetime", \.tasks.restartLifetime, 1_000...31_536_000_000,
      "How long a reboot or factory reset waits for its device."),
    .duration(
      "tasks.downloadLifetime", \.tasks.downloadLifetime, 1_000...31_536_000_000,
      "How long a download waits for its device."),
    .duration(
      "tasks.retryDelay", \.tasks.retryDelay, 1_000...86_400_000,
      "The pause before the second attempt; it doubles with every further one."),
    .duration(
      "tasks.retryCap", \.tasks.retryCap, 1_000...604_800_000,
      "The longest pause between two attempts."),
    .duration(
      "tasks.bootWithin", \.tasks.bootWithin, 10_000...86_400_000,
      "How long a device may take to come back after a reboot or a factory reset."),
    .duration(
      "tasks.transferWithin", \.tasks.transferWithin, 10_000...604_800_000,
      "How long a device may take to fetch a file and say so."),
    .duration(
      "tasks.verifyWithin", \.tasks.verifyWithin, 10_000...604_800_000,
      "How long a device may take to report the expected version after it fetched the image."),
    .duration(
      "tasks.fileWithin", \.tasks.fileWithin, 1_000...86_400_000,
      "How long after a device has reported the end of an upload its file may still arrive."),
    .duration(
      "tasks.contactWithin", \.tasks.contactWithin, 10_000...604_800_000,
      "How long after its time a call that was scheduled may come."),
    .duration(
      "tasks.softwareWithin", \.tasks.softwareWithin, 10_000...604_800_000,
      "How long a device may take to change its software and say so."),
    .duration(
      "tasks.diagnosisWithin", \.tasks.diagnosisWithin, 10_000...604_800_000,
      "How long a measurement of a device may take."),
    .count(
      "tasks.retentionDays", \.tasks.retentionDays, 1...3650,
      "How many days a task is kept after its end."),
  ]

  private static let discovery: [Setting] = [
    .count(
      "discovery.batchSize", \.discovery.batchSize, 1...10_000,
      """
      How many parameter values are asked for in one request to a device not met before. \
      It is halved for a device that fails on it.
      """),
    .count(
      "discovery.maxParameters", \.discovery.maxParameters, 100...1_000_000,
      "How many parameters of one device are kept."),
    .size(
      "discovery.requestBytes", \.discovery.requestBytes, 1024...(1 << 20),
      "The largest request for values that is sent to a device."),
    .size(
      "discovery.maxBytes", \.discovery.maxBytes, (64 << 10)...(1 << 30),
      "How much the values of one device may be together that are taken in one reading."),
    .duration(
      "discovery.retryDelay", \.discovery.retryDelay, 1_000...604_800_000,
      """
      The pause before a device's tree is read again when three readings have broken, one after the other; it doubles with \
      every further one.
      """
    ),
  ]

  private static let models: [Setting] = [
    .size(
      "models.maxSize", \.models.maxSize, (64 << 10)...(256 << 20),
      "How large the documents of an imported data model may be together."),
    .count(
      "models.maxDocuments", \.models.maxDocuments, 1...2_000,
      "How many documents an imported data model may consist of."),
    .count(
      "models.maxImported", \.models.maxImported, 0...1_000,
      "How many data models may be imported; each takes up to some 20 MB of memory on every node."),
    .count(
      "models.maxSupported", \.models.maxSupported, 0...100_000,
      """
      Of how many firmwares is kept what they support; those of which no device was read for longest go first. \
      0: of none.
      """),
    .count(
      "models.supportedDevices", \.models.supportedDevices, 1...1_000,
      "From the trees of how many devices it is put together what a firmware supports."),
    .duration(
      "models.supportedInterval", \.models.supportedInterval, 1_000...86_400_000,
      "The pause between two looks for trees that have been read and tell what a firmware supports."
    ),
  ]

  private static let rest: [Setting] = [
    .optionalList(
      "facts", \.facts, .parameterName,
      """
      The parameters by which devices can be searched quickly, without the root, \
      for example `DeviceInfo.SoftwareVersion`. Empty: the standard list.
      """),
    .count(
      "events.retentionDays", \.events.retentionDays, 1...3650,
      "How many days the history of events is kept."),
    .duration(
      "rollouts.interval", \.rollouts.interval, 100...3_600_000,
      "The pause between two looks at a running rollout."),
    .duration(
      "rollouts.callWithin", \.rollouts.callWithin, 10_000...2_592_000_000,
      """
      How long a device may take to call for its upgrade before its place in the rollout goes to another. \
      It takes a place again when it calls.
      """),
    .duration(
      "rollouts.placePause", \.rollouts.placePause, 1_000...86_400_000,
      "The pause before a device that called and found no place in its rollout is asked to call again."
    ),
    .duration(
      "rollouts.placeWait", \.rollouts.placeWait, 0...60_000,
      """
      How long a session waits while its rollout is giving places to other devices. \
      After that the device is answered 503 and comes back later.
      """),
    .count(
      "rollouts.maxAbsent", \.rollouts.maxAbsent, 0...1_000_000,
      """
      How many devices of one rollout may be without a place because they have not called in time. \
      Further ones keep theirs, so that a fleet that is switched off is not ordered about as a whole.
      """),
    .duration(
      "housekeeping.interval", \.housekeeping.interval, 1_000...86_400_000,
      "The pause between two rounds of expiring tasks and dropping old events."),
  ]
}
