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

  let isQuiet: Bool
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

  /// Takes a line about a device.
  func note(_ serial: String, _ text: String) {
    guard !isQuiet else { return }
    state.withLock { state in
      if state.notes.count < Self.maximumNotes {
        state.notes.append("\(serial) \(text)")
      } else {
        state.suppressed += 1
      }
    }
  }

  /// Prints a line a second in which anything happened, until the time is up.
  ///
  /// - Parameters:
  ///   - start: what was counted before.
  ///   - words: what is said of a second; nil for nothing.
  func follow<Counts: Sendable>(
    from start: Counts, until interrupted: AsyncStream<Void>, duration: Double?,
    counts: @escaping @Sendable () async throws -> Counts,
    words: @escaping @Sendable (CountDifferences<Counts>) -> String?
  ) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { for await _ in interrupted { return } }
      if let duration {
        group.addTask { try? await Task.sleep(for: .seconds(duration)) }
      }
      group.addTask {
        var last = start
        while !Task.isCancelled {
          try? await Task.sleep(for: .seconds(1))
          guard !Task.isCancelled, let now = try? await counts() else { return }
          if !self.isQuiet {
            self.printNotes()
            words(CountDifferences(now, since: last)).map(self.line)
          }
          last = now
        }
      }
      await group.next()
      group.cancelAll()
    }
  }

  private func printNotes() {
    let (notes, suppressed) = state.withLock { state in
      defer { state = State() }
      return (state.notes, state.suppressed)
    }
    for note in notes { line("  " + note) }
    if suppressed > 0 { line("  … and \(suppressed) more") }
  }

  func line(_ text: String) {
    let time = DateTimeText.format(Int64(Date().timeIntervalSince1970))
    print("\(time.dropFirst(11).prefix(8))  \(text)")
    fflush(nil)
  }
}
