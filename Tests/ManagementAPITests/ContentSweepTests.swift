import Cryptography
import FileServer
import FleetStore
import Foundation
import NIOCore
import Testing

@testable import ManagementAPI

/// What is recorded has its content, and what is not recorded has none.
@Suite struct ContentSweepTests {
  private static let text = "what several people store at the same time"
  private static let digest = SHA256.hexDigest(of: Array(text.utf8))
  private static let rounds = 15
  private static let writers = 3

  private struct Broken: Error {}

  private static func receive(into files: FileStore) async throws -> IncomingContent {
    let stream = AsyncStream<ByteBuffer> { continuation in
      continuation.yield(ByteBuffer(string: text))
      continuation.finish()
    }
    return try await files.receive(stream, limit: 1_000)
  }

  private static func add(_ content: FileContent, to fixture: APIFixture) async throws {
    _ = try await fixture.store.addFile(
      sha256: digest, name: "f", version: "", size: Int64(text.utf8.count), content: content,
      by: "test")
  }

  private static func isInPlace(_ fixture: APIFixture) -> Bool {
    FileManager.default.fileExists(atPath: fixture.directory + "/" + digest)
  }

  private static func names(_ fixture: APIFixture) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: fixture.directory).sorted()
  }

  @Test func whoeverStoresAndRemovesTheSameContentLosesNothing() async throws {
    try await APIFixture.run { fixture in
      let files = fixture.api.files
      for _ in 0..<Self.rounds {
        try await withThrowingTaskGroup { group in
          for _ in 0..<Self.writers {
            group.addTask {
              let content = try await Self.receive(into: files)
              try await Self.add(FileContent(content, in: files), to: fixture)
            }
            group.addTask {
              // One that can't be recorded must not take away what another has recorded.
              let content = try await Self.receive(into: files)
              let broken = FileContent(
                place: {
                  try content.place()
                  throw Broken()
                }, remove: FileContent(content, in: files).remove)
              await #expect(throws: Broken.self) { try await Self.add(broken, to: fixture) }
            }
            group.addTask {
              let digest = try #require(ContentDigest(Self.digest))
              do {
                try await fixture.store.deleteFile(
                  sha256: Self.digest, removing: { try files.remove(digest) }, by: "test")
              } catch let error as StoreError where error.code == .notFound {}
            }
          }
          try await group.waitForAll()
        }
        let isRecorded = try await fixture.store.file(sha256: Self.digest) != nil
        #expect(isRecorded == Self.isInPlace(fixture))
      }
      #expect(try Self.names(fixture).allSatisfy { $0 == Self.digest })
    }
  }

  @Test func contentThatWasNotRecordedIsTakenAway() async throws {
    try await APIFixture.run { fixture in
      let content = try await Self.receive(into: fixture.api.files)
      let whole = FileContent(content, in: fixture.api.files)
      let broken = FileContent(
        place: {
          try whole.place()
          throw Broken()
        }, remove: whole.remove)
      await #expect(throws: Broken.self) { try await Self.add(broken, to: fixture) }
      #expect(try Self.names(fixture).isEmpty)
      #expect(try await fixture.store.file(sha256: Self.digest) == nil)
    }
  }

  @Test func theSweepTakesWhatNobodyKnowsOfOnceItIsOld() async throws {
    try await APIFixture.run { fixture in
      let content = try await Self.receive(into: fixture.api.files)
      try await Self.add(FileContent(content, in: fixture.api.files), to: fixture)
      let lost = String(repeating: "ab", count: 32)
      let young = String(repeating: "cd", count: 32)
      for (name, age) in [(Self.digest, 90_000.0), (lost, 90_000), (young, 10), ("notes", 90_000)] {
        let path = fixture.directory + "/" + name
        if name != Self.digest { FileManager.default.createFile(atPath: path, contents: Data()) }
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: path)
      }
      let sweep = ContentSweep(store: fixture.store, files: fixture.api.files)
      #expect(try await sweep.run() == 1)
      #expect(try Self.names(fixture) == [Self.digest, young, "notes"].sorted())
      #expect(try await sweep.run() == 0)
    }
  }
}
