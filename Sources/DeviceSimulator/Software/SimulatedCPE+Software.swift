import CWMP

/// Deployment units: one operation after the other, and one report for each ChangeDUState.
extension SimulatedCPE {
  mutating func accept(_ change: ChangeDUState) throws(FaultDetail) {
    guard tree.layout.entry(unitTable) != nil else { throw .cpeMethodNotSupported }
    guard !change.operations.isEmpty else { throw .cpeInvalidArguments }
    guard change.operations.count <= SoftwareQueue.maximumOperations,
      software.changes.count < SoftwareQueue.maximumChanges
    else { throw .cpeResourcesExceeded }
    software.changes.append(
      SoftwareQueue.Change(commandKey: change.commandKey, remaining: change.operations))
  }

  mutating func advanceSoftware(_ now: Duration) -> [Effect] {
    switch software.stage {
    case .fetching: return []
    case .idle: return startOperation(now)
    case .working(let until, let startTime, let outcome):
      guard now >= until else { return [] }
      software.stage = .idle
      let effects = finishOperation(startTime, outcome, now)
      return effects + startOperation(now)
    }
  }

  private mutating func startOperation(_ now: Duration) -> [Effect] {
    guard let change = software.changes.first else { return [] }
    guard let operation = change.remaining.first else {
      software.changes.removeFirst()
      report(
        .duStateChangeComplete(
          DUStateChangeComplete(results: change.results, commandKey: change.commandKey)),
        [
          Event(Event.duStateChangeComplete),
          Event(Event.methodChangeDUState, commandKey: change.commandKey),
        ], now)
      return startOperation(now)
    }
    let startTime = DateTimeText.format(readingTime(now).clock)
    if let source = source(of: operation) {
      software.stage = .fetching(startTime: startTime)
      return [.fetchUnit(source)]
    }
    work(startTime, nil, now)
    return []
  }

  private mutating func work(_ startTime: String, _ outcome: DownloadOutcome?, _ now: Duration) {
    let time = Double.random(in: behaviour.softwareTime, using: &random)
    software.stage = .working(until: now + .seconds(time), startTime: startTime, outcome)
  }

  /// Where an operation's file comes from; nil where it needs none.
  private func source(of operation: ChangeDUState.Operation) -> UnitSource? {
    switch operation {
    case .install(let install):
      return UnitSource(
        url: install.url, username: install.username, password: install.password)
    case .update(let update):
      let url =
        update.url.isEmpty
        ? rows(matching: update).first.map { unit($0, "URL") } ?? "" : update.url
      guard !url.isEmpty else { return nil }
      return UnitSource(url: url, username: update.username, password: update.password)
    case .uninstall: return nil
    }
  }

  /// The file that ``Effect/fetchUnit(_:)`` asked for has come, or not.
  package mutating func unitFetched(_ outcome: DownloadOutcome, at now: Duration) -> [Effect] {
    guard case .fetching(let startTime) = software.stage else { return [] }
    work(startTime, outcome, now)
    return []
  }

  private mutating func finishOperation(
    _ startTime: String, _ outcome: DownloadOutcome?, _ now: Duration
  ) -> [Effect] {
    guard var change = software.changes.first, !change.remaining.isEmpty else { return [] }
    let operation = change.remaining.removeFirst()
    let fault = outcome?.fault(expectedSize: 0, model: nil) ?? failure(.software)
    let results = results(of: operation, fault, now).map { result in
      var result = result
      result.startTime = startTime
      result.completeTime = DateTimeText.format(readingTime(now).clock)
      return result
    }
    change.results += results
    software.changes[0] = change
    return results.map {
      .note(
        .softwareChanged(name: $0.uuid, state: $0.fault.map { "\($0.code)" } ?? $0.currentState))
    }
  }
}
