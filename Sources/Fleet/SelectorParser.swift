/// Reads the text form of a ``Selector``; goes on after a problem so that all of them are told at once.
struct SelectorParser {
  let text: [Unicode.Scalar]
  private let bytes: Int
  let limits: SelectorLimits
  var position = 0
  private(set) var problems: [Diagnostic] = []

  init(_ text: String, limits: SelectorLimits) {
    self.limits = limits
    bytes = text.utf8.count
    self.text = bytes <= limits.maxBytes ? Array(text.unicodeScalars) : []
  }

  /// The terms that could be read; to be used only where there are no problems.
  mutating func parse() -> [Selector.Term] {
    guard bytes <= limits.maxBytes else {
      problem("The selector has \(bytes) bytes; at most \(limits.maxBytes) are taken.", at: 0)
      return []
    }
    skipSpace()
    if isAtEnd { return [] }
    var terms: [Selector.Term] = []
    while true {
      if terms.count == limits.maxTerms {
        problem("There are more than \(limits.maxTerms) terms.", at: position)
        break
      }
      let start = position
      do throws(Unreadable) {
        terms.append(try term())
      } catch {
        problem(error.message, hint: error.hint, at: error.position)
        if problems.count == Self.maxProblems { break }
        position = start
        skipTerm()
      }
      if isAtEnd { break }
      position += 1
    }
    return terms
  }

  /// Somebody who gets more than that has not meant to write a selector.
  private static let maxProblems = 20

  struct Unreadable: Error {
    var message: String
    var hint: String?
    var position: Int
  }

  // MARK: - Terms

  /// Leaves the position at the comma after the term or at the end.
  private mutating func term() throws(Unreadable) -> Selector.Term {
    skipSpace()
    let start = position
    let isNegated = skip("!")
    skipSpace()
    let subject = try subject()
    skipSpace()
    let test: Selector.Test
    let operatorStart = position
    if isAtEnd || current == "," {
      test = isNegated ? .isAbsent : .exists
    } else if skip("=") {
      _ = skip("=")
      test = .isAny([try value(isInList: false)])
    } else if current == "!", next == "=" {
      position += 2
      test = .isNone([try value(isInList: false)])
    } else {
      switch word() {
      case "in": test = .isAny(try list())
      case "notin": test = .isNone(try list())
      case let other:
        throw Unreadable(
          message: other.isEmpty
            ? "Here a comparison is wanted." : "There is no comparison “\(other.clipped(to: 32))”.",
          hint: "write =, !=, in (…) or notin (…), or a comma before the next term",
          position: operatorStart)
      }
    }
    guard isAtEnd || current == "," else {
      throw Unreadable(
        message: "Here a comma is wanted.", hint: "put values in double quotes, terms after commas",
        position: position)
    }
    switch test {
    case .exists, .isAbsent:
      if subject == .name {
        throw Unreadable(
          message: "Every device has a name.", hint: "write name=… with the name that is meant",
          position: start)
      }
    case .isAny(let patterns), .isNone(let patterns):
      if subject == .online, !patterns.allSatisfy({ ["true", "false"].contains($0.exact) }) {
        throw Unreadable(
          message: "An agent is online or not.", hint: "write online=true or online=false",
          position: start)
      }
      if isNegated {
        throw Unreadable(
          message: "The term is negated in front.",
          hint: "write \(subject)!=… or \(subject) notin (…)",
          position: start)
      }
    }
    return Selector.Term(subject, test)
  }

  private mutating func subject() throws(Unreadable) -> Selector.Subject {
    let start = position
    while let scalar = current, !scalar.properties.isWhitespace,
      !"=!,()\"<>~".unicodeScalars.contains(scalar)
    {
      position += 1
    }
    let key = string(start..<position)
    switch key {
    case "name": return .name
    case "tag": return .tag
    case "online": return .online
    case "":
      throw Unreadable(
        message: "Here a name is wanted.",
        hint: isAtEnd || current == ","
          ? "leave out the comma" : "write tag, name, online or a parameter",
        position: start)
    default: break
    }
    if key.contains("*") {
      throw Unreadable(
        message: "“\(key.clipped(to: 256))” has a star; only values may have.",
        hint: "write the parameter's full name", position: start)
    }
    if let flaw = ParameterPath.flaw(
      of: key, maxCharacters: OperationLimits.standard.maxPathCharacters)
    {
      throw Unreadable(message: flaw.message, hint: flaw.hint, position: start)
    }
    if key.hasSuffix(".") {
      throw Unreadable(
        message: "“\(key)” is an object; only parameters can be asked for.",
        hint: "write the parameter's name after the dot", position: start)
    }
    guard key.contains(".") else {
      throw Unreadable(
        message: "“\(key)” is neither tag, name, online nor a parameter.",
        hint: Self.hint(for: key),
        position: start)
    }
    return .fact(canonicalFactName(key))
  }

  private static func hint(for key: String) -> String {
    let last = Dictionary(
      Facts.standard.map { (String($0.split(separator: ".").last ?? ""), $0) },
      uniquingKeysWith: { first, _ in first })
    if let near = last.keys.sorted().nearest(to: key), let fact = last[near] {
      return "did you mean “\(fact)”?"
    }
    if let near = ["tag", "name", "online"].nearest(to: key) { return "did you mean “\(near)”?" }
    return "write tag, name, online or a path such as DeviceInfo.ModelName"
  }

  private mutating func problem(_ message: String, hint: String? = nil, at position: Int) {
    let before = text.prefix(position)
    let line = before.count { $0 == "\n" } + 1
    let column = before.count - (before.lastIndex(of: "\n").map { $0 + 1 } ?? 0) + 1
    problems.append(
      Diagnostic(message, hint: hint, location: Diagnostic.Location(line: line, column: column)))
  }
}
