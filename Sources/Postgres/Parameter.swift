/// The value of one parameter of a statement, with its type.
///
/// A nil becomes a NULL of that type. Times are seconds since 1970, JSON is its text or its UTF-8
/// bytes. Arrays go over the wire in binary format; their elements may be nil.
package struct Parameter: Sendable {
  enum Value: Sendable {
    case null
    case bool(Bool)
    case int2(Int16)
    case int4(Int32)
    case int8(Int64)
    case float8(Double)
    case text(String)
    case bytea([UInt8])
    case timestamptz(Double)
    case jsonb([UInt8])
    case jsonbText(String)
    case array(any ArrayParameter)
  }

  let type: PostgresType
  let value: Value

  private init(_ type: PostgresType, _ value: Value?) {
    self.type = type
    self.value = value ?? .null
  }

  /// A NULL of the type that the server infers from the statement.
  package static let null = Parameter(.unspecified, nil)

  package static func bool(_ value: Bool?) -> Parameter { .init(.bool, value.map(Value.bool)) }
  package static func int2(_ value: Int16?) -> Parameter { .init(.int2, value.map(Value.int2)) }
  package static func int4(_ value: Int32?) -> Parameter { .init(.int4, value.map(Value.int4)) }
  package static func int8(_ value: Int64?) -> Parameter { .init(.int8, value.map(Value.int8)) }

  package static func float8(_ value: Double?) -> Parameter {
    .init(.float8, value.map(Value.float8))
  }

  /// The text must not contain U+0000, which PostgreSQL can't store: the server refuses it.
  package static func text(_ value: String?) -> Parameter { .init(.text, value.map(Value.text)) }

  package static func bytea(_ value: [UInt8]?) -> Parameter {
    .init(.bytea, value.map(Value.bytea))
  }

  /// Seconds since 1970; infinities are PostgreSQL's.
  package static func timestamptz(_ value: Double?) -> Parameter {
    .init(.timestamptz, value.map(Value.timestamptz))
  }

  package static func jsonb(_ value: [UInt8]?) -> Parameter {
    .init(.jsonb, value.map(Value.jsonb))
  }

  package static func jsonb(_ value: String?) -> Parameter {
    .init(.jsonb, value.map(Value.jsonbText))
  }

  private static func array<Format: ValueFormat>(
    _ format: Format.Type, _ elements: [Format.Value]
  ) -> Parameter {
    .init(Format.arrayType, .array(PresentElements<Format>(elements: elements)))
  }

  private static func array<Format: ValueFormat>(
    _ format: Format.Type, _ elements: [Format.Value?]
  ) -> Parameter {
    .init(Format.arrayType, .array(NullableElements<Format>(elements: elements)))
  }

  package static func boolArray(_ elements: [Bool]) -> Parameter {
    array(BoolFormat.self, elements)
  }

  package static func boolArray(_ elements: [Bool?]) -> Parameter {
    array(BoolFormat.self, elements)
  }

  package static func int2Array(_ elements: [Int16]) -> Parameter {
    array(Int2Format.self, elements)
  }

  package static func int2Array(_ elements: [Int16?]) -> Parameter {
    array(Int2Format.self, elements)
  }

  package static func int4Array(_ elements: [Int32]) -> Parameter {
    array(Int4Format.self, elements)
  }

  package static func int4Array(_ elements: [Int32?]) -> Parameter {
    array(Int4Format.self, elements)
  }

  package static func int8Array(_ elements: [Int64]) -> Parameter {
    array(Int8Format.self, elements)
  }

  package static func int8Array(_ elements: [Int64?]) -> Parameter {
    array(Int8Format.self, elements)
  }

  package static func float8Array(_ elements: [Double]) -> Parameter {
    array(Float8Format.self, elements)
  }

  package static func float8Array(_ elements: [Double?]) -> Parameter {
    array(Float8Format.self, elements)
  }

  package static func textArray(_ elements: [String]) -> Parameter {
    array(TextFormat.self, elements)
  }

  package static func textArray(_ elements: [String?]) -> Parameter {
    array(TextFormat.self, elements)
  }

  package static func byteaArray(_ elements: [[UInt8]]) -> Parameter {
    array(ByteaFormat.self, elements)
  }

  package static func byteaArray(_ elements: [[UInt8]?]) -> Parameter {
    array(ByteaFormat.self, elements)
  }

  package static func timestamptzArray(_ elements: [Double]) -> Parameter {
    array(TimestampFormat.self, elements)
  }

  package static func timestamptzArray(_ elements: [Double?]) -> Parameter {
    array(TimestampFormat.self, elements)
  }

  package static func jsonbArray(_ elements: [[UInt8]]) -> Parameter {
    array(JSONFormat.self, elements)
  }

  package static func jsonbArray(_ elements: [[UInt8]?]) -> Parameter {
    array(JSONFormat.self, elements)
  }

  package static func jsonbArray(_ elements: [String]) -> Parameter {
    array(JSONTextFormat.self, elements)
  }

  package static func jsonbArray(_ elements: [String?]) -> Parameter {
    array(JSONTextFormat.self, elements)
  }
}

extension Parameter: CustomStringConvertible {
  /// The type alone, so that no log ever shows a value.
  package var description: String { "a parameter of type \(type)" }
}
