import CLibXML2

/// A regular expression of XML Schema (XML Schema Part 2, appendix F), which is matched against whole values.
package struct XMLPattern: Sendable {
  /// Longer ones, and longer values, are not looked at: matching may take time that grows much faster than they do.
  package static let maxBytes = 4_096

  package let text: String

  /// Nil where the text is no such expression.
  package init?(_ text: String) {
    guard text.utf8.count <= Self.maxBytes, let compiled = Self.compile(text) else { return nil }
    xmlRegFreeRegexp(compiled)
    self.text = text
  }

  /// Whether a whole value fits; nil where that can't be told.
  package func matches(_ value: String) -> Bool? { Self.matches(value, text) }

  /// Whether a whole value fits an expression, which is compiled once for it; nil where that can't be told, or it is no such
  /// expression.
  package static func matches(_ value: String, _ text: String) -> Bool? {
    guard text.utf8.count <= maxBytes, value.utf8.count <= maxBytes, !value.utf8.contains(0),
      let compiled = compile(text)
    else { return nil }
    defer { xmlRegFreeRegexp(compiled) }
    let result = value.withCString { value in
      value.withMemoryRebound(to: xmlChar.self, capacity: 1) { xmlRegexpExec(compiled, $0) }
    }
    return result < 0 ? nil : result == 1
  }

  /// libxml2 tells of a flaw by printing it unless somebody listens; the listener is this thread's own.
  private static func compile(_ text: String) -> xmlRegexpPtr? {
    guard !text.utf8.contains(0) else { return nil }
    xmlSetStructuredErrorFunc(nil) { _, _ in }
    defer { xmlSetStructuredErrorFunc(nil, nil) }
    return text.withCString { text in
      text.withMemoryRebound(to: xmlChar.self, capacity: 1) { xmlRegexpCompile($0) }
    }
  }
}
