/// Rows of the table: each ties a name to a place in ``Settings``.
extension Setting {
  typealias Place<Value> = any WritableKeyPath<Settings, Value> & Sendable

  static func text(
    _ path: String, _ place: Place<String>, _ form: TextForm,
    isSecret: Bool = false, _ documentation: String
  ) -> Setting {
    Setting(
      path: path, kind: .text(form), documentation: documentation, isSecret: isSecret,
      read: { .text($0[keyPath: place]) },
      write: { if case .text(let value) = $1 { $0[keyPath: place] = value } })
  }

  static func choice<Value: RawRepresentable<String> & CaseIterable & Sendable>(
    _ path: String, _ place: Place<Value>,
    _ documentation: String
  ) -> Setting {
    Setting(
      path: path, kind: .choice(Value.allCases.map(\.rawValue)), documentation: documentation,
      isSecret: false,
      read: { .text($0[keyPath: place].rawValue) },
      write: {
        if case .text(let name) = $1, let value = Value(rawValue: name) {
          $0[keyPath: place] = value
        }
      })
  }

  static func boolean(
    _ path: String, _ place: Place<Bool>,
    _ documentation: String
  ) -> Setting {
    Setting(
      path: path, kind: .boolean, documentation: documentation, isSecret: false,
      read: { .boolean($0[keyPath: place]) },
      write: { if case .boolean(let value) = $1 { $0[keyPath: place] = value } })
  }

  static func count(
    _ path: String, _ place: Place<Int>,
    _ range: ClosedRange<Int>, _ documentation: String
  ) -> Setting {
    number(path, place, .count(range), documentation)
  }

  /// The range is in bytes.
  static func size(
    _ path: String, _ place: Place<Int>,
    _ range: ClosedRange<Int>, _ documentation: String
  ) -> Setting {
    number(path, place, .size(range), documentation)
  }

  /// The range is in milliseconds; a number without a unit counts in `unit`.
  static func duration(
    _ path: String, _ place: Place<Duration>,
    _ range: ClosedRange<Int>, unit: DurationUnit = .seconds, _ documentation: String
  ) -> Setting {
    Setting(
      path: path, kind: .duration(range, unit: unit), documentation: documentation, isSecret: false,
      read: { .number($0[keyPath: place].inMilliseconds) },
      write: { if case .number(let value) = $1 { $0[keyPath: place] = .milliseconds(value) } })
  }

  static func list(
    _ path: String, _ place: Place<[String]>, _ form: TextForm,
    _ documentation: String
  ) -> Setting {
    Setting(
      path: path, kind: .list(form), documentation: documentation, isSecret: false,
      read: { .list($0[keyPath: place]) },
      write: { if case .list(let values) = $1 { $0[keyPath: place] = values } })
  }

  /// A list whose emptiness means that none is set.
  static func optionalList(
    _ path: String, _ place: Place<[String]?>, _ form: TextForm,
    _ documentation: String
  ) -> Setting {
    Setting(
      path: path, kind: .list(form), documentation: documentation, isSecret: false,
      read: { .list($0[keyPath: place] ?? []) },
      write: {
        if case .list(let values) = $1 { $0[keyPath: place] = values.isEmpty ? nil : values }
      })
  }

  private static func number(
    _ path: String, _ place: Place<Int>, _ kind: Kind,
    _ documentation: String
  ) -> Setting {
    Setting(
      path: path, kind: kind, documentation: documentation, isSecret: false,
      read: { .number($0[keyPath: place]) },
      write: { if case .number(let value) = $1 { $0[keyPath: place] = value } })
  }
}
