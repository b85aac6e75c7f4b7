import Cryptography
import FileServer
import Foundation
import NIOCore
import Testing

@Suite struct FileStoreTests {
  private static func stream(_ pieces: [String], failing: Bool = false)
    -> AsyncThrowingStream<ByteBuffer, any Error>
  {
    AsyncThrowingStream { continuation in
      for piece in pieces { continuation.yield(ByteBuffer(string: piece)) }
      continuation.finish(throwing: failing ? Broken() : nil)
    }
  }

  private struct Broken: Error {}

  @Test func aFileIsStoredUnderItsDigest() async throws {
    try await TemporaryDirectory.run { directory in
      let store = try FileStore(directory: directory.path + "/files")
      let content = try await store.receive(Self.stream(["hello ", "", "world"]), limit: 11)
      let digest = SHA256.hexDigest(of: Array("hello world".utf8))
      #expect(content.digest.hexadecimal == digest)
      #expect(content.size == 11)
      #expect(try await store.open(content.digest) == nil)
      try content.place()
      let path = directory.path + "/files/" + digest
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "hello world")
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      let again = try await store.receive(
        Self.stream(["hello world"]), limit: 11, expected: content.digest)
      try again.place()
      let file = try #require(try await store.open(content.digest))
      #expect(file.size == 11)
      #expect(try await file.read(at: 6, count: 100) == ByteBuffer(string: "world"))
      #expect(try await file.read(at: 0, count: 5) == ByteBuffer(string: "hello"))
      #expect(directory.names == ["files"])
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: directory.path + "/files") == [digest])
      try store.remove(content.digest)
      try store.remove(content.digest)
      #expect(try await store.open(content.digest) == nil)
      // Whoever has it open reads on.
      #expect(try await file.read(at: 6, count: 5) == ByteBuffer(string: "world"))
    }
  }

  @Test func placingASecondTimeTellsWhetherItIsStillThere() async throws {
    try await TemporaryDirectory.run { directory in
      let store = try FileStore(directory: directory.path)
      let content = try await store.receive(Self.stream(["x"]), limit: 1)
      try content.place()
      try content.place()
      // What is in place is not what discarding is about.
      content.discard()
      #expect(directory.names == [content.digest.hexadecimal])
      try store.remove(content.digest)
      #expect { try content.place() } throws: { ($0 as? FileStoreError)?.code == .interrupted }
    }
  }

  @Test func contentThatNobodyPlacesGoes() async throws {
    try await TemporaryDirectory.run { directory in
      let store = try FileStore(directory: directory.path)
      let content = try await store.receive(Self.stream(["x"]), limit: 1)
      #expect(directory.names.count == 1)
      content.discard()
      #expect(directory.names == [])
      #expect { try content.place() } throws: { ($0 as? FileStoreError)?.code == .inputOutput }
    }
  }

  @Test func contentsAreListedByAgeAndNothingElseIs() async throws {
    try await TemporaryDirectory.run { directory in
      let store = try FileStore(directory: directory.path)
      let digests = ["ab", "cd"].map { String(repeating: $0, count: 32) }
      let upper = String(repeating: "EF", count: 32)
      for (name, age) in [
        (digests[0], 90_000.0), (digests[1], 10), (upper, 90_000), ("other", 90_000),
        (".incoming-old", 90_000), (".incoming-young", 10),
      ] { try Self.make(name, age: age, in: directory) }
      #expect(try await store.contents(olderThan: 3600).map(\.hexadecimal) == [digests[0]])
      #expect(directory.names == ([".incoming-young", upper, "other"] + digests).sorted())
    }
  }

  private static func make(_ name: String, age: Double, in directory: TemporaryDirectory) throws {
    let path = directory.path + "/" + name
    #expect(FileManager.default.createFile(atPath: path, contents: Data()))
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: path)
  }

  @Test func failuresLeaveNothingBehind() async throws {
    try await TemporaryDirectory.run { directory in
      let store = try FileStore(directory: directory.path)
      let wrong = try #require(ContentDigest(String(repeating: "00", count: 32)))
      await #expect {
        _ = try await store.receive(Self.stream(["12345", "6"]), limit: 5)
      } throws: {
        ($0 as? FileStoreError)?.code == .tooLarge
      }
      await #expect {
        _ = try await store.receive(Self.stream(["12345"]), limit: 5, expected: wrong)
      } throws: { ($0 as? FileStoreError)?.code == .checksumMismatch }
      await #expect(throws: Broken.self) {
        _ = try await store.receive(Self.stream(["1"], failing: true), limit: 5)
      }
      #expect(directory.names == [])
    }
  }

  @Test func leftoversAreRemovedOnceTheyAreOld() async throws {
    try await TemporaryDirectory.run { directory in
      for (name, age) in [(".incoming-old", 90_000.0), (".incoming-young", 10), ("other", 90_000)] {
        try Self.make(name, age: age, in: directory)
      }
      _ = try FileStore(directory: directory.path)
      #expect(directory.names == [".incoming-young", "other"])
    }
  }

  @Test func aDirectoryThatCanNotBeMadeIsTold() {
    #expect { _ = try FileStore(directory: "/dev/null/files") } throws: {
      ($0 as? FileStoreError)?.code == .inputOutput
    }
  }

  @Test func aLinkIsNotFollowed() async throws {
    try await TemporaryDirectory.run { directory in
      let store = try FileStore(directory: directory.path)
      let digest = try #require(ContentDigest(String(repeating: "11", count: 32)))
      try FileManager.default.createSymbolicLink(
        atPath: directory.path + "/" + digest.hexadecimal, withDestinationPath: "/etc/passwd")
      await #expect(throws: FileStoreError.self) { _ = try await store.open(digest) }
    }
  }
}
