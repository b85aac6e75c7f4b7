/// The elements of an array parameter, whatever their type.
protocol ArrayParameter: Sendable {
  func append(to bytes: inout [UInt8]) throws(PostgresError)
}

/// An array none of whose elements is NULL.
struct PresentElements<Format: ValueFormat>: ArrayParameter {
  let elements: [Format.Value]

  func append(to bytes: inout [UInt8]) throws(PostgresError) {
    try bytes.appendArrayHeader(Format.self, count: elements.count, hasNulls: false)
    for element in elements { try bytes.appendSized(Format.self, element) }
  }
}

/// An array some of whose elements may be NULL.
struct NullableElements<Format: ValueFormat>: ArrayParameter {
  let elements: [Format.Value?]

  func append(to bytes: inout [UInt8]) throws(PostgresError) {
    let hasNulls = elements.contains { $0 == nil }
    try bytes.appendArrayHeader(Format.self, count: elements.count, hasNulls: hasNulls)
    for element in elements {
      if let element {
        try bytes.appendSized(Format.self, element)
      } else {
        bytes.appendBigEndian(Int32(-1))
      }
    }
  }
}

extension [UInt8] {
  fileprivate mutating func appendArrayHeader<Format: ValueFormat>(
    _ format: Format.Type, count elementCount: Int, hasNulls: Bool
  ) throws(PostgresError) {
    guard let wireCount = Int32(exactly: elementCount) else {
      throw PostgresError(.parameter, "an array parameter has more elements than PostgreSQL takes")
    }
    let dimensions: Int32 = elementCount == 0 ? 0 : 1
    appendBigEndian(dimensions)
    appendBigEndian(Int32(hasNulls ? 1 : 0))
    appendBigEndian(Format.type.rawValue)
    if dimensions == 0 { return }
    appendBigEndian(wireCount)
    appendBigEndian(Int32(1))
    let needed = count + elementCount * (4 + Format.expectedSize)
    // Growth stays geometric over the many arrays of one batch.
    if needed > capacity { reserveCapacity(Swift.max(needed, 2 * capacity)) }
  }

  fileprivate mutating func appendSized<Format: ValueFormat>(
    _ format: Format.Type, _ value: Format.Value
  ) throws(PostgresError) {
    let lengthIndex = count
    appendBigEndian(Int32(0))
    try Format.append(value, to: &self)
    guard let length = Int32(exactly: count - lengthIndex - 4) else {
      throw PostgresError(.parameter, "an element of an array parameter is larger than 2 GB")
    }
    replaceBigEndian(at: lengthIndex, with: length)
  }
}
