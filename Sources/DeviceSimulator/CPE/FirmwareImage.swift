import Cryptography

/// The format of a simulated device's firmware: one line of text, then padding.
///
/// The line is `FAIRLEAD-IMAGE model=NAME version=VERSION`; it says which model the image is for.
package struct FirmwareImage: Sendable, Equatable {
  package var model: String
  package var version: String

  package init(model: String, version: String) {
    self.model = model
    self.version = version
  }

  /// The first line is not longer than that, in bytes.
  package static let maximumHeaderLength = 512

  private static let mark = "FAIRLEAD-IMAGE"

  /// Reads the beginning of a file; nil if it is no such image.
  package init?(header bytes: some Collection<UInt8>) {
    guard let end = bytes.prefix(Self.maximumHeaderLength).firstIndex(of: UInt8(ascii: "\n")),
      let line = String(validating: bytes[..<end], as: UTF8.self)
    else { return nil }
    let words = line.split(separator: " ")
    guard words.count == 3, words[0] == Self.mark, words[1].hasPrefix("model="),
      words[2].hasPrefix("version=")
    else { return nil }
    let model = words[1].dropFirst("model=".count)
    let version = words[2].dropFirst("version=".count)
    guard !model.isEmpty, !version.isEmpty, version.count <= 64 else { return nil }
    self.init(model: String(model), version: String(version))
  }

  /// The whole file; the padding is repeatable and does not compress to nothing.
  ///
  /// - Parameter size: Bytes; at least as many as the line needs.
  package func contents(size: Int) throws(SimulatorError) -> [UInt8] {
    guard Self.isWord(model), Self.isWord(version) else {
      throw SimulatorError(.invalidOption, "model and version are words without spaces")
    }
    var bytes = Array("\(Self.mark) model=\(model) version=\(version)\n".utf8)
    guard bytes.count <= min(size, Self.maximumHeaderLength) else {
      throw SimulatorError(.invalidOption, "an image has at least \(bytes.count) bytes")
    }
    bytes.reserveCapacity(size + 8)
    var random = SeededRandom(seed: SeededRandom.hash(model + version, seed: 0))
    while bytes.count < size {
      withUnsafeBytes(of: random.next().littleEndian) { bytes.append(contentsOf: $0) }
    }
    bytes.removeLast(bytes.count - size)
    return bytes
  }

  /// SHA-256 of a file as hexadecimal digits.
  package static func checksum(_ contents: [UInt8]) -> String {
    SHA256.hexDigest(of: contents)
  }

  private static func isWord(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }
}
