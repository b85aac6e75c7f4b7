import ArgumentParser
import Foundation
import ManagementTypes

/// A file, or a place for one, on another server than this one.
struct RemoteFileOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The file's address on another server.", valueName: "url"))
  var url: String?

  @Option(help: ArgumentHelp("What the device shows that server.", valueName: "username"))
  var username: String?

  @Option(
    help: ArgumentHelp(
      "A file with the password in its first line; - reads standard input.", valueName: "file"),
    completion: .file())
  var passwordFile: String?

  func validate() throws {
    guard url != nil || (username == nil && passwordFile == nil) else {
      throw ValidationError("--username and --password-file go with --url")
    }
  }

  /// The members of an order, but for the password.
  var arguments: [String: JSONValue] {
    var arguments: [String: JSONValue] = [:]
    arguments["url"] = url.map { .string($0) }
    arguments["username"] = username.map { .string($0) }
    return arguments
  }

  /// The password, if there is one to be read.
  func password() throws -> JSONValue? {
    guard let passwordFile else { return nil }
    // A pipe will do as well as a file.
    let handle =
      passwordFile == "-" ? .standardInput : FileHandle(forReadingAtPath: passwordFile)
    let text = try? handle?.readToEnd().map { String(decoding: $0, as: UTF8.self) }
    guard
      let line = text?.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        .first, !line.isEmpty
    else {
      throw CommandFailure(
        .usage, DisplayText.escaped("\(passwordFile) has no password in its first line"))
    }
    return .string(String(line))
  }
}
