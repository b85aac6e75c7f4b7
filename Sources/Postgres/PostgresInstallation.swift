import Glibc

/// The programs of one major version of PostgreSQL on this machine.
struct PostgresInstallation: Sendable, Equatable {
  /// The directory with `initdb` and `postgres`.
  let directory: String
  let majorVersion: Int

  var initdb: String { "\(directory)/initdb" }
  var postgres: String { "\(directory)/postgres" }

  /// Where Debian keeps them, with a directory per version below.
  static let debianDirectory = "/usr/lib/postgresql"

  /// All that are found: Debian's, newest first, then the one on PATH.
  static func all() -> [PostgresInstallation] {
    var found: [PostgresInstallation] = []
    for name in LocalFile.names(in: debianDirectory) {
      guard let version = Int(name) else { continue }
      let candidate = PostgresInstallation(
        directory: "\(debianDirectory)/\(name)/bin", majorVersion: version)
      if candidate.isComplete { found.append(candidate) }
    }
    found.sort { $0.majorVersion > $1.majorVersion }
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    for directory in path.split(separator: ":") {
      guard LocalFile.isExecutable("\(directory)/initdb"),
        let version = askVersion("\(directory)/postgres")
      else { continue }
      found.append(
        PostgresInstallation(directory: String(directory), majorVersion: version))
      break
    }
    return found
  }

  /// The one for an existing cluster, or the newest for a new one.
  ///
  /// - Throws: `.clusterVersion` if the cluster's version is not installed, `.cluster` if none is.
  static func choose(clusterVersion: Int?) throws(PostgresError) -> PostgresInstallation {
    let oldest = Int(ConnectionConfiguration.oldestServerVersion) / 10_000
    let found = all().filter { $0.majorVersion >= oldest }
    guard let newest = found.first else {
      throw PostgresError(
        .cluster,
        "no PostgreSQL \(oldest) or newer in \(debianDirectory) or on PATH: install one (on Debian: "
          + "apt-get install postgresql), or give the connection string of a server")
    }
    guard let clusterVersion else { return newest }
    guard let match = found.first(where: { $0.majorVersion == clusterVersion }) else {
      let versions = found.map { String($0.majorVersion) }.joined(separator: ", ")
      throw PostgresError(
        .clusterVersion,
        "the private cluster was made by PostgreSQL \(clusterVersion), installed is \(versions): "
          + "install PostgreSQL \(clusterVersion), or upgrade the cluster with pg_upgrade")
    }
    return match
  }

  private var isComplete: Bool {
    LocalFile.isExecutable(initdb) && LocalFile.isExecutable(postgres)
  }

  /// "postgres (PostgreSQL) 15.20 (…)" gives 15.
  private static func askVersion(_ program: String) -> Int? {
    guard LocalFile.isExecutable(program) else { return nil }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    defer { close(ends[0]) }
    let process = try? ChildProcess.spawn([program, "--version"], account: nil, output: ends[1])
    close(ends[1])
    guard let process else { return nil }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = read(ends[0], &bytes, bytes.count)
    _ = ChildProcess.wait(process)
    let words = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
      .split(whereSeparator: \.isWhitespace)
    guard words.count > 2 else { return nil }
    return Int(words[2].prefix(while: \.isNumber))
  }
}
