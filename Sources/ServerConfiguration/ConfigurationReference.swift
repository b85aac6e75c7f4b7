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
    case .text(let form): name(of: form)
    case .choice(let names): "one of " + names.map { "`\($0)`" }.joined(separator: ", ")
    case .boolean: "`true` or `false`"
    case .count: "number\(range)"
    case .size: "size in bytes\(range)"
    case .duration(_, let unit): "duration in \(unit)\(range)"
    case .list(let form): "list of " + plural(of: form)
    }
  }

  private static func name(of form: Setting.TextForm) -> String {
    switch form {
    case .any, .realm: "text"
    case .directory: "directory"
    case .connectionString: "libpq connection string or URI"
    case .host, .optionalHost: "IP address or host name"
    case .baseURL: "URL"
    case .addressRange: "address range"
    case .file: "file"
    case .digestAlgorithm: "`md5` or `sha-256`"
    case .parameterName: "parameter name"
    case .connectionRequestMethod: "`http`, `udp` or `xmpp`"
    case .jabberID: "Jabber ID"
    case .domain: "domain"
    case .endpointID: "endpoint ID"
    case .urlPath: "path"
    case .webSocketURL: "WebSocket URL"
    case .fileMode: "file mode"
    }
  }

  private static func plural(of form: Setting.TextForm) -> String {
    switch form {
    case .any, .realm: "texts"
    case .directory: "directories"
    case .connectionString: "libpq connection strings or URIs"
    case .host, .optionalHost: "IP addresses or host names"
    case .baseURL: "URLs"
    case .addressRange: "address ranges"
    case .file: "files"
    case .digestAlgorithm: "`md5` and `sha-256`"
    case .parameterName: "parameter names"
    case .connectionRequestMethod: "`http`, `udp` and `xmpp`"
    case .jabberID: "Jabber IDs"
    case .domain: "domains"
    case .endpointID: "endpoint IDs"
    case .urlPath: "paths"
    case .webSocketURL: "WebSocket URLs"
    case .fileMode: "file modes"
    }
  }

  private static func defaultText(of setting: Setting) -> String {
    let text = setting.defaultValue.text(as: setting.kind)
    return text.isEmpty ? "empty" : "`\(text)`"
  }
}
