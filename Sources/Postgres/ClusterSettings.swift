import Glibc

/// The settings of a private cluster.
struct ClusterSettings {
  /// Of the machine or the container, in MiB.
  let memory: Int
  let isCompressionAvailable: Bool
  /// Settings that the owner of the cluster adds or changes.
  let changes: [String: String]

  /// The file in the data directory that holds them, written at each start.
  static let fileName = "fairlead.conf"
  /// The file in the data directory where an operator may change them.
  static let operatorsFileName = "operator.conf"

  /// By name; sizes in MiB.
  var all: [String: String] {
    var settings = [
      "max_connections": "100",
      "shared_buffers": "\(min(max(memory / 8, 128), 2048))MB",
      "effective_cache_size": "\(max(memory / 2, 256))MB",
      "maintenance_work_mem": "\(min(max(memory / 32, 64), 512))MB",
      "work_mem": "8MB",
      "fsync": "on",
      "full_page_writes": "on",
      "synchronous_commit": "on",
      "wal_compression": isCompressionAvailable ? "lz4" : "on",
      "min_wal_size": "256MB",
      "max_wal_size": "2GB",
      "checkpoint_timeout": "15min",
      "checkpoint_completion_target": "0.9",
      "random_page_cost": "1.1",
      "jit": "off",
      "track_io_timing": "off",
      "track_activities": "on",
      // The hot tables are narrow and updated all the time: little and often.
      "autovacuum_naptime": "15s",
      "autovacuum_vacuum_scale_factor": "0.05",
      "autovacuum_analyze_scale_factor": "0.05",
      "autovacuum_vacuum_cost_limit": "2000",
      "logging_collector": "on",
      "log_directory": "'../log'",
      "log_filename": "'postgres-%a.log'",
      "log_file_mode": "0600",
      "log_rotation_age": "1d",
      "log_rotation_size": "0",
      "log_truncate_on_rotation": "on",
      "log_line_prefix": "'%m [%p] '",
      "log_lock_waits": "on",
      "log_timezone": "UTC",
      "timezone": "UTC",
      // DETAIL and parameters show values, which can be secrets.
      "log_error_verbosity": "terse",
      "log_parameter_max_length": "0",
      "log_parameter_max_length_on_error": "0",
    ]
    settings.merge(changes) { _, changed in changed }
    return settings
  }

  var text: String {
    let lines = all.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)\n" }
    return """
      # Written at each start; changes belong into \(Self.operatorsFileName) beside this file.
      \(lines.joined())include_if_exists '\(Self.operatorsFileName)'

      """
  }

  /// What the machine has, or what the container is allowed, in MiB.
  static func availableMemory() -> Int {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let size = sysconf(Int32(_SC_PAGESIZE))
    let machine = pages > 0 && size > 0 ? pages * size >> 20 : 1024
    let limit = LocalFile.tail("/sys/fs/cgroup/memory.max").flatMap {
      Int($0.prefix(while: \.isNumber))
    }
    return limit.map { min($0 >> 20, machine) } ?? machine
  }
}
