/// The reference of all settings as a Markdown document, made from ``SettingTable``.
package enum ConfigurationReference {
  package static func markdown() -> String {
    var text = """
      # Configuration

      This document is made from the table of settings in the server; `acsd config reference` prints it.

      Each setting is a key of one YAML file, a flag, and an environment variable. A flag is stronger than the \
      environment, the environment stronger than the file, and the file stronger than the default. The file is named by \
      `--config FILE` or `\(EffectiveConfiguration.fileVariable)`. `acsd config show` prints the values in force and where \
      each came from; it takes the same flags as `acsd serve`.

      A key `cwmp.maxBody` stands in the file as `maxBody` beneath `cwmp`; its flag is `--cwmp-max-body`, its variable \
      `FAIRLEAD_CWMP_MAX_BODY`.

      Sizes are bytes, or a number with `KiB`, `MiB` or `GiB`. Durations are a number in the unit that the setting names, \
      or a number with `ms`, `s`, `m`, `h` or `d`. Lists are YAML lists in the file; in a flag or a variable the elements \
      are separated by commas, and the flag may be given several times.

      Unknown keys, wrong types and values out of range are all reported, with file, line and column, before anything \
      starts.

      """
    var section = "-"
    for setting in SettingTable.all {
      let parent = setting.path.contains(".") ? String(setting.path.prefix { $0 != "." }) : ""
      if parent != section {
        section = parent
        text += "\n## \(parent.isEmpty ? "General" : parent)\n"
      }
      text += """

        ### `\(setting.path)`

        \(setting.documentation)

        - Type: \(type(of: setting))
        - Default: \(defaultText(of: setting))
        - Flag: `--\(setting.flag)`; environment: `\(setting.environmentVariable)`

        """
    }
    return text
  }

  private static func type(of setting: Setting) -> String {
    let range = setting.rangeText.map { ", \($0)" } ?? ""
    return switch setting.kind {
    case .text(.directory): "directory"
    case .text(.file): "file"
    case .text(.host): "IP address or host name"
    case .text(.baseURL): "URL"
    case .text: "text"
    case .choice(let names): "one of " + names.map { "`\($0)`" }.joined(separator: ", ")
    case .boolean: "`true` or `false`"
    case .count: "number\(range)"
    case .size: "size in bytes\(range)"
    case .duration(_, let unit): "duration in \(unit)\(range)"
    case .list(.addressRange): "list of address ranges"
    case .list(.digestAlgorithm): "list of `md5` and `sha-256`"
    case .list: "list of parameter names"
    }
  }

  private static func defaultText(of setting: Setting) -> String {
    let text = setting.defaultValue.text(as: setting.kind)
    return text.isEmpty ? "empty" : "`\(text)`"
  }
}
