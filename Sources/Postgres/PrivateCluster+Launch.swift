import Glibc
import Logging

extension PrivateCluster {
  /// All that `start` does, in its order.
  func launch() throws(PostgresError) -> Running {
    let directory = try ClusterDirectory(path)
    if directory.home != directory.directory {
      logger.notice(
        """
        PostgreSQL runs as another user than root, who can't enter \(directory.directory): \
        the database is kept in \(directory.home)
        """)
    }
    let version = directory.clusterVersion
    let installation = try PostgresInstallation.choose(clusterVersion: version)
    if version == nil {
      logger.info("making a private cluster of PostgreSQL \(installation.majorVersion)")
      try initialize(directory, installation)
    }
    try stopLeftOver(in: directory)
    try writeSettings(directory, installation)
    let postmaster = Postmaster(
      Postmaster.Plan(
        arguments: [
          installation.postgres, "-D", directory.data,
          // Nothing that anyone writes into a file may open the server to the network.
          "-c", "listen_addresses=", "-c", "unix_socket_permissions=0700",
          "-c", "unix_socket_directories=\(directory.socketDirectory)",
        ],
        account: directory.account, dataDirectory: directory.data,
        startLog: "\(directory.log)/start.log", signalAtParentsEnd: options.signalAtParentsEnd),
      logger: logger)
    try postmaster.start()
    do throws(PostgresError) {
      try makeDatabase(in: directory)
    } catch {
      try postmaster.stop()
      throw error
    }
    logger.info(
      "the private PostgreSQL is ready", metadata: ["process": "\(postmaster.process ?? 0)"])
    return Running(
      directory: directory, postmaster: postmaster,
      configuration: ConnectionConfiguration(
        directory.connectionString(database: Self.database)))
  }

  /// Makes the cluster under another name, so that a half-made one is never taken for one.
  private func initialize(_ directory: ClusterDirectory, _ installation: PostgresInstallation)
    throws(PostgresError)
  {
    if LocalFile.exists(directory.data) {
      guard LocalFile.names(in: directory.data).isEmpty, rmdir(directory.data) == 0 else {
        throw PostgresError(
          .cluster, "\(directory.data) is in the way: it is no cluster of PostgreSQL")
      }
    }
    let draft = "\(directory.home)/data.new"
    // Bytes compare fastest and never change their order with an update of the C library; letters
    // are still all of Unicode's.
    var log = ""
    for locale in [["--lc-collate=C", "--lc-ctype=C.UTF-8"], ["--locale=C"]] {
      LocalFile.removeTree(draft)
      log = "\(directory.log)/initdb.log"
      let ending = try ChildProcess.run(
        [
          installation.initdb, "-D", draft, "-U", Self.role, "--encoding=UTF8",
          "--lc-messages=C", "--auth-local=trust", "--auth-host=reject", "--no-instructions",
        ] + locale + options.initArguments, account: directory.account, log: log)
      guard ending == .exit(0) else { continue }
      try LocalFile.write(
        "# Only processes that can open the socket get here.\nlocal all all trust\n",
        to: "\(draft)/pg_hba.conf", mode: 0o600, owner: directory.account)
      try LocalFile.write(
        "include '\(ClusterSettings.fileName)'\n", to: "\(draft)/postgresql.conf", mode: 0o600,
        owner: directory.account)
      guard rename(draft, directory.data) == 0 else { throw LocalFile.failure("move", draft) }
      return
    }
    let reason = PostgresError.trimmed(LocalFile.tail(log, limit: 1500) ?? "")
    LocalFile.removeTree(draft)
    throw PostgresError(.cluster, "initdb failed: \(reason)")
  }

  /// Ends the server of a process that ended without doing so.
  private func stopLeftOver(in directory: ClusterDirectory) throws(PostgresError) {
    guard let file = PostmasterFile.read(in: directory.data) else { return }
    guard file.isServer(of: directory.data) else {
      // PostgreSQL would take any process with this number for its own kind and refuse to start.
      logger.notice("removing the traces of a server that is gone")
      unlink(PostmasterFile.path(in: directory.data))
      return
    }
    logger.notice(
      "stopping a server that was left over", metadata: ["process": "\(file.process)"])
    for (signal, patience) in [(SIGINT, Postmaster.stopTimeout), (SIGQUIT, .seconds(10))] {
      kill(file.process, signal)
      let deadline = MonotonicTime.now + patience
      while file.isServer(of: directory.data) {
        if deadline < .now { break }
        usleep(20_000)
      }
      if !file.isServer(of: directory.data) { return }
    }
    throw PostgresError(
      .clusterInUse, "process \(file.process), a server of \(directory.data), can't be stopped")
  }

  private func writeSettings(_ directory: ClusterDirectory, _ installation: PostgresInstallation)
    throws(PostgresError)
  {
    let file = "\(directory.data)/\(ClusterSettings.fileName)"
    if !LocalFile.exists(file) {
      try LocalFile.write("", to: file, mode: 0o600, owner: directory.account)
    }
    // The server knows whether it was built with this kind of compression.
    let answer = try ChildProcess.run(
      [
        installation.postgres, "-D", directory.data, "-C", "wal_compression", "-c",
        "wal_compression=lz4",
      ], account: directory.account, log: "\(directory.log)/compression.log")
    let settings = ClusterSettings(
      memory: ClusterSettings.availableMemory(), isCompressionAvailable: answer == .exit(0),
      changes: options.settings)
    try LocalFile.write(settings.text, to: file, mode: 0o600, owner: directory.account)
  }

  private func makeDatabase(in directory: ClusterDirectory) throws(PostgresError) {
    let connection = try Connection(
      ConnectionConfiguration(directory.connectionString(database: "postgres")), logger: logger)
    defer { connection.close() }
    let found = try connection.query(
      "SELECT 1 FROM pg_database WHERE datname = $1", .text(Self.database))
    if found.isEmpty {
      try connection.runScript(
        "CREATE DATABASE \(connection.quotedIdentifier(Self.database)) TEMPLATE template0")
    }
  }
}

extension ClusterDirectory {
  /// How libpq reaches a database of the cluster.
  func connectionString(database: String) -> String {
    let host = socketDirectory.reduce(into: "") { quoted, character in
      if character == "'" || character == "\\" { quoted.append("\\") }
      quoted.append(character)
    }
    return "host='\(host)' port=5432 user=\(PrivateCluster.role) dbname=\(database)"
  }
}
