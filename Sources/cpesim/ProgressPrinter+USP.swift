import DeviceSimulator
import USP

/// Of agents of USP.
extension ProgressPrinter {
  func started(_ options: AgentOptions, _ model: AgentModel) {
    guard !isQuiet else { return }
    let size = model.size
    line(
      "\(options.count) agents \(options.serialNumber(0))…\(options.serialNumber(options.count - 1)), \(model.device.name) (\(size.objects) objects, \(size.parameters) parameters), for \(options.controller.text)"
    )
  }

  func follow(_ fleet: AgentFleet, until interrupted: AsyncStream<Void>, duration: Double?) async {
    await follow(
      from: AgentCounts(), until: interrupted, duration: duration,
      counts: { try await fleet.counts() }, words: Self.words)
  }

  private static func words(of second: CountDifferences<AgentCounts>) -> String? {
    var differences = second
    differences.add("links", \.linksMade)
    differences.add("links failed", \.linksFailed)
    differences.add("boots", \.boots)
    differences.add("requests answered", \.requests)
    differences.add("errors", \.errors)
    differences.add("notifications", \.notifications)
    differences.add("acknowledged", \.acknowledged)
    differences.add("downloads", \.downloads)
    differences.add("upgrades", \.upgrades)
    differences.add("transfers failed", \.transfersFailed)
    differences.add("uploads", \.uploads)
    differences.add("software changes", \.softwareChanges)
    differences.add("diagnostics", \.diagnostics)
    differences.add("factory resets", \.factoryResets)
    differences.add("records refused", \.recordsRefused)
    guard !differences.parts.isEmpty else { return nil }
    differences.add(reasons: \.reasons)
    return "\(differences.counts.linksOpen) open: " + differences.parts.joined(separator: ", ")
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
