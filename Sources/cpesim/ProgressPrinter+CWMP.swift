import DeviceSimulator

/// Of devices of CWMP.
extension ProgressPrinter {
  func started(_ options: FleetOptions) {
    guard !isQuiet else { return }
    let models = options.models.map { "\($0.name) (\($0.parameterCount) parameters)" }
    line(
      "\(options.count) devices \(options.serialNumber(0))…\(options.serialNumber(options.count - 1)), \(models.joined(separator: " and ")), at \(options.acsURL)"
    )
  }

  func follow(_ fleet: SimulatedFleet, until interrupted: AsyncStream<Void>, duration: Double?)
    async
  {
    await follow(
      from: FleetCounts(), until: interrupted, duration: duration,
      counts: { try await fleet.counts() }, words: Self.words)
  }

  private static func words(of second: CountDifferences<FleetCounts>) -> String? {
    var differences = second
    differences.add("sessions", \.sessionsSucceeded)
    differences.add("failed", \.sessionsFailed)
    differences.add("requests answered", \.requestsAnswered)
    differences.add("faults", \.faultsSent)
    differences.add("connection requests", \.connectionRequests)
    differences.add("boots", \.boots)
    differences.add("downloads", \.downloads)
    differences.add("downloads failed", \.downloadsFailed)
    differences.add("upgrades", \.upgrades)
    differences.add("uploads", \.uploads)
    differences.add("uploads failed", \.uploadsFailed)
    differences.add("software changes", \.softwareChanges)
    differences.add("diagnostics", \.diagnostics)
    differences.add("factory resets", \.factoryResets)
    guard !differences.parts.isEmpty else { return nil }
    let open = differences.counts.sessionsOpen
    if open > 0 { differences.add("\(open) in session") }
    differences.add(reasons: \.failures)
    return differences.parts.joined(separator: ", ")
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
}
