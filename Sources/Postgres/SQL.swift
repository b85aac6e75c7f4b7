/// The text of one SQL statement, written down in the source of the program.
///
/// It can be made from a literal only, so that no statement is ever put together from input: values
/// go into parameters.
package struct SQL: Sendable, ExpressibleByStringLiteral {
  let text: StaticString

  package init(stringLiteral text: StaticString) {
    self.text = text
  }

  /// The address and length of the literal, which stand for it cheaply.
  var key: Key {
    Key(address: UInt(bitPattern: text.utf8Start), length: text.utf8CodeUnitCount)
  }

  struct Key: Hashable {
    let address: UInt
    let length: Int
  }
}

extension SQL: CustomStringConvertible {
  package var description: String { text.description }
}

/// One statement with the values of its parameters `$1`, `$2` ….
package struct Statement: Sendable {
  package let sql: SQL
  package let parameters: [Parameter]

  package init(_ sql: SQL, parameters: [Parameter]) {
    self.sql = sql
    self.parameters = parameters
  }

  package init(_ sql: SQL, _ parameters: Parameter...) {
    self.init(sql, parameters: parameters)
  }
}
