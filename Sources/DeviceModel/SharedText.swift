/// A text within a larger one that many share, so that thousands of descriptions cost no allocation each.
struct SharedText: Sendable {
  private let bytes: [UInt8]
  private let range: Range<Int32>

  /// - Precondition: the range is one of the bytes.
  init(_ bytes: [UInt8], _ range: Range<Int32>) {
    self.bytes = range.isEmpty ? [] : bytes
    self.range = range.isEmpty ? 0..<0 : range
  }

  init(_ string: String = "") {
    let bytes = Array(string.utf8)
    self.init(bytes, 0..<Int32(bytes.count))
  }

  var isEmpty: Bool { range.isEmpty }
  var count: Int { range.count }

  var string: String {
    String(decoding: bytes[Int(range.lowerBound)..<Int(range.upperBound)], as: UTF8.self)
  }
}
