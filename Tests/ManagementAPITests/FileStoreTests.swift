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
      let stored = try await store.store(Self.stream(["hello ", "", "world"]), limit: 11)
      let digest = SHA256.hexDigest(of: Array("hello world".utf8))
      #expect(stored.digest.hexadecimal == digest)
      #expect(stored.size == 11 && stored.isNew)
      let path = directory.path + "/files/" + digest
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "hello world")
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      let again = try await store.store(
        Self.stream(["hello world"]), limit: 11, expected: stored.digest)
      #expect(!again.isNew)
      let file = try #require(try await store.open(stored.digest))
      #expect(file.size == 11)
      #expect(try await file.read(at: 6, count: 100) == ByteBuffer(string: "world"))
      #expect(try await file.read(at: 0, count: 5) == ByteBuffer(string: "hello"))
      try await store.remove(stored.digest)
      try await store.remove(stored.digest)
      #expect(try await store.open(stored.digest) == nil)
      // Whoever has it open reads on.
      #expect(try await file.read(at: 6, count: 5) == ByteBuffer(string: "world"))
    }
  }

  @Test func failuresLeaveNothingBehind() async throws {
    try await TemporaryDirectory.run { directory in
      let store = try FileStore(directory: directory.path)
      let wrong = try #require(ContentDigest(String(repeating: "00", count: 32)))
      await #expect { _ = try await store.store(Self.stream(["12345", "6"]), limit: 5) } throws: {
        ($0 as? FileStoreError)?.code == .tooLarge
      }
      await #expect {
        _ = try await store.store(Self.stream(["12345"]), limit: 5, expected: wrong)
      } throws: { ($0 as? FileStoreError)?.code == .checksumMismatch }
      await #expect(throws: Broken.self) {
        _ = try await store.store(Self.stream(["1"], failing: true), limit: 5)
      }
      #expect(directory.names == [])
    }
  }

  @Test func leftoversAreRemovedOnceTheyAreOld() async throws {
    try await TemporaryDirectory.run { directory in
      for (name, age) in [(".incoming-old", 90_000.0), (".incoming-young", 10), ("other", 90_000)] {
        let path = directory.path + "/" + name
        #expect(FileManager.default.createFile(atPath: path, contents: Data()))
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: path)
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
