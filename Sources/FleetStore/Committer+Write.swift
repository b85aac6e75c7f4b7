import Fleet
import Postgres

extension Committer {
  private static let updateStates: SQL = """
    WITH written AS (
      UPDATE device_state s
      SET revision = s.revision + 1, session = u.session,
        last_contact = COALESCE(u.last_contact, s.last_contact),
        last_boot = COALESCE(u.last_boot, s.last_boot),
        read_at = COALESCE(u.read_at, s.read_at),
        read_due = u.read_due, read_attempts = u.read_attempts, batch_size = u.batch_size,
        credential_state = u.credential_state, protocol = u.protocol, root = u.root,
        address = u.address, volatile = COALESCE(u.volatile, s.volatile),
        own_credential = u.own_credential, own_credential_due = u.own_credential_due
      FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::timestamptz[], $5::timestamptz[],
        $6::timestamptz[], $7::timestamptz[], $8::smallint[], $9::smallint[], $10::smallint[],
        $11::text[], $12::text[], $13::text[], $14::bytea[], $15::smallint[], $16::timestamptz[])
        AS u (device_id, revision, session, last_contact, last_boot, read_at, read_due,
          read_attempts, batch_size, credential_state, protocol, root, address, volatile,
          own_credential, own_credential_due)
      WHERE s.device_id = u.device_id AND s.revision = u.revision
      RETURNING s.device_id, s.open_work
    ), taken AS (
      INSERT INTO taken_answer (answer, until)
      SELECT a.answer, a.until
      FROM unnest($17::bigint[], $18::bigint[], $19::timestamptz[]) AS a (device_id, answer, until)
      JOIN written w ON w.device_id = a.device_id
    )
    SELECT device_id, open_work FROM written
    """

  fileprivate static let upsertChunks: SQL = """
    INSERT INTO device_chunk (device_id, chunk, codec, data)
    SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::bytea[])
    ON CONFLICT (device_id, chunk) DO UPDATE SET codec = EXCLUDED.codec, data = EXCLUDED.data
    """

  fileprivate static let deleteChunks: SQL = """
    DELETE FROM device_chunk c
    USING unnest($1::bigint[], $2::smallint[]) AS u (device_id, chunk)
    WHERE c.device_id = u.device_id AND c.chunk = u.chunk
    """

  fileprivate static let upsertFacts: SQL = """
    INSERT INTO device_fact (device_id, fact_id, value)
    SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::text[])
    ON CONFLICT (device_id, fact_id) DO UPDATE SET value = EXCLUDED.value
    WHERE device_fact.value <> EXCLUDED.value
    """

  fileprivate static let deleteFacts: SQL = """
    DELETE FROM device_fact f
    USING unnest($1::bigint[], $2::smallint[]) AS u (device_id, fact_id)
    WHERE f.device_id = u.device_id AND f.fact_id = u.fact_id
    """

  fileprivate static let insertEvents: SQL = """
    INSERT INTO event (device_id, at, kind, detail)
    SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::jsonb[])
    """

  // What is told again is compared with what the device has told before, in the midst of an hour's or a day's events of its own.
  fileprivate static let insertEventsOnce: SQL = """
    INSERT INTO event (device_id, at, kind, detail)
    SELECT u.device_id, u.at, u.kind, u.detail
    FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::jsonb[], $5::float8[])
      AS u (device_id, at, kind, detail, span)
    WHERE NOT EXISTS (
      SELECT FROM event e
      WHERE e.device_id = u.device_id AND e.at > u.at - u.span * interval '1 second'
        AND e.kind = u.kind AND e.detail = u.detail)
    """

  /// Writes the changes in one transaction.
  /// - Returns: the devices that were written, each with whether it has open work. A device that another writer has changed since
  ///   it was read is not among them, and nothing of it was written.
  func write(_ changes: Changes, on connection: Connection) throws -> [Device.ID: Bool] {
    guard !changes.states.isEmpty else { return [:] }
    // In the order of the keys; where two committers meet all the same, the database ends the one, which starts again.
    let states = changes.states.sorted { $0.deviceID < $1.deviceID }
    let rest = changes.hasMoreThanStates
    var first = [Statement("BEGIN"), Self.update(states)]
    if !rest { first.append(Statement("COMMIT")) }
    var written: [Device.ID: Bool] = [:]
    for row in try connection.pipeline(first)[1] {
      written[try row.int64(0)] = try row.bool(1)
    }
    guard rest else { return written }
    do {
      _ = try connection.pipeline(
        changes.only(written).statementsBesidesStates() + [Statement("COMMIT")])
    } catch {
      _ = try? connection.query("ROLLBACK")
      throw error
    }
    return written
  }

  private static func update(_ states: [NewState]) -> Statement {
    let answers = states.flatMap { state in
      state.answers.map { (device: state.deviceID, $0.fingerprint, $0.until) }
    }
    return Statement(
      updateStates, .int8Array(states.map(\.deviceID)), .int8Array(states.map(\.revision)),
      .int8Array(states.map(\.session)), .timestamptzArray(states.map(\.lastContact)),
      .timestamptzArray(states.map(\.lastBoot)), .timestamptzArray(states.map(\.readAt)),
      .timestamptzArray(states.map(\.readDue)), .int2Array(states.map(\.readAttempts)),
      .int2Array(states.map(\.batchSize)), .int2Array(states.map(\.credentialState)),
      .textArray(states.map(\.protocolName)), .textArray(states.map(\.root)),
      .textArray(states.map(\.address)), .byteaArray(states.map(\.volatile)),
      .int2Array(states.map(\.ownCredential)), .timestamptzArray(states.map(\.ownCredentialDue)),
      .int8Array(answers.map(\.device)), .int8Array(answers.map(\.1)),
      .timestamptzArray(answers.map(\.2)))
  }
}

extension Committer.Changes {
  fileprivate var hasMoreThanStates: Bool {
    !(chunks.isEmpty && removedChunks.isEmpty && facts.isEmpty && removedFacts.isEmpty
      && tasks.isEmpty && events.isEmpty
      && cancelledTransfers.isEmpty && desiredAttributes.isEmpty)
  }

  fileprivate func only(_ written: [Device.ID: Bool]) -> Self {
    guard states.contains(where: { written[$0.deviceID] == nil }) else { return self }
    var kept = self
    kept.chunks.removeAll { written[$0.device] == nil }
    kept.removedChunks.removeAll { written[$0.device] == nil }
    kept.facts = kept.facts.filter { written[$0.key.device] != nil }
    kept.removedFacts.removeAll { written[$0.device] == nil }
    kept.tasks.removeAll { written[$0.deviceID] == nil }
    kept.events.removeAll { written[$0.device] == nil }
    kept.cancelledTransfers.removeAll { written[$0.device] == nil }
    kept.desiredAttributes.removeAll { written[$0.device] == nil }
    return kept
  }

  fileprivate func statementsBesidesStates() -> [Statement] {
    var statements: [Statement] = []
    if !removedChunks.isEmpty {
      statements.append(
        Statement(
          Committer.deleteChunks, .int8Array(removedChunks.map(\.device)),
          .int2Array(removedChunks.map(\.number))))
    }
    if !chunks.isEmpty {
      let sorted = chunks.sorted { ($0.device, $0.number) < ($1.device, $1.number) }
      statements.append(
        Statement(
          Committer.upsertChunks, .int8Array(sorted.map(\.device)),
          .int2Array(sorted.map(\.number)), .int2Array(sorted.map(\.codec)),
          .byteaArray(sorted.map(\.data))))
    }
    if !removedFacts.isEmpty {
      statements.append(
        Statement(
          Committer.deleteFacts, .int8Array(removedFacts.map(\.device)),
          .int2Array(removedFacts.map(\.fact))))
    }
    if !facts.isEmpty {
      let sorted = facts.sorted {
        ($0.key.device, $0.key.fact) < ($1.key.device, $1.key.fact)
      }
      statements.append(
        Statement(
          Committer.upsertFacts, .int8Array(sorted.map(\.key.device)),
          .int2Array(sorted.map(\.key.fact)), .textArray(sorted.map(\.value))))
    }
    if !cancelledTransfers.isEmpty {
      statements += TaskRows.cancel(transfers: cancelledTransfers)
    }
    for desired in desiredAttributes.sorted(by: { $0.device < $1.device }) {
      statements += FleetStore.desire(desired.changes, of: desired.device, at: desired.at)
    }
    if !tasks.isEmpty { statements += TaskRows.update(tasks) }
    let onlyOnce = events.filter { $0.repeatsWithin != nil }
    let always = onlyOnce.isEmpty ? events : events.filter { $0.repeatsWithin == nil }
    if !always.isEmpty {
      statements.append(
        Statement(
          Committer.insertEvents, .int8Array(always.map(\.device)),
          .timestamptzArray(always.map(\.at)), .textArray(always.map(\.kind)),
          .jsonbArray(always.map(\.detail))))
    }
    if !onlyOnce.isEmpty {
      statements.append(
        Statement(
          Committer.insertEventsOnce, .int8Array(onlyOnce.map(\.device)),
          .timestamptzArray(onlyOnce.map(\.at)), .textArray(onlyOnce.map(\.kind)),
          .jsonbArray(onlyOnce.map(\.detail)),
          .float8Array(onlyOnce.map { $0.repeatsWithin ?? 0 })))
    }
    return statements
  }
}
