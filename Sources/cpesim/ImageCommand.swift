import ArgumentParser
import DeviceSimulator
import Foundation

/// `cpesim image`: makes a firmware image that simulated devices take.
struct ImageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "image",
    abstract: "Makes a firmware image for simulated devices and prints its SHA-256.")

  /// Bytes of an image at most.
  static let maximumSize = 1 << 30

  @Option(name: .long, help: "The version that devices run with it.")
  var version: String

  @Option(name: .long, help: "The product class it is for: SG181 (tr181) or SG98 (tr098).")
  var product = "SG181"

  @Option(name: .long, help: "Its size in bytes, or with KiB, MiB or GiB behind the number.")
  var size = "4MiB"

  @Option(name: .shortAndLong, help: "The file to write.")
  var output: String

  func run() throws {
    let contents = try FirmwareImage(model: product, version: version)
      .contents(size: try Self.bytes(size))
    do {
      try Data(contents).write(to: URL(fileURLWithPath: output), options: .atomic)
    } catch {
      throw SimulatorError(.file, "\(output) cannot be written: \(error.localizedDescription)")
    }
    print("\(FirmwareImage.checksum(contents))  \(output)")
  }

  static func bytes(_ text: String) throws -> Int {
    let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)]
    let unit = units.first { text.hasSuffix($0.0) }
    let digits = unit == nil ? text : String(text.dropLast(3))
    guard let number = Int(digits), number > 0,
      number <= maximumSize / (unit?.1 ?? 1)
    else {
      throw ValidationError("--size is a number of bytes up to 1GiB, such as 4MiB")
    }
    return number * (unit?.1 ?? 1)
  }
}
