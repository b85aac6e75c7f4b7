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
    let rest = neededBesidesDevices(settings)
    let limit = raise(to: settings.cwmp.maxConnections + rest)
    let room = max(fewest, limit - rest)
    guard room < settings.cwmp.maxConnections else { return }
    logger.notice(
      "fewer devices can be connected at once than cwmp.maxConnections says: the process may open too few files (LimitNOFILE, ulimit -n)",
      metadata: ["files": "\(limit)", "devices": "\(room)"])
    settings.cwmp.maxConnections = room
  }

  /// How many descriptors everything but the connections of CWMP may take at a time.
  static func neededBesidesDevices(_ settings: Settings) -> Int {
    // A transfer has its file open besides its socket, with devices as with operators.
    2 * settings.files.maxConnections + 2 * settings.connectionRequests.concurrency
      + settings.store.connections + settings.store.committers
      + 2 * ManagementAPI.Configuration().maximumConnections + others
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
