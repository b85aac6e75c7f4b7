import ManagementTypes

/// Rollouts as a person reads them.
enum RolloutText {
  static func table(_ rollouts: [RolloutDetail], isWide: Bool = false) -> TextTable {
    let now = currentTime()
    var table =
      isWide
      ? TextTable(
        "NAME", "STATE", "VERSION", "DONE", "ACTIVE", "PENDING", "FAILED", "SKIPPED", "TOTAL",
        "AGE", "REASON", "DEVICES", "FILE")
      : TextTable(
        "NAME", "STATE", "VERSION", "DONE", "ACTIVE", "PENDING", "FAILED", "SKIPPED", "TOTAL",
        "AGE", "REASON")
    for rollout in rollouts {
      let counts = rollout.counts
      table.add(
        rollout.name, rollout.state, rollout.version, String(counts.done), String(counts.active),
        String(counts.pending + counts.preparing + counts.prepared), String(counts.failed),
        String(counts.skipped),
        String(counts.total), rollout.createdAt.age(now: now), rollout.reason ?? "",
        rollout.selector, rollout.file)
    }
    return table
  }

  /// One line, for a watch.
  static func summary(_ rollout: RolloutDetail) -> String {
    var text = "\(rollout.name): \(rollout.state), \(progress(rollout.counts))"
    if let reason = rollout.reason { text += " — " + reason }
    return DisplayText.escaped(text)
  }

  /// How many targets are how far; those of which there are none are left out.
  static func progress(_ counts: RolloutDetail.Counts) -> String {
    var text = "\(counts.done) of \(counts.total) done"
    for (number, word) in [
      (counts.active, "active"), (counts.prepared, "prepared"), (counts.preparing, "preparing"),
      (counts.pending, "pending"), (counts.failed, "failed"),
      (counts.skipped, "skipped"), (counts.cancelled, "cancelled"),
    ] where number > 0 { text += ", \(number) \(word)" }
    return text
  }
}
