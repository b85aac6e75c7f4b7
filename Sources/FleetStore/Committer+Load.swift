import Fleet
import Logging
import Postgres

extension Committer {
  /// The jobs of one transaction with what is stored about their devices.
  struct Batch {
    var items: [Item] = []
    /// Jobs for devices that another job of the batch writes already.
    var deferred: [Job] = []
    /// Calls of devices that have called again since; told so once the batch is through, since a batch may start again.
    var superseded: [Job] = []
    /// Contacts with an answer to a challenge that was taken before.
    var replayed: [Job] = []
  }

  struct Item {
    var job: Job
    /// Nil: the device is not known (yet), or another node has made it known in this moment.
    var state: StoredState?
    var deviceID: Device.ID
    var failure: StoreError?
    var chunks: [ParameterTree.Chunk] = []
    /// Numbers of chunks that can't be read any more.
    var damagedChunks: [Int16] = []
    var needsChunks = false
    /// Set where the tree turned out to be needed and was not loaded: nothing is written, and the job starts again with it.
    var needsRetry = false
    /// Answers to challenges that are taken with this item: that of its call, and those of calls that it supersedes.
    var answers: [ChallengeAnswer] = []
    var volatile = VolatileValues()
    var isDamaged = false
    var admitted: AdmittedContact?

    func succeed(hasOpenWork: Bool) {
      switch job {
      case .contact(let job):
        guard var admitted else { return }
        admitted.hasOpenWork = hasOpenWork
        job.completion(.success(admitted))
      case .write(let job):
        job.completion(.success(()))
      }
    }
  }

  /// A row of `device_state`.
  struct StoredState {
    var deviceID: Device.ID
    var revision: Int64
    var session: Int64
    var lastContact: Double?
    var readDue: Double?
    var readAttempts: Int16
    var batchSize: Int16
    var openWork: Bool
    var credentialState: Int16
    var protocolName: String
    var root: String
    var address: String
    var volatile: [UInt8]
    var ownCredential: Int16
    var ownCredentialDue: Double?

    init(_ row: Row) throws(PostgresError) {
      deviceID = try row.int64(0)
      revision = try row.int64(1)
      session = try row.int64(2)
      lastContact = try row.optionalTimestamp(3)
      readDue = try row.optionalTimestamp(4)
      readAttempts = try row.int16(5)
      batchSize = try row.int16(6)
      openWork = try row.bool(7)
      credentialState = try row.int16(8)
      protocolName = try row.string(9)
      root = try row.string(10)
      address = try row.string(11)
      volatile = try row.bytes(12)
      ownCredential = try row.int16(13)
      ownCredentialDue = try row.optionalTimestamp(14)
    }
  }

  private static let loadByName: SQL = """
    SELECT s.device_id, s.revision, s.session, s.last_contact, s.read_due, s.read_attempts,
      s.batch_size, s.open_work, s.credential_state, s.protocol, s.root, s.address, s.volatile,
      s.own_credential, s.own_credential_due, i.name
    FROM unnest($1::text[]) AS i (name)
    JOIN device_identity d ON d.name = i.name
    JOIN device_state s ON s.device_id = d.device_id
    """

  private static let loadByKey: SQL = """
    SELECT s.device_id, s.revision, s.session, s.last_contact, s.read_due, s.read_attempts,
      s.batch_size, s.open_work, s.credential_state, s.protocol, s.root, s.address, s.volatile,
      s.own_credential, s.own_credential_due
    FROM unnest($1::bigint[]) AS i (device_id)
    JOIN device_state s ON s.device_id = i.device_id
    """

  private static let create: SQL = """
    WITH claimed AS (
      INSERT INTO device_identity (name, device_id)
      SELECT u.name, nextval(pg_get_serial_sequence('device', 'device_id'))
      FROM unnest($1::text[]) AS u (name)
      ON CONFLICT (name) DO NOTHING
      RETURNING name, device_id
    ), made AS (
      INSERT INTO device
        (device_id, name, manufacturer, oui, product_class, serial_number, created_at)
      SELECT c.device_id, u.name, u.manufacturer, u.oui, u.product_class, u.serial_number, u.at
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
        AS u (name, manufacturer, oui, product_class, serial_number, at)
      JOIN claimed c ON c.name = u.name
    ), taken AS (
      INSERT INTO taken_answer (answer, until)
      SELECT u.answer, u.until
      FROM unnest($1::text[], $8::bigint[], $9::timestamptz[]) AS u (name, answer, until)
      JOIN claimed c ON c.name = u.name
      WHERE u.until IS NOT NULL
    ), stated AS (
      INSERT INTO device_state
        (device_id, revision, session, batch_size, protocol, root, address, volatile)
      SELECT c.device_id, 0, 0, $7, '', '', '', ''
      FROM claimed c
    )
    SELECT name FROM claimed
    """

  private static let findTaken: SQL = """
    SELECT answer FROM taken_answer WHERE answer = ANY ($1::bigint[])
    """

  /// Reads what is stored about the devices of the jobs, making those known that may make themselves known.
  func load(_ all: [Job], on connection: Connection) throws -> Batch {
    var batch = Batch()
    var byName: [String: StoredState] = [:]
    var byKey: [Device.ID: StoredState] = [:]
    let names = all.compactMap { job -> String? in
      if case .contact(let contact) = job { contact.contact.identity.name } else { nil }
    }
    let keys = all.compactMap { job -> Device.ID? in
      if case .write(let write) = job { write.write.deviceID } else { nil }
    }
    let answers = all.compactMap { $0.answer?.fingerprint }
    var statements: [Statement] = []
    if !names.isEmpty { statements.append(Statement(Self.loadByName, .textArray(names))) }
    if !keys.isEmpty { statements.append(Statement(Self.loadByKey, .int8Array(keys))) }
    if !answers.isEmpty { statements.append(Statement(Self.findTaken, .int8Array(answers))) }
    var results = try connection.pipeline(statements)[...]
    if !names.isEmpty {
      for row in results.removeFirst() { byName[try row.string(15)] = try StoredState(row) }
    }
    if !keys.isEmpty {
      for row in results.removeFirst() { byKey[try row.int64(0)] = try StoredState(row) }
    }
    var shown: Set<Int64> = []
    if !answers.isEmpty {
      for row in results.removeFirst() { shown.insert(try row.int64(0)) }
    }
    let jobs = withoutReplayed(all, shown: shown, in: &batch)
    try makeKnown(jobs, known: &byName, on: connection)

    // The place in the batch of each device's job.
    var taken: [Device.ID: Int] = [:]
    for job in jobs {
      let state: StoredState?
      var item: Item
      switch job {
      case .contact(let contact):
        state = byName[contact.contact.identity.name]
        item = Item(job: job, state: state, deviceID: state?.deviceID ?? 0)
        // The answer of the call that made the device known was taken with that.
        if let answer = contact.answer, !takenWithNames.contains(answer.fingerprint) {
          item.answers = [answer]
        }
        if state == nil, !contact.mayCreate {
          item.failure = StoreError(.unknownDevice, "the device is not known")
        } else if contact.proof == .shared,
          state?.ownCredential == OwnCredential.proven.rawValue
        {
          // Whoever has not proved to be the device does not end the session of one that has.
          item.failure = StoreError(
            .unproven, "the device has a credential of its own and did not show it")
          batch.items.append(item)
          continue
        }
        // Only a row that may grow too wide needs the tree, to which its largest values then move.
        let incoming = contact.contact.values.reduce(0) {
          $0 + $1.path.utf8.count + $1.value.utf8.count + 20
        }
        item.needsChunks =
          contact.needsChunks || (state?.volatile.count ?? 0) + incoming > settings.maxVolatileSize
      case .write(let write):
        state = byKey[write.write.deviceID]
        item = Item(job: job, state: state, deviceID: write.write.deviceID)
        if state == nil {
          item.failure = StoreError(.unknownDevice, "the device is not known any more")
        } else if state?.session != write.write.session {
          item.failure = StoreError(.superseded, "a newer session of the device has begun")
        }
        item.needsChunks = write.write.tree != nil
      }
      if let state {
        if let place = taken[state.deviceID] {
          guard case .contact = job, case .contact = batch.items[place].job else {
            batch.deferred.append(job)
            continue
          }
          // Of two calls of one device the newer one counts. A device that calls again and again keeps nobody else waiting.
          batch.superseded.append(batch.items[place].job)
          item.answers = batch.items[place].answers + item.answers
          batch.items[place] = item
        } else {
          taken[state.deviceID] = batch.items.count
          batch.items.append(item)
        }
        do {
          batch.items[taken[state.deviceID] ?? 0].volatile = try VolatileValues(
            decoding: state.volatile)
        } catch {
          // The device will tell them again.
          logger.error(
            "the values of a device's contacts can't be read and are dropped",
            metadata: ["device": "\(state.deviceID)", "error": "\(error)"])
          batch.items[taken[state.deviceID] ?? 0].isDamaged = true
        }
      } else {
        batch.items.append(item)
      }
    }
    return batch
  }

  /// Sorts out contacts with an answer that was taken before, or that an earlier one of the batch has brought.
  private func withoutReplayed(_ jobs: [Job], shown: Set<Int64>, in batch: inout Batch) -> [Job] {
    var taken = shown.subtracting(takenWithNames)
    return jobs.filter { job in
      guard let answer = job.answer, !taken.insert(answer.fingerprint).inserted else {
        return true
      }
      batch.replayed.append(job)
      return false
    }
  }

  /// Makes devices known, unless another node has done so meanwhile, and takes the answers with which they came.
  private func makeKnown(
    _ jobs: [Job], known: inout [String: StoredState], on connection: Connection
  ) throws {
    var first: [String: ContactJob] = [:]
    for case .contact(let job) in jobs
    where job.mayCreate && known[job.contact.identity.name] == nil
      && first[job.contact.identity.name] == nil
    {
      first[job.contact.identity.name] = job
    }
    guard !first.isEmpty else { return }
    let sorted = first.values.sorted { $0.contact.identity.name < $1.contact.identity.name }
    let identities = sorted.map(\.contact.identity)
    let names = identities.map(\.name)
    let results = try connection.pipeline([
      Statement(
        Self.create, .textArray(names), .textArray(identities.map(\.manufacturer)),
        .textArray(identities.map(\.oui)), .textArray(identities.map(\.productClass)),
        .textArray(identities.map(\.serialNumber)), .timestamptzArray(sorted.map(\.contact.at)),
        .int2(Int16(clamping: settings.initialBatchSize)),
        .int8Array(sorted.map { $0.answer?.fingerprint ?? 0 }),
        .timestamptzArray(sorted.map { $0.answer?.until })),
      Statement(Self.loadByName, .textArray(names)),
    ])
    for row in results[0] {
      guard let answer = first[try row.string(0)]?.answer else { continue }
      takenWithNames.insert(answer.fingerprint)
    }
    for row in results[1] { known[try row.string(15)] = try StoredState(row) }
  }

  private static let loadChunks: SQL = """
    SELECT c.device_id, c.chunk, c.codec, c.data
    FROM unnest($1::bigint[]) AS i (device_id)
    JOIN device_chunk c ON c.device_id = i.device_id
    """

  /// Reads the trees of the devices whose trees will be written.
  func loadChunks(for batch: inout Batch, on connection: Connection) throws {
    let wanted = batch.items.indices.filter {
      batch.items[$0].needsChunks && batch.items[$0].failure == nil
    }
    guard !wanted.isEmpty else { return }
    var positions: [Device.ID: Int] = [:]
    for index in wanted { positions[batch.items[index].deviceID] = index }
    let rows = try connection.query(
      Statement(Self.loadChunks, .int8Array(wanted.map { batch.items[$0].deviceID })))
    for row in rows {
      guard let index = positions[try row.int64(0)] else { continue }
      do {
        batch.items[index].chunks.append(
          ParameterTree.Chunk(
            number: try row.int16(1),
            parameters: try codec.decode(try row.bytes(3), codec: try row.int16(2)),
            isChanged: false))
      } catch let error as TreeCodecError {
        logger.error(
          "a piece of a device's tree can't be read and is dropped",
          metadata: ["device": "\(batch.items[index].deviceID)", "error": "\(error)"])
        batch.items[index].damagedChunks.append(try row.int16(1))
        batch.items[index].isDamaged = true
      }
    }
  }
}
