/// One row of the table of settings: its name, type, range, meaning, and its place in ``Settings``.
package struct Setting: Sendable {
  /// The place in the file, for example `cwmp.maxBody`.
  package let path: String
  package let kind: Kind
  /// One or more sentences; the first one is shown in the flag's help.
  package let documentation: String
  /// True where the value may hold a password, which is masked wherever the value is shown.
  package let isSecret: Bool
  package let read: @Sendable (Settings) -> SettingValue
  /// Sets a value of this setting's kind; any other is ignored.
  package let write: @Sendable (inout Settings, SettingValue) -> Void

  /// What values a setting takes.
  package enum Kind: Sendable, Equatable {
    case text(TextForm)
    case choice([String])
    case boolean
    case count(ClosedRange<Int>)
    /// Bytes.
    case size(ClosedRange<Int>)
    /// Milliseconds; a number without a unit counts in `unit`.
    case duration(ClosedRange<Int>, unit: DurationUnit)
    case list(TextForm)
  }

  /// What a text must look like.
  package enum TextForm: Sendable, Equatable {
    case any
    case directory
    case connectionString
    case host
    case realm
    /// `http://` or `https://`, or empty.
    case baseURL
    case addressRange
    case file
    /// md5 or sha-256.
    case digestAlgorithm
    case parameterName
    /// http, udp or xmpp.
    case connectionRequestMethod
    /// A name, an at sign, a domain, perhaps a slash and a resource; or empty.
    case jabberID
    /// Like `host`, or empty.
    case optionalHost
    /// The part of a JID behind the at sign.
    case domain
    /// A scheme, two colons and a name, as in `self::fairlead` (TR-369 2.3).
    case endpointID
    /// Begins with a slash.
    case urlPath
    /// `ws://` or `wss://`.
    case webSocketURL
    /// Three or four octal digits.
    case fileMode
  }

  /// The flag without its dashes: `cwmp-max-body`.
  package var flag: String { words.joined(separator: "-") }

  /// The environment variable: `FAIRLEAD_CWMP_MAX_BODY`.
  package var environmentVariable: String {
    Setting.environmentPrefix + words.joined(separator: "_").uppercased()
  }

  package var defaultValue: SettingValue { read(Settings()) }

  package static let environmentPrefix = "FAIRLEAD_"

  /// The path's words in lower case: `cwmp.maxBody` gives `cwmp`, `max`, `body`, and `withoutTLS` gives `without`, `tls`.
  private var words: [String] {
    path.split(separator: ".").flatMap { part in
      var words: [String] = []
      var word = ""
      var wasUppercase = true
      for character in part {
        defer { wasUppercase = character.isUppercase }
        if character.isUppercase, !wasUppercase {
          words.append(word)
          word = ""
        }
        word += character.lowercased()
      }
      words.append(word)
      return words
    }
  }
}

/// The units in which durations are written.
package enum DurationUnit: String, Sendable, CaseIterable {
  case milliseconds = "ms"
  case seconds = "s"
  case minutes = "m"
  case hours = "h"
  case days = "d"

  /// How many milliseconds one of the unit is.
  package var length: Int {
    switch self {
    case .milliseconds: 1
    case .seconds: 1000
    case .minutes: 60_000
    case .hours: 3_600_000
    case .days: 86_400_000
    }
  }
}
