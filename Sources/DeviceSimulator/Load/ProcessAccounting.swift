import FoundationEssentials
import Glibc

/// Reads from /proc how much CPU a process, or a process with its children, has used.
package struct ProcessAccounting: Sendable {
  private let root: String
  /// Units of utime and stime per second.
  private let ticksPerSecond: Int64

  package init(root: String = "/proc", ticksPerSecond: Int64 = Int64(sysconf(Int32(_SC_CLK_TCK)))) {
    self.root = root
    self.ticksPerSecond = max(1, ticksPerSecond)
  }

  /// Nanoseconds that all threads of the process have run.
  ///
  /// From schedstat, which counts nanoseconds; where the kernel has none, from utime and stime.
  package func nanoseconds(of pid: Int32) throws(SimulatorError) -> Int64 {
    let directory = "\(root)/\(pid)/task"
    guard let threads = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
      throw SimulatorError(.accounting, "there is no process \(pid)")
    }
    var sum: Int64 = 0
    for thread in threads {
      // A thread may end between the listing and the reading.
      guard let text = read("\(directory)/\(thread)/schedstat") else { continue }
      guard let time = Self.runTime(schedstat: text) else { return try ticks(of: pid) }
      sum += time
    }
    return sum > 0 ? sum : try ticks(of: pid)
  }

  /// Nanoseconds of a process and all its children, those included that have ended by now.
  ///
  /// The difference of two readings is what the family used between them: a child that ended is in the
  /// parent's cutime and cstime with its whole life, of which the first reading holds the earlier part.
  package func nanosecondsOfFamily(_ pid: Int32) throws(SimulatorError) -> Int64 {
    guard let stat = read("\(root)/\(pid)/stat").flatMap(Stat.init) else {
      throw SimulatorError(.accounting, "there is no process \(pid)")
    }
    var sum = try nanoseconds(of: pid)
    sum += (stat.childUserTicks + stat.childSystemTicks) * (1_000_000_000 / ticksPerSecond)
    for child in children(of: pid) {
      sum += (try? nanoseconds(of: child)) ?? 0
    }
    return sum
  }

  private func children(of pid: Int32) -> [Int32] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return names.compactMap { name in
      guard let child = Int32(name), let stat = read("\(root)/\(name)/stat").flatMap(Stat.init),
        stat.parent == pid
      else { return nil }
      return child
    }
  }

  private func ticks(of pid: Int32) throws(SimulatorError) -> Int64 {
    guard let stat = read("\(root)/\(pid)/stat").flatMap(Stat.init) else {
      throw SimulatorError(.accounting, "there is no process \(pid)")
    }
    return (stat.userTicks + stat.systemTicks) * (1_000_000_000 / ticksPerSecond)
  }

  private func read(_ path: String) -> String? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    return String(decoding: data, as: UTF8.self)
  }

  /// The first number of a schedstat line: nanoseconds on a CPU.
  static func runTime(schedstat: String) -> Int64? {
    schedstat.split(whereSeparator: \.isWhitespace).first.flatMap { Int64($0) }
  }

  /// The fields of /proc/PID/stat that matter here; the name in parentheses may hold anything (proc(5)).
  struct Stat: Equatable {
    var parent: Int32
    var userTicks: Int64
    var systemTicks: Int64
    var childUserTicks: Int64
    var childSystemTicks: Int64

    init?(_ text: String) {
      guard let end = text.lastIndex(of: ")") else { return nil }
      let fields = text[text.index(after: end)...].split(separator: " ")
      guard fields.count > 14, let parent = Int32(fields[1]), let user = Int64(fields[11]),
        let system = Int64(fields[12]), let childUser = Int64(fields[13]),
        let childSystem = Int64(fields[14])
      else { return nil }
      self.parent = parent
      userTicks = user
      systemTicks = system
      childUserTicks = childUser
      childSystemTicks = childSystem
    }
  }
}
