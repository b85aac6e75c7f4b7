import Foundation

/// The settings in force, and where each one came from.
package struct EffectiveConfiguration: Sendable {
  package private(set) var settings = Settings()
  /// By the setting's path; a setting that is not named has its built-in default.
  private var origins: [String: Origin] = [:]
  /// What is doubtful but no reason to refuse to start.
  package private(set) var warnings: [ConfigurationDiagnostic] = []

  /// Names the file where `--config` does not.
  package static let fileVariable = Setting.environmentPrefix + "CONFIG"

  /// Puts flags above the environment above the file above the defaults.
  ///
  /// - Throws: All errors of all sources at once.
  package static func load(
    flags: ConfigurationFlags, environment: [String: String]
  ) throws(ConfigurationError) -> EffectiveConfiguration {
    let named = flags.file.map { (name: $0, origin: Origin.flag("config")) }
    let variable = environment[fileVariable].map {
      (name: $0, origin: Origin.environment(fileVariable))
    }
    guard let (name, origin) = named ?? variable else {
      return try resolve(flags: flags, environment: environment, file: nil)
    }
    let text: String
    do {
      text = try String(contentsOfFile: name, encoding: .utf8)
    } catch {
      throw ConfigurationError(diagnostics: [
        ConfigurationDiagnostic(
          severity: .error, origin: origin, message: "\(name) cannot be read",
          suggestion: FileManager.default.fileExists(atPath: name)
            ? "it must be a readable file of UTF-8 text" : "there is no such file")
      ])
    }
    return try resolve(flags: flags, environment: environment, file: (name, text))
  }

  /// As ``load(flags:environment:)``, with the file's text at hand.
  package static func resolve(
    flags: ConfigurationFlags = ConfigurationFlags(), environment: [String: String] = [:],
    file: (name: String, text: String)? = nil
  ) throws(ConfigurationError) -> EffectiveConfiguration {
    var result = EffectiveConfiguration()
    var diagnostics: [ConfigurationDiagnostic] = []

    if let file {
      let reading = ConfigurationFile(text: file.text, name: file.name)
      diagnostics += reading.diagnostics
      for (setting, value, origin) in reading.values { result.set(setting, value, origin) }
    }
    for setting in SettingTable.all {
      let name = setting.environmentVariable
      guard let text = environment[name] else { continue }
      result.set(setting, .environment(name), &diagnostics) { () throws(Setting.Problem) in
        try setting.parse(text)
      }
    }
    for setting in SettingTable.all {
      guard let given = flags.values[setting.path], let last = given.last else { continue }
      result.set(setting, .flag(setting.flag), &diagnostics) { () throws(Setting.Problem) in
        if case .list = setting.kind {
          return try setting.parse(given.joined(separator: ","))
        }
        return try setting.parse(last)
      }
    }

    result.derive()
    diagnostics += result.contradictions()
    let misspelt = misspeltVariables(environment)
    // A variable that has no effect may be why something else is wrong.
    guard diagnostics.isEmpty else { throw ConfigurationError(diagnostics: diagnostics + misspelt) }
    result.warnings = result.doubts() + misspelt
    return result
  }

  /// Where the value of a setting came from.
  package func origin(of path: String) -> Origin { origins[path] ?? .builtIn }

  private mutating func set(_ setting: Setting, _ value: SettingValue, _ origin: Origin) {
    setting.write(&settings, value)
    origins[setting.path] = origin
  }

  private mutating func set(
    _ setting: Setting, _ origin: Origin, _ diagnostics: inout [ConfigurationDiagnostic],
    parse: () throws(Setting.Problem) -> SettingValue
  ) {
    do {
      set(setting, try parse(), origin)
    } catch {
      diagnostics.append(
        ConfigurationDiagnostic(
          severity: .error, origin: origin, message: "\(setting.path) \(error.message)",
          suggestion: error.suggestion))
    }
  }

  private mutating func derive() {
    if settings.dataDirectory.isEmpty { return }
    if settings.files.directory.isEmpty {
      let parent = settings.dataDirectory
      settings.files.directory = parent.hasSuffix("/") ? parent + "files" : parent + "/files"
      origins["files.directory"] = .derived(from: "dataDirectory")
    }
  }
}
