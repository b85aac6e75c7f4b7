/// How many failures may be written to the log, so that a dead region does not fill the disk.
package struct FailureLogAllowance: Sendable {
  /// Lines in each interval.
  package let lines: Int
  /// Seconds.
  package let interval: Double

  private var start = -Double.infinity
  private var used = 0
  private var suppressed = 0

  package init(lines: Int, interval: Double) {
    self.lines = lines
    self.interval = interval
  }

  /// Takes one line at a time in seconds.
  ///
  /// - Returns: `nil` if it must be left out, otherwise how many were left out since the last one written.
  package mutating func take(now: Double) -> Int? {
    if now - start >= interval {
      start = now
      used = 0
    }
    guard used < lines else {
      suppressed += 1
      return nil
    }
    used += 1
    defer { suppressed = 0 }
    return suppressed
  }
}
