import DeviceModel
import Foundation
import ManagementTypes
import Testing

/// Values of parameters in JSON.
@Suite struct TypedValueTests {
  private static func json(_ value: TypedValue) throws -> String {
    String(decoding: try JSONEncoder().encode([value]), as: UTF8.self)
  }

  @Test(
    arguments: [
      ("1", .boolean, false, "[true]"), ("false", .boolean, false, "[false]"),
      ("maybe", .boolean, false, "[\"maybe\"]"), ("-7", .int, false, "[-7]"),
      ("", .int, false, "[\"\"]"),
      ("4294967295", .unsignedInt, false, "[4294967295]"),
      // Beyond what most readers keep exactly.
      ("18446744073709551615", .unsignedLong, false, "[\"18446744073709551615\"]"),
      ("2.5", .decimal, false, "[2.5]"),
      ("0.00001", .decimal, false, "[\"0.00001\"]"), ("-0.0001", .decimal, false, "[-0.0001]"),
      ("0.1234567890123456", .decimal, false, "[\"0.1234567890123456\"]"),
      ("2026-11-23T10:00:00Z", .dateTime, false, "[\"2026-11-23T10:00:00Z\"]"),
      ("a, b%2Cc", .string, true, "[[\"a\",\"b,c\"]]"), ("", .string, true, "[[]]"),
      ("1,2", .unsignedInt, true, "[[1,2]]"), ("7", .string, false, "[\"7\"]"),
    ] as [(String, PrimitiveType, Bool, String)])
  func valuesAreShownAsWhatTheyMean(
    text: String, type: PrimitiveType, isList: Bool, json: String
  ) throws {
    #expect(try Self.json(TypedValue(text, type: type, isList: isList)) == json)
    let back = try JSONDecoder().decode([TypedValue].self, from: Data(json.utf8))
    #expect(try Self.json(back[0]) == json)
  }

  @Test(arguments: [
    ("true", "true"), ("12", "12"), ("-1.5", "-1.5"), ("\"x\"", "x"), ("[\"a,b\",3]", "a%2Cb,3"),
    ("[]", ""),
  ])
  func valuesAreTakenAsJSONHasThem(json: String, text: String) throws {
    let values = try JSONDecoder().decode([TypedValue].self, from: Data("[\(json)]".utf8))
    #expect(values.map(\.text) == [text])
    #expect(
      try JSONDecoder().decode([TypedValue].self, from: try JSONEncoder().encode(values)) == values)
  }

  @Test(arguments: ["null", "{}", "1e300", "[null]", "[{}]"]) func whatIsNoValueIsRefused(
    json: String
  ) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([TypedValue].self, from: Data("[\(json)]".utf8))
    }
  }
}
