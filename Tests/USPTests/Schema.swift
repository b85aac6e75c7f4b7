import Foundation

/// The messages of a schema of Protocol Buffers, as far as the files in `Sources/USP/Protocol` use the language.
struct Schema {
  struct Field {
    enum Kind: Equatable {
      case scalar
      /// The greatest number that has a name.
      case enumeration(last: UInt64)
      case message(String)
    }

    var name: String
    var number: UInt64
    var kind: Kind
    /// A list or a map.
    var isRepeated: Bool
    var isMember: Bool
  }

  struct Malformed: Error {
    var line: String
  }

  /// By the names with what they stand in, for example `AddResp.OperationStatus`.
  private(set) var messages: [String: [Field]] = [:]
  private var enumerations: [String: UInt64] = [:]

  /// - Parameter file: one of `Sources/USP/Protocol`.
  init(_ file: String) throws {
    let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/USP/Protocol/\(file)")
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
      $0.prefix { $0 != "/" }.trimmingCharacters(in: .whitespaces)
    }
    // The types first, since fields may come before those that they are of.
    try read(lines) { _, _, _, _ in }
    try read(lines) { schema, scope, words, isMember in
      schema.messages[scope, default: []].append(
        try schema.field(words, in: scope, isMember: isMember))
    }
  }

  private enum Block {
    case message, enumeration, choice
  }

  private mutating func read(
    _ lines: [String], field: (inout Schema, String, [String], Bool) throws -> Void
  ) throws {
    var open: [(block: Block, name: String)] = []
    for line in lines where !line.isEmpty {
      let scope = open.filter { $0.block != .choice }.map(\.name).joined(separator: ".")
      let words = line.replacing(", ", with: ",").split(whereSeparator: { " ;".contains($0) })
        .map(String.init)
      switch words[0] {
      case "syntax", "package", "option": continue
      case "}": open.removeLast()
      case "message":
        let name = scope.isEmpty ? words[1] : "\(scope).\(words[1])"
        messages[name] = messages[name] ?? []
        if words[2] == "{" { open.append((.message, words[1])) }
      case "enum": open.append((.enumeration, words[1]))
      case "oneof": open.append((.choice, words[1]))
      default:
        guard let last = open.last, words.count >= 3 else { throw Malformed(line: line) }
        if last.block == .enumeration {
          guard let number = UInt64(words[2]) else { throw Malformed(line: line) }
          enumerations[scope] = max(enumerations[scope] ?? 0, number)
        } else {
          try field(&self, scope, words, last.block == .choice)
        }
      }
    }
  }

  private func field(_ words: [String], in scope: String, isMember: Bool) throws -> Field {
    let isMap = words[0].hasPrefix("map<")
    let isRepeated = isMap || words[0] == "repeated"
    let rest = words[0] == "repeated" ? Array(words.dropFirst()) : words
    guard rest.count == 4, rest[2] == "=", let number = UInt64(rest[3]) else {
      throw Malformed(line: words.joined(separator: " "))
    }
    return Field(
      name: rest[1], number: number, kind: isMap ? .scalar : try kind(rest[0], in: scope),
      isRepeated: isRepeated, isMember: isMember)
  }

  private func kind(_ type: String, in scope: String) throws -> Field.Kind {
    if ["string", "bytes", "bool", "fixed32", "uint64"].contains(type) { return .scalar }
    // From the innermost scope outwards.
    var parts = scope.split(separator: ".").map(String.init)
    while true {
      let name = (parts + [type]).joined(separator: ".")
      if messages[name] != nil { return .message(name) }
      if let last = enumerations[name] { return .enumeration(last: last) }
      guard !parts.isEmpty else { throw Malformed(line: type) }
      parts.removeLast()
    }
  }
}
