import Foundation

/// A directory that is gone after the test.
struct TemporaryDirectory {
  let path: String

  static func run<Result>(_ body: (TemporaryDirectory) async throws -> Result) async throws
    -> Result
  {
    let path = NSTemporaryDirectory() + "fairlead-test-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(TemporaryDirectory(path: path))
  }

  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}
