import CLibPQ
import Glibc

/// Programs that this process starts.
enum ChildProcess {
  /// How a program ended.
  enum Ending: Sendable, Equatable, CustomStringConvertible {
    case exit(Int32)
    case signal(Int32)

    var description: String {
      switch self {
      case .exit(let status): "ended with status \(status)"
      case .signal(let number): "was ended by signal \(number)"
      }
    }
  }

  /// The program of util-linux that changes the user and ties the child to this process.
  static let setpriv = "/usr/bin/setpriv"

  /// Starts a program in a session of its own, so that a terminal's signals don't reach it, with `/`
  /// as its directory and almost no environment.
  ///
  /// - Parameters:
  ///   - account: Whom the program runs as; nil for this process's user.
  ///   - signalAtParentsEnd: Sent to the program when the thread that calls this ends, however that
  ///     comes.
  ///   - output: Takes standard output and standard error.
  static func spawn(
    _ arguments: [String], account: ServerAccount?, signalAtParentsEnd: String? = nil,
    output: Int32
  ) throws(PostgresError) -> pid_t {
    var words: [String] = []
    if LocalFile.isExecutable(setpriv) {
      if let account {
        words += [
          "--reuid", "\(account.user)", "--regid", "\(account.group)", "--clear-groups",
          "--inh-caps=-all",
        ]
      }
      if let signalAtParentsEnd { words += ["--pdeathsig", signalAtParentsEnd] }
      if !words.isEmpty { words = [setpriv] + words + ["--"] }
    } else if account != nil {
      throw PostgresError(.cluster, "\(setpriv) is missing, which is needed to start as root")
    }
    return try spawnAsIs(words + arguments, output: output)
  }

  private static func spawnAsIs(_ arguments: [String], output: Int32) throws(PostgresError)
    -> pid_t
  {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, output, 2)
    // The child must hold none of this process's sockets: they would stay open after they are closed here.
    _ = fairlead_spawn_closes_from(&actions, 3)
    fairlead_spawn_in_directory(&actions, "/")

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | fairlead_spawn_new_session)

    let environment = ["PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "HOME=/"]
    let argumentPointers = arguments.map { strdup($0) } + [nil]
    let environmentPointers = environment.map { strdup($0) } + [nil]
    defer { for pointer in argumentPointers + environmentPointers { free(pointer) } }
    var process: pid_t = 0
    let code = posix_spawn(
      &process, arguments[0], &actions, &attributes, argumentPointers, environmentPointers)
    guard code == 0 else {
      throw PostgresError(
        .cluster, "can't start \(arguments[0]): \(String(cString: strerror(code)))")
    }
    return process
  }

  /// Waits for the end of a child.
  static func wait(_ process: pid_t) -> Ending {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      if errno != EINTR { return .exit(-1) }
    }
    let signal = status & 0x7f
    return signal == 0 ? .exit((status >> 8) & 0xff) : .signal(signal)
  }

  /// Runs a program to its end, with what it prints in a file.
  static func run(_ arguments: [String], account: ServerAccount?, log: String)
    throws(PostgresError) -> Ending
  {
    let output = try openLog(log)
    defer { close(output) }
    return wait(try spawn(arguments, account: account, output: output))
  }

  /// A file that starts empty.
  static func openLog(_ path: String) throws(PostgresError) -> Int32 {
    // The directory belongs to the cluster's account: a link in it must not lead us elsewhere.
    unlink(path)
    let output = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
    guard output >= 0 else { throw LocalFile.failure("write", path) }
    return output
  }
}
