import ArgumentParser

/// A flag for each setting, and `--config` for the file; for use as an option group.
///
/// ArgumentParser learns the flags of a type by looking at its mirror. This one's mirror is made from
/// ``SettingTable``, so that no setting is declared twice.
package struct ConfigurationFlags: ParsableArguments, CustomReflectable {
  /// The configuration file, where a flag names one.
  package private(set) var file: String?
  /// What flags gave, by the setting's path; a flag that was given several times has several values.
  package private(set) var values: [String: [String]] = [:]

  package init() {}

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    file = try container.decode(Option<String?>.self, forKey: Key(Self.fileLabel)).wrappedValue
    for setting in SettingTable.all {
      let given: [String]
      if case .list = setting.kind {
        given = try container.decode(Option<[String]>.self, forKey: Key(setting.label)).wrappedValue
      } else {
        given =
          try container.decode(Option<String?>.self, forKey: Key(setting.label)).wrappedValue
          .map { [$0] } ?? []
      }
      if !given.isEmpty { values[setting.path] = given }
    }
  }

  package var customMirror: Mirror {
    let file = Option<String?>(
      name: .customLong("config"),
      help: ArgumentHelp(
        "The YAML file with the settings. (\(EffectiveConfiguration.fileVariable))",
        valueName: "file"),
      completion: .file(extensions: ["yaml", "yml"]))
    return Mirror(
      self,
      children: [(label: Self.fileLabel, value: file as Any)]
        + SettingTable.all.map { (label: $0.label, value: $0.option) })
  }

  private static let fileLabel = "file"

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}

extension Setting {
  fileprivate var label: String { path.replacing(".", with: "_") }

  fileprivate var option: Any {
    let help = ArgumentHelp(
      "\(summary) (default: \(defaultNote))", valueName: valueName)
    switch kind {
    case .list:
      return Option<[String]>(wrappedValue: [], name: .customLong(flag), help: help)
    case .choice(let names):
      return Option<String?>(name: .customLong(flag), help: help, completion: .list(names))
    case .boolean:
      return Option<String?>(
        name: .customLong(flag), help: help, completion: .list(["true", "false"]))
    case .text(.file):
      return Option<String?>(name: .customLong(flag), help: help, completion: .file())
    case .text(.directory):
      return Option<String?>(name: .customLong(flag), help: help, completion: .directory)
    case .text, .count, .size, .duration:
      return Option<String?>(name: .customLong(flag), help: help)
    }
  }

  /// The first sentence of the documentation.
  private var summary: String {
    guard let end = documentation.firstRange(of: ". ") else { return documentation }
    return String(documentation[..<end.lowerBound]) + "."
  }

  private var defaultNote: String {
    let text = defaultValue.text(as: kind)
    return text.isEmpty ? "empty" : text
  }

  private var valueName: String {
    switch kind {
    case .text(.directory): "directory"
    case .text(.file): "file"
    case .text(.baseURL): "url"
    case .text(.host): "address"
    case .text: "text"
    case .choice(let names): names.joined(separator: "|")
    case .boolean: "true|false"
    case .count: "number"
    case .size: "size"
    case .duration: "duration"
    case .list(.addressRange): "range"
    case .list(.digestAlgorithm): "algorithm"
    case .list: "name"
    }
  }
}
