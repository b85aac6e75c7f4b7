/// How a type of PostgreSQL is written and read in binary format.
protocol ValueFormat: Sendable {
  associatedtype Value: Sendable
  static var type: PostgresType { get }
  static var arrayType: PostgresType { get }
  /// Bytes that an average value takes, to reserve room by.
  static var expectedSize: Int { get }
  /// Types whose binary format `read` understands, other than `type`.
  static var alsoReadable: [PostgresType] { get }
  static func append(_ value: Value, to bytes: inout [UInt8]) throws(PostgresError)
  /// Nil if the bytes are no such value.
  static func read(_ bytes: UnsafeRawBufferPointer, of type: PostgresType) -> Value?
}

enum BoolFormat: ValueFormat {
  static let type = PostgresType.bool
  static let arrayType = PostgresType.boolArray
  static let expectedSize = 1
  static let alsoReadable: [PostgresType] = []

  static func append(_ value: Bool, to bytes: inout [UInt8]) {
    bytes.append(value ? 1 : 0)
  }

  static func read(_ bytes: UnsafeRawBufferPointer, of type: PostgresType) -> Bool? {
    bytes.count == 1 ? bytes[0] != 0 : nil
  }
}

enum Int2Format: ValueFormat {
  static let type = PostgresType.int2
  static let arrayType = PostgresType.int2Array
  static let expectedSize = 2
  static let alsoReadable: [PostgresType] = []

  static func append(_ value: Int16, to bytes: inout [UInt8]) {
    bytes.appendBigEndian(value)
  }

  static func read(_ bytes: UnsafeRawBufferPointer, of type: PostgresType) -> Int16? {
    bytes.bigEndianInteger()
  }
}

enum Int4Format: ValueFormat {
  static let type = PostgresType.int4
  static let arrayType = PostgresType.int4Array
  static let expectedSize = 4
  static let alsoReadable: [PostgresType] = [.int2]

  static func append(_ value: Int32, to bytes: inout [UInt8]) {
    bytes.appendBigEndian(value)
  }

  static func read(_ bytes: UnsafeRawBufferPointer, of type: PostgresType) -> Int32? {
    if type == .int2 { return bytes.bigEndianInteger(of: Int16.self).map(Int32.init) }
    return bytes.bigEndianInteger()
  }
}

enum Int8Format: ValueFormat {
  static let type = PostgresType.int8
  static let arrayType = PostgresType.int8Array
  static let expectedSize = 8
  static let alsoReadable: [PostgresType] = [.int4, .int2, .oid]

  static func append(_ value: Int64, to bytes: inout [UInt8]) {
    bytes.appendBigEndian(value)
  }

  static func read(_ bytes: UnsafeRawBufferPointer, of type: PostgresType) -> Int64? {
    switch type {
    case .int2: bytes.bigEndianInteger(of: Int16.self).map(Int64.init)
    case .int4: bytes.bigEndianInteger(of: Int32.self).map(Int64.init)
    case .oid: bytes.bigEndianInteger(of: UInt32.self).map(Int64.init)
    default: bytes.bigEndianInteger()
    }
  }
}

enum Float8Format: ValueFormat {
  static let type = PostgresType.float8
  static let arrayType = PostgresType.float8Array
  static let expectedSize = 8
  static let alsoReadable: [PostgresType] = [.float4]

  static func append(_ value: Double, to bytes: inout [UInt8]) {
    bytes.appendBigEndian(value.bitPattern)
  }

  static func read(_ bytes: UnsafeRawBufferPointer, of type: PostgresType) -> Double? {
    if type == .float4 {
      return bytes.bigEndianInteger(of: UInt32.self).map { Double(Float(bitPattern: $0)) }
    }
    return bytes.bigEndianInteger(of: UInt64.self).map(Double.init(bitPattern:))
  }
}

enum TextFormat: ValueFormat {
  static let type = PostgresType.text
  static let arrayType = PostgresType.textArray
  static let expectedSize = 24
  static let alsoReadable: [PostgresType] = [.varchar, .name, .bpchar, .char, .unknown, .json]

  static func append(_ value: String, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: value.utf8)
  }

  static func read(_ bytes: UnsafeRawBufferPointer, of type: PostgresType) -> String? {
    String(decoding: bytes, as: UTF8.self)
  }
}

enum ByteaFormat: ValueFormat {
  static let type = PostgresType.bytea
  static let arrayType = PostgresType.byteaArray
  static let expectedSize = 64
  static let alsoReadable: [PostgresType] = []

  static func append(_ value: [UInt8], to bytes: inout [UInt8]) {
    bytes.append(contentsOf: value)
  }

  static func read(_ bytes: UnsafeRawBufferPointer, of type: PostgresType) -> [UInt8]? {
    Array(bytes)
  }
}

/// Seconds since 1970 on this side, microseconds since 2000 on the other.
enum TimestampFormat: ValueFormat {
  static let type = PostgresType.timestamptz
  static let arrayType = PostgresType.timestamptzArray
  static let expectedSize = 8
  static let alsoReadable: [PostgresType] = []

  private static let secondsFrom1970To2000 = 946_684_800.0

  static func append(_ value: Double, to bytes: inout [UInt8]) throws(PostgresError) {
    if value.isInfinite {
      bytes.appendBigEndian(value < 0 ? Int64.min : Int64.max)
      return
    }
    let microseconds = ((value - secondsFrom1970To2000) * 1_000_000).rounded()
    guard let wire = Int64(exactly: microseconds) else {
      throw PostgresError(.parameter, "a time is not a number or too far away to be stored")
    }
    bytes.appendBigEndian(wire)
  }

  static func read(_ bytes: UnsafeRawBufferPointer, of type: PostgresType) -> Double? {
    guard let wire = bytes.bigEndianInteger(of: Int64.self) else { return nil }
    switch wire {
    case .max: return .infinity
    case .min: return -.infinity
    default: return Double(wire) / 1_000_000 + secondsFrom1970To2000
    }
  }
}

/// JSON as its UTF-8 text; in binary format a version byte stands in front.
enum JSONFormat: ValueFormat {
  static let type = PostgresType.jsonb
  static let arrayType = PostgresType.jsonbArray
  static let expectedSize = 64
  static let alsoReadable: [PostgresType] = [.json]

  static let version: UInt8 = 1

  static func append(_ value: [UInt8], to bytes: inout [UInt8]) {
    bytes.append(version)
    bytes.append(contentsOf: value)
  }

  static func read(_ bytes: UnsafeRawBufferPointer, of type: PostgresType) -> [UInt8]? {
    if type == .json { return Array(bytes) }
    guard bytes.first == version else { return nil }
    return Array(bytes.dropFirst())
  }
}

/// JSON given as text.
enum JSONTextFormat: ValueFormat {
  static let type = PostgresType.jsonb
  static let arrayType = PostgresType.jsonbArray
  static let expectedSize = 64
  static let alsoReadable: [PostgresType] = [.json]

  static func append(_ value: String, to bytes: inout [UInt8]) {
    bytes.append(JSONFormat.version)
    bytes.append(contentsOf: value.utf8)
  }

  static func read(_ bytes: UnsafeRawBufferPointer, of type: PostgresType) -> String? {
    if type == .json { return String(decoding: bytes, as: UTF8.self) }
    guard bytes.first == JSONFormat.version else { return nil }
    return String(decoding: bytes.dropFirst(), as: UTF8.self)
  }
}
