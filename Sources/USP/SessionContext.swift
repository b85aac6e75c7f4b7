#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The session context between two endpoints, seen from one of them (TR-369 3.3 and 3.4, R-E2E.3 to R-E2E.24): it numbers what is sent
/// and keeps it until it is acknowledged, puts what comes into order, and messages together of their segments.
package struct SessionContext: Sendable {
  /// What came of a Record.
  package struct Outcome {
    /// The messages that are complete, in their order.
    package var messages: [Data] = []
    /// Records that the peer misses, as they were sent.
    package var again: [[UInt8]] = []
    /// The context can't go on (R-E2E.21).
    package var failure: USPFault?
    /// The beginning of a message that is longer than the limit.
    package var tooLong: Data?
  }

  private struct Kept {
    var sequence: UInt64
    var bytes: [UInt8]
    var times = 0
  }

  package let id: UInt64
  /// Whether this side has begun it.
  package let isOurs: Bool
  /// Whether the peer has sent anything in it.
  package private(set) var wasHeard = false
  /// The number of the Record that the peer is to send next.
  package private(set) var expected: UInt64
  /// The number of the Record that this side sends next.
  package private(set) var next: UInt64
  package private(set) var lastActivity: Double
  package let began: Double

  // The oldest first.
  private var kept: [Kept] = []
  private var keptBytes = 0
  private var early: [UInt64: USPSessionContextRecord] = [:]
  private var earlyBytes = 0
  private var assembly: Data?
  private var assemblySince: Double?
  private var missingSince: Double?
  private var mustAsk = false
  private var timesAsked = 0
  private let limits: USPLimits

  /// From here on a context must begin anew (R-E2E.8, R-E2E.9).
  package static let lastSequence = UInt64.max - 10_000

  /// - Parameter first: the number of the first Record in either direction; 1 (R-E2E.4) but in tests.
  package init(id: UInt64, isOurs: Bool, limits: USPLimits, now: Double, first: UInt64 = 1) {
    self.id = id
    self.isOurs = isOurs
    self.limits = limits
    expected = first
    next = first
    began = now
    lastActivity = now
  }

  /// When a Record that is missing is to be asked for.
  package var nextRequest: Double? { missingSince.map { $0 + limits.retransmissionWait } }

  /// When a message in segments must have come.
  package var assemblyDeadline: Double? { assemblySince.map { $0 + limits.assemblyTimeout } }

  /// The bytes of what came and can't be worked on yet: Records that came too early, and segments.
  package var heldBytes: Int { earlyBytes + (assembly?.count ?? 0) }

  /// How many Records were sent and not acknowledged.
  package var unacknowledged: Int { kept.count }

  /// Whether as many Records can still be numbered.
  package func hasNumbers(for count: Int) -> Bool {
    next < Self.lastSequence && Self.lastSequence - next >= UInt64(count)
  }

  /// A Record to send, with its numbers.
  package mutating func outgoing(
    _ payload: Data, _ state: USPSessionContextRecord.PayloadSARState = .none, now: Double
  ) -> USPSessionContextRecord {
    var record = USPSessionContextRecord()
    record.sessionID = id
    record.sequenceID = next
    record.expectedID = expected
    record.payloadSarState = state
    record.payloadrecSarState = state
    record.payload = [payload]
    next += 1
    lastActivity = now
    if mustAsk {
      record.retransmitID = expected
      mustAsk = false
      timesAsked += 1
      missingSince = now
    }
    return record
  }

  /// What was sent is kept until the peer has acknowledged it; the oldest goes where it is too much.
  package mutating func keep(_ bytes: [UInt8], sequence: UInt64) {
    kept.append(Kept(sequence: sequence, bytes: bytes))
    keptBytes += bytes.count
    var surplus = 0
    while kept.count - surplus > limits.keptRecords
      || (keptBytes > limits.keptBytes && surplus < kept.count)
    {
      keptBytes -= kept[surplus].bytes.count
      surplus += 1
    }
    if surplus > 0 { kept.removeFirst(surplus) }
  }

  /// The Record that was missing has not come.
  ///
  /// - Returns: whether to ask for it; otherwise the context can't go on.
  package mutating func askAgain(now: Double) -> Bool {
    guard timesAsked < limits.retransmissions else { return false }
    mustAsk = true
    return true
  }

  package mutating func received(_ record: USPSessionContextRecord, now: Double) -> Outcome {
    var outcome = Outcome()
    wasHeard = true
    lastActivity = now
    // What was processed before is ignored (R-E2E.20).
    guard record.sequenceID >= expected else { return outcome }
    if record.sequenceID > expected {
      outcome.failure = hold(record, into: &outcome)
    } else {
      var current: USPSessionContextRecord? = record
      while let record = current, outcome.failure == nil {
        expected += 1
        outcome.failure = process(record, into: &outcome)
        current = early.removeValue(forKey: expected)
        if let current { earlyBytes -= Self.size(current) }
      }
      missingSince = nil
      mustAsk = false
      timesAsked = 0
      if outcome.failure == nil, expected >= Self.lastSequence {
        outcome.failure = USPFault(.sessionContextTerminated, "the sequence IDs come to their end")
      }
    }
    if missingSince == nil, !early.isEmpty {
      missingSince = now
      mustAsk = true
    }
    return outcome
  }

  private mutating func hold(_ record: USPSessionContextRecord, into outcome: inout Outcome)
    -> USPFault?
  {
    guard early[record.sequenceID] == nil else { return nil }
    guard record.sequenceID - expected <= UInt64(limits.earlyRecords),
      earlyBytes + Self.size(record) <= limits.earlyBytes
    else { return USPFault(.resourcesExceeded, "too many Records before the one that is expected") }
    var record = record
    // Where both sides miss a Record, neither would hear that the other asks for it.
    if record.retransmitID > 0, sendAgain(record.retransmitID, into: &outcome) == nil {
      record.retransmitID = 0
    }
    early[record.sequenceID] = record
    earlyBytes += Self.size(record)
    return nil
  }

  private mutating func process(_ record: USPSessionContextRecord, into outcome: inout Outcome)
    -> USPFault?
  {
    guard record.expectedID <= next else {
      return USPFault(.invalidRecordValue, "a Record is acknowledged that was not sent")
    }
    acknowledge(upTo: record.expectedID)
    if let fault = assemble(record, into: &outcome) { return fault }
    return record.retransmitID == 0 ? nil : sendAgain(record.retransmitID, into: &outcome)
  }

  private mutating func acknowledge(upTo sequence: UInt64) {
    let count = kept.firstIndex { $0.sequence >= sequence } ?? kept.count
    guard count > 0 else { return }
    keptBytes -= kept[..<count].reduce(0) { $0 + $1.bytes.count }
    kept.removeFirst(count)
  }

  private mutating func assemble(_ record: USPSessionContextRecord, into outcome: inout Outcome)
    -> USPFault?
  {
    // In plain text both states are the same; of some that leave the second away nothing is lost.
    guard [.none, record.payloadSarState].contains(record.payloadrecSarState) else {
      return USPFault(.invalidRecordValue, "the states of segmentation contradict each other")
    }
    switch (record.payloadSarState, assembly != nil) {
    case (.none, false):
      let payload = Self.payload(record)
      guard payload.count <= limits.messageBytes else { return refuse(payload, into: &outcome) }
      if !payload.isEmpty { outcome.messages.append(payload) }
    case (.begin, false):
      let payload = Self.payload(record)
      guard payload.count <= limits.messageBytes else { return refuse(payload, into: &outcome) }
      assembly = payload
      assemblySince = lastActivity
    case (.inprocess, true), (.complete, true):
      guard (assembly?.count ?? 0) + Self.size(record) <= limits.messageBytes else {
        return refuse(assembly ?? Data(), into: &outcome)
      }
      for part in record.payload { assembly?.append(part) }
      if record.payloadSarState == .complete, let message = assembly {
        assembly = nil
        assemblySince = nil
        outcome.messages.append(message)
      }
    default: return USPFault(.invalidRecordValue, "a segment comes where none belongs")
    }
    return nil
  }

  /// - Parameter beginning: what there is of a message that is too long.
  private func refuse(_ beginning: Data, into outcome: inout Outcome) -> USPFault {
    outcome.tooLong = beginning
    return USPFault(.resourcesExceeded, "a message of more than \(limits.messageBytes) bytes")
  }

  private mutating func sendAgain(_ sequence: UInt64, into outcome: inout Outcome) -> USPFault? {
    guard let index = kept.firstIndex(where: { $0.sequence == sequence }),
      kept[index].times < limits.retransmissions
    else {
      return USPFault(
        .sessionContextTerminated, "a Record is asked for that can't be sent any more")
    }
    kept[index].times += 1
    outcome.again.append(kept[index].bytes)
    return nil
  }

  private static func size(_ record: USPSessionContextRecord) -> Int {
    record.payload.reduce(0) { $0 + $1.count }
  }

  private static func payload(_ record: USPSessionContextRecord) -> Data {
    guard record.payload.count != 1 else { return record.payload[0] }
    return record.payload.reduce(into: Data()) { $0.append($1) }
  }
}
