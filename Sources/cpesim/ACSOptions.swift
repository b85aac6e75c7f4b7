import ArgumentParser
import DeviceSimulator
import Foundation

/// Where the ACS is and how devices show who they are.
struct ACSOptions: ParsableArguments {
  @Option(name: .long, help: "The ACS's URL for CWMP.")
  var acs = "http://127.0.0.1:7547/"

  @Option(
    name: .long,
    help: """
      The name all devices use. Without it, that of the server on this machine is taken from the file enrolment in its data \
      directory (FAIRLEAD_DATA_DIRECTORY, else .fairlead); where there is none, each device shows OUI-ProductClass-SerialNumber.
      """)
  var username: String?

  @Option(name: .long, help: "The password; it can be seen by others on the machine.")
  var password: String?

  @Option(name: .long, help: "A file whose first line is the password.")
  var passwordFile: String?

  struct Credential {
    /// Nil for a name of each device's own.
    var username: String?
    var password: String
  }

  /// What was given, else what a server on this machine has put down for first contacts, else nil.
  func credential() throws -> Credential? {
    try Self.credential(username: username, password: password, passwordFile: passwordFile)
      ?? Self.enrolment(environment: ProcessInfo.processInfo.environment)
  }

  /// What was given; nil where nothing was.
  static func credential(username: String?, password: String?, passwordFile: String?) throws
    -> Credential?
  {
    if password != nil, passwordFile != nil {
      throw ValidationError("give --password or --password-file, not both")
    }
    if let passwordFile {
      guard let text = try? String(contentsOfFile: passwordFile, encoding: .utf8),
        let line = text.split(separator: "\n", omittingEmptySubsequences: false).first
      else { throw ValidationError("\(passwordFile) cannot be read") }
      return Credential(username: username, password: String(line))
    }
    if let password { return Credential(username: username, password: password) }
    if username != nil { throw ValidationError("--username needs --password or --password-file") }
    return nil
  }

  /// The two lines of `enrolment` in the server's data directory: username and password.
  static func enrolment(environment: [String: String]) -> Credential? {
    let directory = environment["FAIRLEAD_DATA_DIRECTORY"] ?? "./.fairlead"
    guard let text = try? String(contentsOfFile: directory + "/enrolment", encoding: .utf8) else {
      return nil
    }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.count >= 2, !lines[0].isEmpty else { return nil }
    return Credential(username: lines[0], password: lines[1])
  }
}
