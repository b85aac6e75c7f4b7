import Cryptography
import FileServer
import FleetStore
import Logging

/// Has the directory of files looked through, and says once why nothing may be removed from it.
actor FileUpkeep {
  private let files: FileStore
  private let store: FleetStore
  private let age: Double
  private let logger: Logger
  private var hasLooked = false
  private var told: ContentSweep.Refusal.Reason?

  /// - Parameter age: seconds since a file came that may be removed.
  init(files: FileStore, store: FleetStore, age: Double, logger: Logger) {
    self.files = files
    self.store = store
    self.age = age
    self.logger = logger
  }

  /// Removes what nobody knows of; the first time nothing, so that whoever has started the server with the wrong database has time to
  /// notice.
  func look() async throws {
    let identity = Hex.encode(try await store.secret(named: "database identity"))
    let sweep = ContentSweep(
      files: files,
      records: .init(
        identity: identity, unrecorded: { [store] in try await store.unrecorded($0) },
        remove: { [store] in try await store.remove(content: $0, $1) }), age: age)
    let outcome: ContentSweep.Outcome
    if hasLooked {
      outcome = try await sweep.run()
    } else {
      outcome = try await sweep.adopt().map { .refused($0) } ?? .removed(0)
      hasLooked = true
    }
    switch outcome {
    case .refused(let refusal):
      if told != refusal.reason {
        logger.warning(
          "\(refusal); nothing is removed from it",
          metadata: ["mark": "\(files.ownerPath)", "identity": "\(identity)"])
      }
      told = refusal.reason
    case .removed(let count):
      told = nil
      if count > 0 {
        logger.info("files that nobody knew of are removed", metadata: ["count": "\(count)"])
      }
    }
  }
}
