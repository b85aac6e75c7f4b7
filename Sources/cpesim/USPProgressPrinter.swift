import DeviceSimulator
import Foundation
import Synchronization
import USP

/// Writes what a fleet of agents does, in lines for people.
final class USPProgressPrinter: Sendable {
  private struct State {
    var notes: [String] = []
    var suppressed = 0
  }

  private let isQuiet: Bool
  private let state = Mutex(State())

  init(isQuiet: Bool) {
    self.isQuiet = isQuiet
  }

  func started(_ options: AgentOptions, _ model: AgentModel) {
    guard !isQuiet else { return }
    let size = model.size
    line(
      "\(options.count) agents \(options.serialNumber(0))…\(options.serialNumber(options.count - 1)), \(model.device.name) (\(size.objects) objects, \(size.parameters) parameters), for \(options.controller.text)"
    )
  }

  func note(_ serial: String, _ note: USPAgent.Note) {
    guard !isQuiet, let text = note.text else { return }
    state.withLock { state in
      if state.notes.count < ProgressPrinter.maximumNotes {
        state.notes.append("\(serial) \(text)")
      } else {
        state.suppressed += 1
      }
    }
  }

  /// Prints a line a second in which anything happened, until the time is up.
  func follow(_ fleet: AgentFleet, until interrupted: AsyncStream<Void>, duration: Double?) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { for await _ in interrupted { return } }
      if let duration {
        group.addTask { try? await Task.sleep(for: .seconds(duration)) }
      }
      group.addTask {
        var last = AgentCounts()
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

  private func second(_ counts: AgentCounts, since last: AgentCounts) {
    guard !isQuiet else { return }
    let (notes, suppressed) = state.withLock { state in
      defer { state = State() }
      return (state.notes, state.suppressed)
    }
    for note in notes { line("  " + note) }
    if suppressed > 0 { line("  … and \(suppressed) more") }
    var parts: [String] = []
    func part(_ name: String, _ path: KeyPath<AgentCounts, Int>) {
      let difference = counts[keyPath: path] - last[keyPath: path]
      if difference > 0 { parts.append("\(difference) \(name)") }
    }
    part("links", \.linksMade)
    part("links failed", \.linksFailed)
    part("boots", \.boots)
    part("requests answered", \.requests)
    part("errors", \.errors)
    part("notifications", \.notifications)
    part("acknowledged", \.acknowledged)
    part("downloads", \.downloads)
    part("upgrades", \.upgrades)
    part("transfers failed", \.transfersFailed)
    part("uploads", \.uploads)
    part("software changes", \.softwareChanges)
    part("diagnostics", \.diagnostics)
    part("factory resets", \.factoryResets)
    part("records refused", \.recordsRefused)
    guard !parts.isEmpty else { return }
    for (reason, count) in counts.reasons.sorted(by: { $0.key < $1.key })
    where count > last.reasons[reason, default: 0] {
      parts.append("(\(reason))")
    }
    line("\(counts.linksOpen) open: " + parts.joined(separator: ", "))
  }

  func summary(_ counts: AgentCounts) {
    print(
      """

      links             \(counts.linksMade) made, \(counts.linksFailed) failed, \(counts.linksOpen) open at the end
      boots             \(counts.boots)
      requests          \(counts.requests), \(counts.errors) answered with an error
      notifications     \(counts.notifications), \(counts.acknowledged) acknowledged
      downloads         \(counts.downloads)
      upgrades          \(counts.upgrades)
      uploads           \(counts.uploads)
      transfers failed  \(counts.transfersFailed)
      software changes  \(counts.softwareChanges)
      diagnostics       \(counts.diagnostics)
      factory resets    \(counts.factoryResets)
      records refused   \(counts.recordsRefused)
      """)
    for (reason, count) in counts.reasons.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      print("link lost         \(count) × \(reason)")
    }
  }

  private func line(_ text: String) {
    let time = DateTimeText.format(Int64(Date().timeIntervalSince1970))
    print("\(time.dropFirst(11).prefix(8))  \(text)")
    fflush(nil)
  }
}

extension USPAgent.Note {
  /// For people; nil for what is only counted.
  var text: String? {
    switch self {
    case .booted, .connected: nil
    case .disconnected: "has lost its link"
    case .rebooting(let cause): "restarts (\(cause))"
    case .factoryReset: "goes back to the factory's settings"
    case .downloading(let url): "fetches \(url)"
    case .transferFailed(let reason): "transfer failed: \(reason)"
    case .uploaded: "has put a file"
    case .flashed(let version): "writes image \(version)"
    case .upgraded(let version): "runs \(version) from now on"
    case .notUpgraded(let version): "could not boot \(version)"
    case .softwareChanged(let name, let state): "unit \(name): \(state)"
    case .diagnosed(let name, let state): "\(name) \(state)"
    case .refused(let text): "notification refused: \(text)"
    }
  }
}
