import DeviceSimulator
import Foundation

/// Reads triggers from standard input, one a line, until it ends.
struct TriggerLines: Sendable {
  let fleet: SimulatedFleet

  /// Reads on a thread of its own, because reading blocks.
  func start() {
    let (lines, continuation) = AsyncStream<String>.makeStream()
    Thread.detachNewThread {
      while let line = readLine() { continuation.yield(line) }
      continuation.finish()
    }
    Task {
      for await line in lines { await perform(line) }
    }
  }

  private func perform(_ line: String) async {
    let words = line.split(separator: " ", maxSplits: 1).map(String.init)
    guard let first = words.first else { return }
    do {
      // Texts of triggers may have spaces in them: only what is none is a serial number.
      if let trigger = try? Trigger(line.trimmingCharacters(in: .whitespaces)) {
        try await fleet.trigger(trigger)
      } else if words.count == 2 {
        let count = try await fleet.trigger(Trigger(words[1]), serialNumber: first)
        if count == 0 { report("there is no device \(first)") }
      } else {
        _ = try Trigger(line)
      }
    } catch {
      report("\(error)")
    }
  }

  private func report(_ message: String) {
    FileHandle.standardError.write(Data((message + "\n").utf8))
  }
}
