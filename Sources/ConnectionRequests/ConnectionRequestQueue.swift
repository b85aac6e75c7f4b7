import Fleet

/// Rounds that wait for their turn, first come first served.
struct ConnectionRequestQueue: Sendable {
  struct Step: Sendable, Equatable {
    var device: Device.ID
    var round: Int
    /// nil: the device's record is to be looked up first.
    var method: ConnectionMethod?
  }

  private var steps: [Step] = []
  private var head = 0

  var isEmpty: Bool { head == steps.count }

  mutating func append(_ step: Step) {
    steps.append(step)
  }

  mutating func popFirst() -> Step? {
    guard head < steps.count else { return nil }
    defer {
      head += 1
      if head > 1024, head * 2 > steps.count {
        steps.removeFirst(head)
        head = 0
      }
    }
    return steps[head]
  }
}
