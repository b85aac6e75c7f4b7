import ArgumentParser
import DeviceSimulator

/// What devices do otherwise than the standard and the ACS want.
struct MischiefOptions: ParsableArguments {
  @Option(
    name: .long,
    help: "A quirk of real devices; repeatable. `cpesim quirks` lists them.")
  var quirk: [String] = []

  @Option(
    name: .long,
    help: """
      What goes wrong, as WHAT[:CODE][:PERCENT]: download, upload, software, diagnostics, or a method such as \
      reboot that is answered with a fault; repeatable.
      """)
  var fail: [String] = []

  @Option(
    name: .long,
    help: """
      What devices do of their own accord, as WHAT@SECONDS after each boot, such as kicked@30 or \
      change=DeviceInfo.ProvisioningCode=x@60; repeatable.
      """)
  var trigger: [String] = []

  @Option(
    name: .long,
    help: """
      How diagnostics of a host end, as HOST=STATE such as .example=Error_Other; names under .invalid cannot be \
      resolved in any case; repeatable.
      """)
  var diagnosticError: [String] = []

  func quirks() throws -> Quirks {
    var quirks = Quirks()
    for text in quirk { try quirks.insert(text) }
    return quirks
  }

  func failures() throws -> [Failure] { try fail.map { try Failure($0) } }

  func triggers() throws -> [TimedTrigger] { try trigger.map { try TimedTrigger($0) } }

  func diagnosticErrors() throws -> [String: String] { try Self.diagnosticErrors(diagnosticError) }

  /// What each `HOST=STATE` says, by the host.
  static func diagnosticErrors(_ texts: [String]) throws -> [String: String] {
    var errors = Behaviour.unresolvableHosts
    for text in texts {
      guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
        throw ValidationError("--diagnostic-error is HOST=STATE, not \"\(text)\"")
      }
      errors[String(text[..<equals])] = String(text[text.index(after: equals)...])
    }
    return errors
  }
}
