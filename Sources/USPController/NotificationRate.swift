/// How often one agent may tell something: so many times at once, and so many a second from then on.
struct NotificationRate {
  private let perSecond: Double
  private let burst: Double
  private var left: Double
  private var since: Double?

  init(perSecond: Int, burst: Int) {
    self.perSecond = Double(perSecond)
    self.burst = Double(max(1, burst))
    left = self.burst
  }

  /// - Parameter now: seconds of any clock.
  mutating func take(now: Double) -> Bool {
    if let since, now > since { left = min(burst, left + (now - since) * perSecond) }
    since = now
    guard left >= 1 else { return false }
    left -= 1
    return true
  }
}
