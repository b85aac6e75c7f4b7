import Yams

/// The settings that a YAML file gives, each with its place, and all that is wrong with the file.
struct ConfigurationFile {
  private(set) var values: [(setting: Setting, value: SettingValue, origin: Origin)] = []
  private(set) var diagnostics: [ConfigurationDiagnostic] = []
  private let name: String

  /// The largest file that is read, in bytes.
  static let sizeLimit = 1 << 20

  /// Reads a file's text; `name` is how it is called in messages.
  init(text: String, name: String) {
    self.name = name
    guard text.utf8.count <= Self.sizeLimit else {
      report(
        nil, "the file is larger than \(SettingValue.number(Self.sizeLimit).text(as: .size(0...0)))"
      )
      return
    }
    do {
      guard let root = try compose(yaml: text) else { return }
      read(root)
    } catch let error as YamlError {
      report(error)
    } catch {
      report(nil, "the file cannot be read: \(error)")
    }
  }

  private mutating func read(_ root: Node) {
    // A file of comments alone is an empty scalar for some writers.
    if let scalar = root.scalar, scalar.isLeftOut { return }
    guard let mapping = root.mapping else {
      report(
        root.mark, "the file must hold names and values",
        suggestion: "for example cwmp: {port: 7547}")
      return
    }
    for (key, node) in mapping {
      guard let name = key.scalar?.string else {
        report(key.mark, "a setting's name must be a word")
        continue
      }
      if let setting = SettingTable.byPath[name], !name.contains(".") {
        read(node, as: setting)
      } else if SettingTable.sections.contains(name) {
        read(section: name, node)
      } else {
        reportUnknown(name, key.mark)
      }
    }
  }

  private mutating func read(section: String, _ node: Node) {
    if let scalar = node.scalar, scalar.isLeftOut { return }
    guard let mapping = node.mapping else {
      report(
        node.mark, "\(section) holds further settings, not a value",
        suggestion: "it has \(names(in: section).joined(separator: ", "))")
      return
    }
    for (key, child) in mapping {
      guard let name = key.scalar?.string else {
        report(key.mark, "a setting's name must be a word")
        continue
      }
      if let setting = SettingTable.byPath["\(section).\(name)"] {
        read(child, as: setting)
      } else {
        let near = nearest(to: name, among: names(in: section))
        report(
          key.mark, "\(section).\(name) is not a setting",
          suggestion: near.map { "did you mean \($0)?" }
            ?? "\(section) has \(names(in: section).joined(separator: ", "))")
      }
    }
  }

  private mutating func read(_ node: Node, as setting: Setting) {
    if case .list = setting.kind, let sequence = node.sequence {
      read(sequence, at: node.mark, as: setting)
      return
    }
    attempt(setting, node.mark) { () throws(Setting.Problem) in
      guard let scalar = node.scalar else {
        throw Setting.Problem(
          node.sequence == nil ? "takes no names and values" : "takes a single value, not a list")
      }
      if case .list = setting.kind {
        throw Setting.Problem(
          "must be a list", suggestion: "write [\(scalar.isLeftOut ? "" : scalar.string)]")
      }
      if scalar.isLeftOut {
        throw Setting.Problem(
          "has no value",
          suggestion: "remove the line for the default, or write '' for an empty text")
      }
      return try setting.parse(scalar.string)
    }
  }

  private mutating func read(_ sequence: Node.Sequence, at mark: Mark?, as setting: Setting) {
    let count = diagnostics.count
    var elements: [String] = []
    for element in sequence {
      if let scalar = element.scalar, !scalar.isLeftOut {
        elements.append(scalar.string)
        check(setting, element.mark) { () throws(Setting.Problem) in
          try setting.parse(elements: [scalar.string])
        }
      } else {
        report(element.mark, "\(setting.path) must be a list of words")
      }
    }
    guard diagnostics.count == count else { return }
    attempt(setting, mark) { () throws(Setting.Problem) in try setting.parse(elements: elements) }
  }

  private mutating func attempt(
    _ setting: Setting, _ mark: Mark?, parse: () throws(Setting.Problem) -> SettingValue
  ) {
    if let value = check(setting, mark, parse: parse) {
      values.append((setting, value, origin(mark)))
    }
  }

  /// The value, or nil after a report of what is wrong with it.
  @discardableResult
  private mutating func check(
    _ setting: Setting, _ mark: Mark?, parse: () throws(Setting.Problem) -> SettingValue
  ) -> SettingValue? {
    do throws(Setting.Problem) {
      return try parse()
    } catch {
      report(mark, "\(setting.path) \(error.message)", suggestion: error.suggestion)
      return nil
    }
  }

  private mutating func reportUnknown(_ name: String, _ mark: Mark?) {
    var suggestion: String?
    if SettingTable.byPath[name] != nil, let dot = name.firstIndex(of: ".") {
      suggestion = "write \(name[name.index(after: dot)...]): beneath \(name[..<dot]):"
    } else {
      let places = SettingTable.all.map(\.path).filter { $0.hasSuffix(".\(name)") }
      let top =
        SettingTable.all.map(\.path).filter { !$0.contains(".") } + SettingTable.sections.sorted()
      if let near = nearest(to: name, among: top) {
        suggestion = "did you mean \(near)?"
      } else if !places.isEmpty {
        suggestion = "did you mean \(places.joined(separator: " or "))?"
      }
    }
    report(mark, "\(name) is not a setting", suggestion: suggestion)
  }

  private mutating func report(_ error: YamlError) {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      report(
        mark, "the file is not valid YAML: \(problem)" + (context.map { " (\($0.text))" } ?? ""))
    case .duplicatedKeysInMapping(let names, let context):
      report(
        context.mark, "\(names.sorted().joined(separator: ", ")) is written more than once",
        suggestion: "keep one of them")
    default:
      report(nil, "the file is not valid YAML: it is no UTF-8 text, or holds control characters")
    }
  }

  private mutating func report(_ mark: Mark?, _ message: String, suggestion: String? = nil) {
    diagnostics.append(
      ConfigurationDiagnostic(
        severity: .error, origin: origin(mark), message: message, suggestion: suggestion))
  }

  private func origin(_ mark: Mark?) -> Origin {
    .file(name: name, line: mark?.line ?? 1, column: mark?.column ?? 1)
  }

  private func names(in section: String) -> [String] {
    SettingTable.all.compactMap {
      $0.path.hasPrefix("\(section).") ? String($0.path.dropFirst(section.count + 1)) : nil
    }
  }
}

extension Node.Scalar {
  /// True for a value that is left out or null, not for a quoted empty text.
  fileprivate var isLeftOut: Bool {
    style == .plain && ["", "~", "null", "Null", "NULL"].contains(string)
  }
}
