import ArgumentParser
import DeviceSimulator

/// `cpesim quirks`: lists the departures from the standard that devices can play.
struct QuirksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quirks",
    abstract: "Lists the quirks of real devices that `cpesim run --quirk NAME` plays.")

  func run() {
    let width = Quirk.allCases.map(\.rawValue.count).max() ?? 0
    var subject = ""
    for quirk in Quirk.allCases {
      if quirk.subject != subject {
        if !subject.isEmpty { print() }
        subject = quirk.subject
        print("\(subject):")
      }
      let padding = String(repeating: " ", count: width - quirk.rawValue.count)
      let number = quirk.defaultNumber.map { " (N: \($0), or \(quirk.rawValue):N)" } ?? ""
      print("  \(quirk.rawValue)\(padding)  \(quirk.summary)\(number)")
    }
  }
}
