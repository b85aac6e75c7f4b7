import Fleet
import FleetStore
import Testing

@Suite struct FilesTests {
  private struct Broken: Error {}

  /// It is gone once that is committed; whatever lies on the disk still is swept later.
  @Test func aFileWhoseContentCanNotBeRemovedIsDeletedAllTheSame() async throws {
    let digest = String(repeating: "aa", count: 32)
    try await StoreFixture.run { fixture in
      let store = fixture.store
      _ = try await store.addFile(
        sha256: digest, name: "a.bin", version: "1", size: 5, by: "tester")
      try await store.deleteFile(sha256: digest, removing: { throw Broken() }, by: "tester")
      #expect(try await store.file(sha256: digest) == nil)
      #expect(try await store.unrecorded([digest]) == [digest])
    }
  }

  @Test func aFileIsKnownUnderItsDigest() async throws {
    let digests = ["aa", "bb", "cc"].map { String(repeating: $0, count: 32) }
    try await StoreFixture.run { fixture in
      let store = fixture.store
      for digest in digests.reversed() {
        let (record, isNew) = try await store.addFile(
          sha256: digest, name: "a.bin", version: "1", size: 5, by: "tester")
        #expect(isNew)
        #expect(try await store.file(sha256: digest) == record)
      }
      let (again, isNew) = try await store.addFile(
        sha256: digests[0], name: "b.bin", version: "2", size: 5, by: "other")
      #expect(!isNew)
      #expect(again.name == "b.bin" && again.version == "2" && again.createdBy == "tester")
      #expect(try await store.files(limit: 2).map(\.sha256) == Array(digests.prefix(2)))
      #expect(try await store.files(after: digests[1], limit: 2).map(\.sha256) == [digests[2]])
      try await store.deleteFile(sha256: digests[1], by: "tester")
      await #expect { try await store.deleteFile(sha256: digests[1], by: "tester") } throws: {
        ($0 as? StoreError)?.code == .notFound
      }
      #expect(
        try await fixture.auditedActions()
          == ["file.create", "file.create", "file.create", "file.update", "file.delete"])
    }
  }
}
