import Foundation

/// What the system says of this process, under the names that are customary for it.
package enum ProcessMetrics {
  package static let descriptions = [
    MetricDescription(
      "process_cpu_seconds_total", .counter, "CPU time of the process, user and system."),
    MetricDescription("process_resident_memory_bytes", .gauge, "Memory that is in use."),
    MetricDescription("process_open_fds", .gauge, "File descriptors that are open."),
    MetricDescription("process_max_fds", .gauge, "File descriptors that may be open."),
    MetricDescription(
      "process_start_time_seconds", .gauge, "When the process started, since 1970."),
  ]

  /// - Parameter startedAt: seconds since 1970.
  package static func samples(startedAt: Double) -> [MetricSample] {
    var samples = [MetricSample("process_start_time_seconds", startedAt)]
    var usage = rusage()
    if getrusage(RUSAGE_SELF.rawValue, &usage) == 0 {
      let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
      let rest = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
      samples.append(
        MetricSample("process_cpu_seconds_total", Double(seconds) + Double(rest) / 1e6))
    }
    if let pages = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
      .split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    {
      samples.append(
        MetricSample("process_resident_memory_bytes", pages * Int(sysconf(Int32(_SC_PAGESIZE)))))
    }
    if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
      samples.append(MetricSample("process_open_fds", open))
    }
    var limit = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
      samples.append(MetricSample("process_max_fds", Double(limit.rlim_cur)))
    }
    return samples
  }
}
