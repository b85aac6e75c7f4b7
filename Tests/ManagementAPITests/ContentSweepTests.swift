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
              try await Self.add(
                FileContent(place: content.place, remove: content.remove), to: fixture)
            }
            group.addTask {
              // One that can't be recorded must not take away what another has recorded.
              let content = try await Self.receive(into: files)
              let broken = FileContent(
                place: {
                  try content.place()
                  throw Broken()
                }, remove: content.remove)
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
      let whole = FileContent(place: content.place, remove: content.remove)
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

  // MARK: - Sweeps

  private static let identity = "the-database"

  private static func sweep(_ fixture: APIFixture, as identity: String = identity) -> ContentSweep {
    let store = fixture.store
    return ContentSweep(
      files: fixture.api.files,
      records: .init(
        identity: identity, unrecorded: { try await store.unrecorded($0) },
        remove: { try await store.remove(content: $0, $1) }))
  }

  /// Puts a file into the directory that came so many seconds ago.
  private static func leave(_ name: String, age: Double, in fixture: APIFixture) throws {
    let path = fixture.directory + "/" + name
    if !FileManager.default.fileExists(atPath: path) {
      FileManager.default.createFile(atPath: path, contents: Data())
    }
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: path)
  }

  private static let mark = ".database"
  private static let lost = String(repeating: "ab", count: 32)
  private static let young = String(repeating: "cd", count: 32)

  @Test func theSweepTakesWhatNobodyKnowsOfOnceItIsOld() async throws {
    try await APIFixture.run { fixture in
      #expect(try await Self.sweep(fixture).adopt() == nil)
      let content = try await Self.receive(into: fixture.api.files)
      try await Self.add(FileContent(place: content.place, remove: content.remove), to: fixture)
      for (name, age) in [
        (Self.digest, 90_000.0), (Self.lost, 90_000), (Self.young, 10), ("notes", 90_000),
      ] {
        try Self.leave(name, age: age, in: fixture)
      }
      #expect(try await Self.sweep(fixture).run() == .removed(1))
      #expect(
        try Self.names(fixture) == [Self.digest, Self.young, Self.mark, "notes"].sorted())
      #expect(try await Self.sweep(fixture).run() == .removed(0))
    }
  }

  @Test func anotherDatabaseRemovesNothing() async throws {
    try await APIFixture.run { fixture in
      #expect(try await Self.sweep(fixture, as: "another").adopt() == nil)
      let content = try await Self.receive(into: fixture.api.files)
      try await Self.add(FileContent(place: content.place, remove: content.remove), to: fixture)
      try Self.leave(Self.lost, age: 90_000, in: fixture)
      #expect(try await Self.sweep(fixture).adopt()?.reason == .otherOwner)
      #expect(try await Self.sweep(fixture).run() == .refused(.init(reason: .otherOwner)))
      #expect(try Self.names(fixture) == [Self.digest, Self.lost, Self.mark].sorted())
      #expect(try await fixture.api.files.owner() == "another")
    }
  }

  @Test func aDirectoryWithoutAMarkIsTakenOnlyWhereEveryFileIsKnown() async throws {
    try await APIFixture.run { fixture in
      let content = try await Self.receive(into: fixture.api.files)
      try await Self.add(FileContent(place: content.place, remove: content.remove), to: fixture)
      try Self.leave(Self.lost, age: 90_000, in: fixture)
      #expect(
        try await Self.sweep(fixture).run()
          == .refused(.init(reason: .noOwner, unrecorded: 1)))
      #expect(try Self.names(fixture) == [Self.digest, Self.lost].sorted())
      try FileManager.default.removeItem(atPath: fixture.directory + "/" + Self.lost)
      #expect(try await Self.sweep(fixture).run() == .removed(0))
      #expect(try await fixture.api.files.owner() == Self.identity)
      // A mark that is no text is nobody's, and is not replaced.
      try Data(repeating: 65, count: 300).write(
        to: URL(filePath: fixture.directory + "/" + Self.mark))
      await #expect(throws: FileStoreError.self) { try await Self.sweep(fixture).run() }
    }
  }

  @Test func theMarkIsMadeOnceWhoeverComesFirst() async throws {
    try await APIFixture.run { fixture in
      let names = (1...8).map { "node-\($0)" }
      let made = try await withThrowingTaskGroup(of: Bool.self) { group in
        for name in names { group.addTask { try await fixture.api.files.mark(owner: name) } }
        return try await group.reduce(into: 0) { if $1 { $0 += 1 } }
      }
      #expect(made == 1)
      #expect(names.contains(try #require(try await fixture.api.files.owner())))
      #expect(try Self.names(fixture) == [Self.mark])
    }
  }

  @Test func whereEverythingWouldGoNothingDoes() async throws {
    try await APIFixture.run { fixture in
      #expect(try await Self.sweep(fixture).adopt() == nil)
      try Self.leave(Self.lost, age: 90_000, in: fixture)
      try Self.leave(Self.young, age: 10, in: fixture)
      #expect(
        try await Self.sweep(fixture).run()
          == .refused(.init(reason: .nothingRecorded, unrecorded: 2)))
      #expect(try Self.names(fixture) == [Self.lost, Self.young, Self.mark].sorted())
    }
  }
}
