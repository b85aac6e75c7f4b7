import FoundationEssentials
import Glibc
import Yams

/// The operator's list of servers, `~/.config/fairlead/config.yaml`.
package struct ContextFile: Codable, Sendable, Equatable {
  package struct Context: Codable, Sendable, Equatable {
    package var name: String
    package var server: String
    package var token: String?
    /// A PEM file of the authorities to trust for this server.
    package var certificateAuthority: String?

    package init(
      name: String, server: String, token: String? = nil, certificateAuthority: String? = nil
    ) {
      self.name = name
      self.server = server
      self.token = token
      self.certificateAuthority = certificateAuthority
    }
  }

  package var apiVersion = "fairlead/v1"
  package var kind = "ClientConfiguration"
  package var currentContext: String?
  package var contexts: [Context] = []

  package init() {}

  package func context(named name: String) -> Context? {
    contexts.first { $0.name == name }
  }

  /// Adds a context, or replaces the one of the same name.
  package mutating func set(_ context: Context) {
    if let index = contexts.firstIndex(where: { $0.name == context.name }) {
      contexts[index] = context
    } else {
      contexts.append(context)
    }
  }

  package init(yaml: String, path: String) throws(CommandFailure) {
    do {
      self = try YAMLDecoder().decode(ContextFile.self, from: yaml)
    } catch {
      throw CommandFailure(.usage, "\(path) cannot be read: \(error)")
    }
    guard kind == "ClientConfiguration" else {
      throw CommandFailure(.usage, "\(path) is of kind \(kind), not ClientConfiguration")
    }
  }

  /// Where the file is: `FAIRLEAD_CONTEXTS`, else below `XDG_CONFIG_HOME` or `~/.config`.
  package static func path(environment: [String: String]) -> String {
    if let path = environment["FAIRLEAD_CONTEXTS"], !path.isEmpty { return path }
    if let base = environment["XDG_CONFIG_HOME"], base.hasPrefix("/") {
      return base + "/fairlead/config.yaml"
    }
    return (environment["HOME"] ?? ".") + "/.config/fairlead/config.yaml"
  }

  /// The file's content; an empty list if there is no file.
  package static func load(path: String) throws(CommandFailure) -> ContextFile {
    guard access(path, F_OK) == 0 else { return ContextFile() }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw CommandFailure(.usage, "\(path) cannot be read")
    }
    return try ContextFile(yaml: text, path: path)
  }

  /// Writes the file for its owner alone, in one step, because it holds tokens.
  package func save(path: String) throws(CommandFailure) {
    do {
      let directory = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        .joined(separator: "/")
      if !directory.isEmpty {
        try FileManager.default.createDirectory(
          atPath: directory, withIntermediateDirectories: true)
      }
      let text = try YAMLEncoder().encode(self)
      let temporary = path + ".new-\(getpid())"
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else {
        throw CommandFailure(.usage, "\(temporary): \(String(cString: strerror(errno)))")
      }
      let written = Array(text.utf8).withUnsafeBytes {
        write(descriptor, $0.baseAddress, $0.count)
      }
      guard close(descriptor) == 0, written == text.utf8.count, rename(temporary, path) == 0
      else {
        unlink(temporary)
        throw CommandFailure(.usage, "\(path) cannot be written")
      }
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure(.usage, "\(path) cannot be written: \(error)")
    }
  }
}
