import Foundation
import Glibc
import ManagementAPI
import Testing

@Suite struct AdminTokenFileTests {
  @Test func itIsReadableByItsOwnerAlone() async throws {
    try await TemporaryDirectory.run { directory in
      let path = directory.path + "/admin.token"
      try AdminTokenFile(path: path).write("flt_secret")
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "flt_secret\n")
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test func whatIsThereIsNotTouched() async throws {
    try await TemporaryDirectory.run { directory in
      let path = directory.path + "/admin.token"
      try "old".write(toFile: path, atomically: false, encoding: .utf8)
      #expect { try AdminTokenFile(path: path).write("new") } throws: {
        ($0 as? AdminTokenFile.Failure)?.code == EEXIST
      }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
      let link = directory.path + "/link"
      try FileManager.default.createSymbolicLink(
        atPath: link, withDestinationPath: directory.path + "/target")
      #expect(throws: AdminTokenFile.Failure.self) { try AdminTokenFile(path: link).write("new") }
      #expect(directory.names == ["admin.token", "link"])
    }
  }
}
