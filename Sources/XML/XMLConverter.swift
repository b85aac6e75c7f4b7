import CLibXML2
import Glibc

/// Makes UTF-8 of another encoding by the C library's iconv, in pieces of any length.
final class XMLConverter {
  /// Bytes of converted text that are made at once.
  private static let outputLength = 8 << 10
  /// Bytes of one character at most, in any encoding that is read.
  private static let longestCharacter = 8

  let name: String
  private let descriptor: iconv_t
  /// Bytes by which to go on after one that means nothing.
  private let unit: Int
  /// The start of a character whose rest has not come.
  private var carried: [UInt8] = []

  /// - Parameter name: as iconv knows it; nil where it does not.
  init?(from name: String) {
    guard let descriptor = iconv_open("UTF-8", name),
      descriptor != UnsafeMutableRawPointer(bitPattern: -1)
    else { return nil }
    self.name = name
    self.descriptor = descriptor
    unit = name.hasPrefix("UTF-16") ? 2 : 1
  }

  deinit {
    iconv_close(descriptor)
  }

  /// Whether the bytes so far end within a character.
  var isInsideCharacter: Bool { !carried.isEmpty }

  /// Forgets what came before.
  func reset() {
    carried.removeAll(keepingCapacity: true)
    iconv(descriptor, nil, nil, nil, nil)
  }

  /// Appends the piece as UTF-8, with U+FFFD for bytes that the encoding does not have.
  func convert(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
    guard !carried.isEmpty else { return convertAll(bytes, into: &output) }
    let joined = carried + bytes
    carried.removeAll(keepingCapacity: true)
    joined.withUnsafeBytes { convertAll($0, into: &output) }
  }

  private func convertAll(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Self.outputLength) { converted in
      // iconv takes its input as not constant, and does not write to it.
      var input = UnsafeMutablePointer(
        mutating: bytes.baseAddress?.assumingMemoryBound(to: CChar.self))
      var inputLeft = bytes.count
      while inputLeft > 0 {
        var end = converted.baseAddress
        var outputLeft = converted.count
        let result = iconv(descriptor, &input, &inputLeft, &end, &outputLeft)
        let failure = errno
        output.append(
          contentsOf: UnsafeRawBufferPointer(
            rebasing: UnsafeRawBufferPointer(converted)[..<(converted.count - outputLeft)]))
        guard result == -1 else { continue }
        switch failure {
        case E2BIG:
          continue
        case EINVAL where inputLeft < Self.longestCharacter:
          carried.append(contentsOf: bytes.suffix(inputLeft))
          return
        default:
          output.append(contentsOf: [0xEF, 0xBF, 0xBD])
          let skipped = min(unit, inputLeft)
          input = input?.advanced(by: skipped)
          inputLeft -= skipped
        }
      }
    }
  }
}
