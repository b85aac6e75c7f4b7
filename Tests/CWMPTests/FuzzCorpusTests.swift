import CWMP
import Foundation
import Testing

/// The inputs with which the fuzzer of envelopes begins, and those that it once failed on.
@Suite struct FuzzCorpusTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fuzz/Corpus/envelope")
  private static let charsets: [String?] = [nil, "utf-8", "iso-8859-1", "gb2312"]

  private static var isPresent: Bool { FileManager.default.fileExists(atPath: folder.path) }

  @Test(.enabled(if: isPresent, "there is no folder Fuzz beside Tests"))
  func everyInputIsReadTheSameInPiecesAndComesBackFromOurOwnEncoding() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).sorted()
    #expect(!names.isEmpty)
    let decoder = EnvelopeDecoder()
    for name in names {
      let input = [UInt8](try Data(contentsOf: Self.folder.appendingPathComponent(name)))
      try #require(input.count > 2, "\(name)")
      let charset = Self.charsets[Int(input[0]) % Self.charsets.count]
      let body = Array(input[2...])
      let whole = try? decoder.decode(body, charset: charset)
      #expect(inPieces(body, charset, by: Int(input[1]) % 97 + 1) == whole, "\(name)")
      guard let whole else { continue }
      var bytes: [UInt8] = []
      EnvelopeEncoder().encode(whole, into: &bytes)
      let second = try decoder.decode(bytes)
      EnvelopeEncoder().encode(second, into: &bytes)
      #expect(try decoder.decode(bytes) == second, "\(name)")
    }
  }

  private func inPieces(_ body: [UInt8], _ charset: String?, by length: Int) -> Envelope? {
    let decoder = EnvelopeDecoder()
    decoder.begin(charset: charset)
    do {
      for start in stride(from: 0, to: body.count, by: length) {
        try body[start..<min(start + length, body.count)].withUnsafeBytes { try decoder.feed($0) }
      }
      return try decoder.finish()
    } catch {
      return nil
    }
  }
}
