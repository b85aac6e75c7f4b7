import Fleet
import Foundation
import Postgres

extension Committer {
  /// The rows that a batch writes, a collection a table.
  struct Changes {
    var states: [NewState] = []
    var chunks: [(device: Device.ID, number: Int16, codec: Int16, data: [UInt8])] = []
    var removedChunks: [(device: Device.ID, number: Int16)] = []
    /// A row is written once in a statement, whatever leads to it.
    var facts: [FactKey: String] = [:]
    var removedFacts: [(device: Device.ID, fact: Int16)] = []
    var tasks: [DeviceTask] = []
    var events: [Event] = []
    var cancelledTransfers: [(device: Device.ID, task: DeviceTask.ID)] = []
    var desiredAttributes: [(device: Device.ID, at: Double, changes: [AttributeChange])] = []
  }

  struct Event {
    var device: Device.ID
    var at: Double
    var kind: String
    /// A JSON object.
    var detail: String
    var repeatsWithin: Double?
  }

  struct FactKey: Hashable {
    var device: Device.ID
    var fact: Int16
  }

  /// The new content of a row of `device_state`; nil leaves a column as it is.
  struct NewState {
    var deviceID: Device.ID
    /// The revision that was read.
    var revision: Int64
    var session: Int64
    var lastContact: Double?
    var lastBoot: Double?
    var readAt: Double?
    /// Written as it is: nil means that no reading is due.
    var readDue: Double?
    var readAttempts: Int16
    var batchSize: Int16
    var credentialState: Int16
    var protocolName: String
    var root: String
    var address: String
    var volatile: [UInt8]?
    var ownCredential: Int16
    var ownCredentialDue: Double?
    /// Answers to challenges that are taken from now on.
    var answers: [ChallengeAnswer] = []

    init(_ stored: StoredState) {
      deviceID = stored.deviceID
      revision = stored.revision
      session = stored.session
      readDue = stored.readDue
      readAttempts = stored.readAttempts
      batchSize = stored.batchSize
      credentialState = stored.credentialState
      protocolName = stored.protocolName
      root = stored.root
      address = stored.address
      ownCredential = stored.ownCredential
      ownCredentialDue = stored.ownCredentialDue
    }
  }

  /// Decides what the jobs change; an item that can't be written gets its failure.
  func plan(_ batch: inout Batch) -> Changes {
    var changes = Changes()
    for index in batch.items.indices
    where batch.items[index].failure == nil && batch.items[index].state != nil {
      switch batch.items[index].job {
      case .contact(let job): plan(job, for: &batch.items[index], into: &changes)
      case .write(let job): plan(job.write, for: &batch.items[index], into: &changes)
      }
    }
    return changes
  }

  private func plan(_ job: ContactJob, for item: inout Item, into changes: inout Changes) {
    guard let stored = item.state else { return }
    let contact = job.contact
    var state = NewState(stored)
    let device = stored.deviceID
    if job.proof == .own { state.ownCredential = OwnCredential.proven.rawValue }
    // A device at its factory settings knows nothing of what was set on it, whatever was found out about that.
    let isOwnCredentialDue =
      job.proof == .shared
      && (contact.reasons.contains(.bootstrap)
        || stored.ownCredentialDue.map { $0 <= contact.at } ?? true)
    let isFirst = stored.lastContact == nil
    state.session = contact.session
    state.answers = item.answers
    state.lastContact = contact.at
    state.protocolName = contact.protocolName
    if !contact.root.isEmpty { state.root = contact.root }
    state.address = contact.address

    let versionPath = state.root + Self.softwareVersion
    let previousVersion = item.volatile[versionPath]?.value
    let unfamiliar = isFirst ? [] : Self.unfamiliar(contact.values, to: item.volatile)
    let changed = item.volatile.merge(contact.values, at: Int64(contact.at))
    // What the device says now counts, not what it once said.
    let version = contact.values.last { $0.path == versionPath }?.value
    // What is in several places may be in the tree, too.
    if !isFirst, !item.needsChunks, changed.contains(where: { hasSeveralPlaces($0.path) }) {
      item.needsRetry = true
      return
    }
    let tree = ParameterTree(chunks: item.chunks, damaged: item.damagedChunks)
    appendFacts(changed, removed: [], of: item, with: tree, into: &changes)

    if isFirst { appendIdentity(contact.identity, of: device, into: &changes) }

    var isReadDue = false
    if !contact.reasons.contains(.heartbeat) {
      let startsAnew =
        isFirst || contact.reasons.contains(.bootstrap)
        || item.isDamaged || previousVersion.map { version != nil && $0 != version } ?? false
      if startsAnew { state.readAttempts = 0 }
      if startsAnew || stored.readDue.map({ $0 <= contact.at }) ?? false {
        // Whoever reads the tree clears this; a session that dies on the way leaves the next attempt due by itself.
        isReadDue = true
        state.readDue = contact.at + readPause(afterAttempts: Int(state.readAttempts))
        state.readAttempts = min(state.readAttempts + 1, 1_000)
      }
    }
    if contact.reasons.contains(.bootstrap)
      || contact.reasons.contains(.boot)
        && state.credentialState == CredentialState.brokeOff.rawValue
    {
      state.credentialState = CredentialState.due.rawValue
    }
    if contact.reasons.contains(.boot) || contact.reasons.contains(.bootstrap) {
      state.lastBoot = contact.at
    }
    if !changed.isEmpty { state.volatile = item.volatile.encoded() }
    if let size = state.volatile?.count, size > settings.maxVolatileSize {
      guard item.needsChunks else {
        item.needsRetry = true
        return
      }
      do {
        try shrink(&item, state: &state, at: contact.at, into: &changes)
      } catch {
        item.failure = StoreError(error, device: device)
        return
      }
    }

    let words = contact.reasonTexts.joined(separator: ", ")
    if isFirst {
      changes.append(
        DeviceEvent("firstContact", ["address": contact.address, "reasons": words]), of: device,
        at: contact.at)
    } else if contact.reasons.contains(.bootstrap) {
      changes.append(DeviceEvent("bootstrap", ["reasons": words]), of: device, at: contact.at)
    } else if contact.reasons.contains(.boot) {
      changes.append(DeviceEvent("boot", ["reasons": words]), of: device, at: contact.at)
    }
    if let previousVersion, let version, previousVersion != version {
      changes.append(
        DeviceEvent("versionChanged", ["from": previousVersion, "to": version]), of: device,
        at: contact.at)
    }
    changes.states.append(state)
    item.admitted = AdmittedContact(
      deviceID: device, isNew: isFirst, hasOpenWork: stored.openWork, isReadDue: isReadDue,
      batchSize: Int(stored.batchSize),
      credentialState: CredentialState(rawValue: state.credentialState) ?? .due,
      isOwnCredentialDue: isOwnCredentialDue && !contact.reasons.contains(.heartbeat),
      root: state.root, softwareVersion: version, unfamiliar: unfamiliar)
  }

  /// Readings that may break, one after the other, before the next one has to wait.
  ///
  /// A session that breaks off says little about the reading, and one that broke at a large request is followed by a
  /// smaller one. Only a device at which the reading breaks again and again is left alone, so that its tasks get their turn.
  private static let readingsAtOnce = 3

  /// Seconds from a reading that may not come to its end to the next one.
  /// - Parameter attempts: readings that have not come to their end before this one.
  private func readPause(afterAttempts attempts: Int) -> Double {
    guard attempts >= Self.readingsAtOnce else { return 0 }
    return min(
      settings.readRetryDelay * Double(1 << min(attempts - Self.readingsAtOnce, 12)), 86_400)
  }

  /// Seconds before a device that refused a credential of its own, or does not use it, is given one again.
  private static let ownCredentialPause = 86_400.0
  private static let softwareVersion = "DeviceInfo.SoftwareVersion"

  /// Moves the largest values to the tree's chunks until the row is narrow again.
  private func shrink(
    _ item: inout Item, state: inout NewState, at time: Double, into changes: inout Changes
  ) throws(TreeCodecError) {
    let moved = item.volatile.removeLargest(toFit: settings.maxVolatileSize).map {
      ReportedValue(path: $0.path, value: $0.value, type: $0.type)
    }
    state.volatile = item.volatile.encoded()
    try plan(TreeUpdate(values: moved, at: time), for: &item, state: &state, into: &changes)
  }

  private func plan(_ write: SessionWrite, for item: inout Item, into changes: inout Changes) {
    guard let stored = item.state else { return }
    var state = NewState(stored)
    let device = stored.deviceID
    if let update = write.tree {
      do {
        try plan(update, for: &item, state: &state, into: &changes)
      } catch {
        item.failure = StoreError(error, device: device)
        return
      }
    }
    if item.isDamaged { state.readDue = write.at }
    if let size = write.batchSize, size < stored.batchSize, state.readDue != nil {
      // A reading that ends with smaller requests than it began with is worth another one at once.
      state.readDue = write.at
    }
    if write.isReadDone {
      state.readAt = write.at
      state.readDue = nil
      state.readAttempts = 0
    }
    if let size = write.batchSize { state.batchSize = Int16(clamping: size) }
    if let root = write.root { state.root = root }
    if let credential = write.credentialState { state.credentialState = credential.rawValue }
    if let own = write.ownCredential, state.ownCredential != OwnCredential.proven.rawValue {
      state.ownCredential = own.rawValue
      state.ownCredentialDue = write.at + Self.ownCredentialPause
    }
    if write.tasks.contains(where: \.leadsToFactorySettings) {
      // The device comes back with what it was delivered with.
      state.ownCredential = min(state.ownCredential, OwnCredential.offered.rawValue)
      state.ownCredentialDue = nil
    }
    changes.tasks.append(contentsOf: write.tasks)
    changes.cancelledTransfers += write.cancelledTransfers.map { (device, $0) }
    if !write.desiredAttributes.isEmpty {
      changes.desiredAttributes.append((device, write.at, write.desiredAttributes))
    }
    for event in write.events { changes.append(event, of: device, at: write.at) }
    changes.states.append(state)
  }

  private func plan(
    _ update: TreeUpdate, for item: inout Item, state: inout NewState,
    into changes: inout Changes
  ) throws(TreeCodecError) {
    let device = state.deviceID
    var tree = ParameterTree(chunks: item.chunks, damaged: item.damagedChunks)
    var changed = tree.apply(update)
    let rows = try tree.pack(with: codec)

    let gone = item.volatile.remove {
      update.removes($0.path) && tree.parameter(at: $0.path) == nil
    }
    let renewed = item.volatile.merge(update.values, at: Int64(update.at), onlyKnown: true)
    if !gone.isEmpty || !renewed.isEmpty { state.volatile = item.volatile.encoded() }

    // A chunk may be behind a contact's value; what the device says now counts for the facts either way.
    changed.append(contentsOf: renewed)
    appendFacts(
      changed, removed: tree.removedPaths + gone.map(\.path), of: item, with: tree, into: &changes)
    changes.chunks.append(
      contentsOf: rows.written.map { (device, $0.number, $0.codec, $0.data) })
    changes.removedChunks.append(contentsOf: rows.removed.map { (device, $0) })
  }

  private func hasSeveralPlaces(_ path: String) -> Bool {
    facts.id(ofParameter: path) != nil && facts.places(ofParameter: path) != nil
  }

  /// - Parameter tree: as it is with what has changed.
  private func appendFacts(
    _ values: [ReportedValue], removed: [String], of item: Item, with tree: ParameterTree,
    into changes: inout Changes
  ) {
    guard let device = item.state?.deviceID else { return }
    var several: [Int16: [String]] = [:]
    for value in values {
      guard let fact = facts.id(ofParameter: value.path) else { continue }
      if let places = facts.places(ofParameter: value.path) {
        several[fact] = places
      } else {
        changes.facts[FactKey(device: device, fact: fact)] = Facts.searchable(value.value)
      }
    }
    for path in removed {
      guard let fact = facts.id(ofParameter: path) else { continue }
      if let places = facts.places(ofParameter: path) {
        several[fact] = places
      } else {
        changes.removedFacts.append((device, fact))
      }
    }
    for (fact, places) in several {
      let values = places.lazy.compactMap {
        item.volatile[$0]?.value ?? tree.parameter(at: $0)?.value
      }
      let key = FactKey(device: device, fact: fact)
      if let value = values.first(where: { !$0.isEmpty && $0 != "0.0.0.0" }) {
        changes.facts[key] = Facts.searchable(value)
        changes.removedFacts.removeAll { $0.device == device && $0.fact == fact }
      } else {
        changes.facts[key] = nil
        changes.removedFacts.append((device, fact))
      }
    }
  }

  /// A new device can be searched by its identity before its tree has been read.
  private func appendIdentity(
    _ identity: DeviceIdentity, of device: Device.ID, into changes: inout Changes
  ) {
    for (name, value) in [
      ("DeviceInfo.Manufacturer", identity.manufacturer),
      ("DeviceInfo.ManufacturerOUI", identity.oui),
      ("DeviceInfo.ProductClass", identity.productClass),
      ("DeviceInfo.SerialNumber", identity.serialNumber),
    ] {
      guard !value.isEmpty, let fact = facts.id(named: name) else { continue }
      let key = FactKey(device: device, fact: fact)
      // What the device's own tree says comes first.
      if changes.facts[key] == nil { changes.facts[key] = Facts.searchable(value) }
    }
  }
}

extension Committer.Changes {
  mutating func append(_ event: DeviceEvent, of device: Device.ID, at time: Double) {
    events.append(
      Committer.Event(
        device: device, at: time, kind: event.kind, detail: StoredJSON.text(event.detail),
        repeatsWithin: event.repeatsWithin))
  }
}

extension DeviceTask {
  /// Whether the device has taken the order to return to its factory settings.
  fileprivate var leadsToFactorySettings: Bool {
    switch operation {
    case .factoryReset: break
    case .command(let order) where order.name == "FactoryReset()": break
    default: return false
    }
    switch state {
    case .waiting, .done: return true
    default: return false
    }
  }
}
