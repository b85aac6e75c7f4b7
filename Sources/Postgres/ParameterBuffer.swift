/// The encoded parameters of the statements of one pipeline, one after the other in one buffer that
/// is used again and again.
struct ParameterBuffer {
  /// Where a parameter lies; nil for a NULL.
  private var fields: [Range<Int>?] = []
  private var bytes: [UInt8] = []
  private var pointers: [UnsafePointer<CChar>?] = []
  private var lengths: [Int32] = []
  private var formats: [Int32] = []

  /// More than this is not kept for the next pipeline, so that one huge batch doesn't hold its memory
  /// for ever.
  static let keptCapacity = 4 << 20

  mutating func removeAll() {
    fields.removeAll(keepingCapacity: fields.capacity <= Self.keptCapacity / 64)
    bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
  }

  mutating func append(_ parameters: [Parameter]) throws(PostgresError) {
    for parameter in parameters {
      let start = bytes.count
      if case .null = parameter.value {
        fields.append(nil)
        continue
      }
      try encode(parameter.value)
      guard bytes.count - start <= Int(Int32.max) else {
        throw PostgresError(.parameter, "a parameter is larger than 2 GB")
      }
      fields.append(start..<bytes.count)
    }
  }

  private mutating func encode(_ value: Parameter.Value) throws(PostgresError) {
    switch value {
    case .null: break
    case .bool(let value): BoolFormat.append(value, to: &bytes)
    case .int2(let value): Int2Format.append(value, to: &bytes)
    case .int4(let value): Int4Format.append(value, to: &bytes)
    case .int8(let value): Int8Format.append(value, to: &bytes)
    case .float8(let value): Float8Format.append(value, to: &bytes)
    case .text(let value): TextFormat.append(value, to: &bytes)
    case .bytea(let value): ByteaFormat.append(value, to: &bytes)
    case .timestamptz(let value): try TimestampFormat.append(value, to: &bytes)
    case .jsonb(let value): JSONFormat.append(value, to: &bytes)
    case .jsonbText(let value): JSONTextFormat.append(value, to: &bytes)
    case .array(let elements): try elements.append(to: &bytes)
    }
  }

  /// Shows the parameters in the given places in the three lists that libpq wants, all in binary
  /// format.
  mutating func withParameters<Result>(
    _ places: Range<Int>,
    _ body: (
      UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
    ) -> Result
  ) -> Result {
    if places.isEmpty { return body(nil, nil, nil) }
    pointers.removeAll(keepingCapacity: true)
    lengths.removeAll(keepingCapacity: true)
    while formats.count < places.count { formats.append(1) }
    return bytes.withUnsafeBytes { raw in
      for place in places {
        if let field = fields[place] {
          pointers.append(Self.pointer(to: field.lowerBound, in: raw))
          lengths.append(Int32(field.count))
        } else {
          pointers.append(nil)
          lengths.append(0)
        }
      }
      return pointers.withUnsafeBufferPointer { pointers in
        lengths.withUnsafeBufferPointer { lengths in
          formats.withUnsafeBufferPointer { formats in
            body(pointers.baseAddress, lengths.baseAddress, formats.baseAddress)
          }
        }
      }
    }
  }

  /// An empty value needs an address too, as a null pointer means NULL.
  private static func pointer(to offset: Int, in raw: UnsafeRawBufferPointer)
    -> UnsafePointer<CChar>
  {
    guard let base = raw.baseAddress else { return emptyValue }
    return (base + offset).assumingMemoryBound(to: CChar.self)
  }

  private static var emptyValue: UnsafePointer<CChar> {
    let empty: StaticString = ""
    return UnsafeRawPointer(empty.utf8Start).assumingMemoryBound(to: CChar.self)
  }
}
