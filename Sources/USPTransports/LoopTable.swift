import NIOConcurrencyHelpers
import NIOCore

/// A connection that is looked at from time to time; touched on its event loop only.
protocol SweptConnection: AnyObject {
  /// Where it stands in its table.
  var place: Int { get set }
  /// Completes when the connection is gone.
  var ended: EventLoopFuture<Void> { get }
  /// Does what has become due.
  func sweep(now: NIODeadline)
  /// Begins to end, in the way that the protocol has for it.
  func end()
  /// Ends at once.
  func cut()
}

/// The connections of one event loop; touched on that loop only.
///
/// One timer for all of them: a timer for each would cost more than the rest of an idle link's state.
final class LoopTable {
  private(set) var connections: [any SweptConnection] = []

  func add(_ connection: any SweptConnection) {
    connection.place = connections.count
    connections.append(connection)
  }

  func remove(_ connection: any SweptConnection) {
    let place = connection.place
    guard connections.indices.contains(place), connections[place] === connection else { return }
    let last = connections.removeLast()
    guard last !== connection else { return }
    connections[place] = last
    last.place = place
  }

  func sweep(now: NIODeadline) {
    // From the end, since a connection that leaves is replaced by the last one, which has had its turn.
    var place = connections.count - 1
    while place >= 0 {
      if place < connections.count { connections[place].sweep(now: now) }
      place -= 1
    }
  }
}

/// The tables of all event loops of a server or a client.
final class LoopTables: Sendable {
  private let tables: [ObjectIdentifier: NIOLoopBoundBox<LoopTable>]
  private let sweeps: NIOLockedValueBox<[RepeatedTask]>

  init(group: any EventLoopGroup) {
    var tables: [ObjectIdentifier: NIOLoopBoundBox<LoopTable>] = [:]
    for loop in group.makeIterator() {
      tables[ObjectIdentifier(loop)] = NIOLoopBoundBox.makeBoxSendingValue(
        LoopTable(), eventLoop: loop)
    }
    self.tables = tables
    sweeps = NIOLockedValueBox(
      tables.values.map { table in
        table.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
          table.value.sweep(now: .now())
        }
      })
  }

  deinit { cancelSweeps() }

  /// The table of a loop; nil where the loop belongs to another group.
  func table(on loop: any EventLoop) -> NIOLoopBoundBox<LoopTable>? {
    tables[ObjectIdentifier(loop)]
  }

  /// Looks at all connections as if it were this time.
  func sweep(now: NIODeadline) async throws {
    for table in tables.values {
      try await table.eventLoop.submit { table.value.sweep(now: now) }.get()
    }
  }

  /// Ends all connections.
  /// - Parameter patience: how long they may take.
  func end(patience: TimeAmount) async {
    let ends = tables.values.map { table in
      table.eventLoop.flatSubmit {
        let connections = table.value.connections
        for connection in connections { connection.end() }
        let cut = table.eventLoop.scheduleTask(in: patience) {
          for connection in table.value.connections { connection.cut() }
        }
        return EventLoopFuture.andAllComplete(
          connections.map(\.ended), on: table.eventLoop
        ).always { _ in cut.cancel() }
      }
    }
    for end in ends { try? await end.get() }
    cancelSweeps()
  }

  private func cancelSweeps() {
    let running = sweeps.withLockedValue { sweeps in
      defer { sweeps = [] }
      return sweeps
    }
    // Once: the loops may be gone when this is asked for again.
    for sweep in running { sweep.cancel() }
  }
}
