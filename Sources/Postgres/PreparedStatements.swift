/// Which statements a session has prepared, by the text and the types of the parameters.
struct PreparedStatements {
  struct Variant {
    let name: String
    let types: [PostgresType]

    /// True if the parameters have these types; a NULL of no type suits any.
    func suits(_ parameters: [Parameter]) -> Bool {
      guard types.count == parameters.count else { return false }
      for (type, parameter) in zip(types, parameters)
      where parameter.type != type && parameter.type != .unspecified {
        return false
      }
      return true
    }
  }

  enum Choice {
    /// The session has it.
    case known(name: String)
    /// The session must prepare it first.
    case new(name: String)
    /// There are too many variants already: to be sent as it is.
    case unprepared
  }

  /// A statement that comes with ever other types would fill the server's memory.
  static let maximumVariants = 8

  private var variants: [SQL.Key: [Variant]] = [:]
  private var nameCount = 0

  var count: Int { variants.values.reduce(0) { $0 + $1.count } }

  /// Finds a variant or notes a new one; the caller prepares that or calls `remove`.
  mutating func choose(for statement: Statement) -> Choice {
    let key = statement.sql.key
    if let known = variants[key] {
      for variant in known where variant.suits(statement.parameters) {
        return .known(name: variant.name)
      }
      if known.count >= Self.maximumVariants { return .unprepared }
    }
    nameCount += 1
    let name = "s\(nameCount)"
    variants[key, default: []].append(
      Variant(name: name, types: statement.parameters.map(\.type)))
    return .new(name: name)
  }

  /// Forgets one variant.
  mutating func remove(name: String, of sql: SQL) {
    variants[sql.key]?.removeAll { $0.name == name }
  }

  /// Forgets all variants of a statement.
  mutating func remove(_ sql: SQL) {
    variants[sql.key] = nil
  }

  /// Forgets everything. Names are not given again, as the session may still know the old ones.
  mutating func removeAll() {
    variants.removeAll()
  }
}
