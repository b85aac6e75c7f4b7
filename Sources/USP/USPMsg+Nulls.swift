import SwiftProtobuf

extension USPMsg {
  /// The message with U+FFFD for each U+0000 of its texts: no database keeps that in its own texts.
  /// - Throws: where two names become one by it.
  func replacingNulls() throws -> USPMsg {
    let json: [UInt8] = try jsonUTF8Bytes()
    var replaced: [UInt8] = []
    replaced.reserveCapacity(json.count)
    var index = 0
    while index < json.count {
      // A backslash and what it escapes belong together.
      let isEscape = json[index] == UInt8(ascii: "\\") && index + 1 < json.count
      if isEscape, json[index...].starts(with: Self.escapedNull) {
        replaced += Self.escapedReplacement
        index += Self.escapedNull.count
      } else {
        let count = isEscape ? 2 : 1
        replaced += json[index..<index + count]
        index += count
      }
    }
    var options = JSONDecodingOptions()
    options.ignoreUnknownFields = true
    return try USPMsg(jsonUTF8Bytes: replaced, options: options)
  }

  private static let escapedNull = Array(#"\u0000"#.utf8)
  private static let escapedReplacement = Array(#"\uFFFD"#.utf8)
}
