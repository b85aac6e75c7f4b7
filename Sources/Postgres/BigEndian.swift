extension [UInt8] {
  mutating func appendBigEndian(_ value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
  }

  /// Overwrites the four bytes at `index`, which must exist.
  mutating func replaceBigEndian(at index: Int, with value: Int32) {
    Swift.withUnsafeBytes(of: value.bigEndian) { source in
      for (offset, byte) in source.enumerated() { self[index + offset] = byte }
    }
  }
}

extension UnsafeRawBufferPointer {
  /// Nil unless the bytes are exactly as many as the integer has.
  func bigEndianInteger<Integer: FixedWidthInteger>(of type: Integer.Type = Integer.self)
    -> Integer?
  {
    guard count == MemoryLayout<Integer>.size else { return nil }
    return Integer(bigEndian: loadUnaligned(as: Integer.self))
  }
}
