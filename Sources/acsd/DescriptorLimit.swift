import Glibc
import Logging
import ManagementAPI
import ServerConfiguration

/// How many files, sockets among them, the process may have open.
///
/// Shells and systemd let a process have 1,024 unless it asks for more, which is little for a server of devices.
enum DescriptorLimit {
  /// The database, the log, timers, and what libraries open on their own.
  private static let others = 256
  /// Devices that are let in however low the limit.
  private static let fewest = 64

  /// Raises the limit to what the settings need, and where that may not be, lets in fewer devices: without a descriptor left, nothing
  /// works, neither the database nor the API.
  static func fit(_ settings: inout Settings, logger: Logger) {
    let limit = raise(
      to: settings.cwmp.maxConnections + neededForAgents(settings) + neededBesidesDevices(settings))
    guard fit(&settings, to: limit) else { return }
    logger.notice(
      "fewer are let in than cwmp.maxConnections and usp.maxAgents say: the process may open too few files (LimitNOFILE, ulimit -n)",
      metadata: [
        "files": "\(limit)", "devices": "\(settings.cwmp.maxConnections)",
        "agents": "\(settings.usp.maxAgents)",
      ])
  }

  /// Lets in so many devices and agents as there is room for, in the proportion in which they were to be let in.
  /// - Returns: false where there is room for all.
  static func fit(_ settings: inout Settings, to limit: Int) -> Bool {
    let wanted = settings.cwmp.maxConnections + neededForAgents(settings)
    let room = max(0, limit - neededBesidesDevices(settings))
    guard room < wanted else { return false }
    let share = Double(room) / Double(wanted)
    func scale(_ count: inout Int, atLeast least: Int) {
      count = min(count, max(least, Int(Double(count) * share)))
    }
    scale(&settings.cwmp.maxConnections, atLeast: fewest)
    guard neededForAgents(settings) > 0 else { return true }
    scale(&settings.usp.maxAgents, atLeast: fewest)
    scale(&settings.usp.maxHandshakes, atLeast: 1)
    // Those through brokers still leave room for others.
    scale(&settings.mqtt.maxLinks, atLeast: 1)
    scale(&settings.stomp.maxLinks, atLeast: 1)
    return true
  }

  /// How many descriptors agents that call may take at a time.
  static func neededForAgents(_ settings: Settings) -> Int {
    (settings.usp.webSocket ? settings.usp.maxAgents + settings.usp.maxHandshakes : 0)
      + (settings.usp.unixSocket.isEmpty ? 0 : settings.usp.maxAgents)
  }

  /// How many descriptors everything but the connections of devices and agents that call may take at a time.
  static func neededBesidesDevices(_ settings: Settings) -> Int {
    // A transfer has its file open besides its socket, with devices as with operators.
    2 * settings.files.maxConnections + 2 * settings.connectionRequests.concurrency
      + settings.store.connections + settings.store.committers
      + 2 * ManagementAPI.Configuration().maximumConnections
      // Where agents are awaited, and the brokers.
      + settings.usp.agents.count + 4 + others
  }

  /// - Returns: the limit that is in force now.
  private static func raise(to wanted: Int) -> Int {
    let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(kind, &limit) == 0 else { return wanted }
    if limit.rlim_cur < rlim_t(wanted) {
      var raised = limit
      raised.rlim_cur = min(rlim_t(wanted), limit.rlim_max)
      if setrlimit(kind, &raised) == 0 { limit = raised }
    }
    return Int(clamping: limit.rlim_cur)
  }
}
