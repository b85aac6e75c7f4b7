import ArgumentParser
import DeviceSimulator
import Foundation
import Synchronization

/// Writes what a fleet does, in lines for people.
final class ProgressPrinter: Sendable {
  /// Lines about single devices in one second; more are only counted.
  static let maximumNotes = 10

  private struct State {
    var notes: [String] = []
    var suppressed = 0
  }

  private let isQuiet: Bool
  private let state = Mutex(State())

  init(isQuiet: Bool) {
    self.isQuiet = isQuiet
  }

  static func check(duration: Double, bootTime: Double, flashTime: Double) throws {
    let allowed = 0...FleetOptions.maximumSeconds
    guard [duration, bootTime, flashTime].allSatisfy(allowed.contains) else {
      throw ValidationError(
        "--duration, --boot-time and --flash-time are from 0 to \(Int(allowed.upperBound)) seconds")
    }
  }

  func started(_ options: FleetOptions) {
    guard !isQuiet else { return }
    let models = options.models.map { "\($0.name) (\($0.parameterCount) parameters)" }
    line(
      "\(options.count) devices \(options.serialNumber(0))…\(options.serialNumber(options.count - 1)), \(models.joined(separator: " and ")), at \(options.acsURL)"
    )
  }

  func note(_ serial: String, _ note: SimulatedCPE.Note) {
    guard !isQuiet, let text = note.text else { return }
    state.withLock { state in
      if state.notes.count < Self.maximumNotes {
        state.notes.append("\(serial) \(text)")
      } else {
        state.suppressed += 1
      }
    }
  }

  /// Prints a line a second in which anything happened, until the time is up.
  func follow(_ fleet: SimulatedFleet, until interrupted: AsyncStream<Void>, duration: Double?)
    async
  {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { for await _ in interrupted { return } }
      if let duration {
        group.addTask { try? await Task.sleep(for: .seconds(duration)) }
      }
      group.addTask {
        var last = FleetCounts()
        while !Task.isCancelled {
          try? await Task.sleep(for: .seconds(1))
          guard !Task.isCancelled, let counts = try? await fleet.counts() else { return }
          self.second(counts, since: last)
          last = counts
        }
      }
      await group.next()
      group.cancelAll()
    }
  }

  private func second(_ counts: FleetCounts, since last: FleetCounts) {
    guard !isQuiet else { return }
    let (notes, suppressed) = state.withLock { state in
      defer { state = State() }
      return (state.notes, state.suppressed)
    }
    for note in notes { line("  " + note) }
    if suppressed > 0 { line("  … and \(suppressed) more") }
    var parts: [String] = []
    func part(_ name: String, _ path: KeyPath<FleetCounts, Int>) {
      let difference = counts[keyPath: path] - last[keyPath: path]
      if difference > 0 { parts.append("\(difference) \(name)") }
    }
    part("sessions", \.sessionsSucceeded)
    part("failed", \.sessionsFailed)
    part("requests answered", \.requestsAnswered)
    part("faults", \.faultsSent)
    part("connection requests", \.connectionRequests)
    part("boots", \.boots)
    part("downloads", \.downloads)
    part("downloads failed", \.downloadsFailed)
    part("upgrades", \.upgrades)
    part("uploads", \.uploads)
    part("uploads failed", \.uploadsFailed)
    part("software changes", \.softwareChanges)
    part("diagnostics", \.diagnostics)
    part("factory resets", \.factoryResets)
    guard !parts.isEmpty else { return }
    if counts.sessionsOpen > 0 { parts.append("\(counts.sessionsOpen) in session") }
    for (reason, count) in counts.failures.sorted(by: { $0.key < $1.key })
    where count > last.failures[reason, default: 0] {
      parts.append("(\(reason))")
    }
    line(parts.joined(separator: ", "))
  }

  func summary(_ counts: FleetCounts) {
    print(
      """

      sessions             \(counts.sessionsSucceeded) succeeded, \(counts.sessionsFailed) failed
      requests answered    \(counts.requestsAnswered), \(counts.faultsSent) with a fault
      boots                \(counts.boots)
      connection requests  \(counts.connectionRequests)
      downloads            \(counts.downloads), \(counts.downloadsFailed) failed
      upgrades             \(counts.upgrades)
      uploads              \(counts.uploads), \(counts.uploadsFailed) failed
      software changes     \(counts.softwareChanges)
      diagnostics          \(counts.diagnostics)
      factory resets       \(counts.factoryResets)
      """)
    for (reason, count) in counts.failures.sorted(by: { $0.value > $1.value }) {
      print("failed               \(count) × \(reason)")
    }
  }

  private func line(_ text: String) {
    let time = DateTimeText.format(Int64(Date().timeIntervalSince1970))
    print("\(time.dropFirst(11).prefix(8))  \(text)")
    fflush(nil)
  }
}
