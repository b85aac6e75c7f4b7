import Fleet
import FleetStore

/// Which agents are connected to this node, and what of that the database does not know yet.
///
/// What it has is what shall be: an agent that has come and gone since the last writing is written once, as it is then. So it never holds
/// more than one entry for each agent, however long the database is away.
struct PresenceLedger {
  /// What is to be written in one transaction.
  struct Batch: Equatable {
    var stays: [AgentStay] = []
    var leaves: [AgentLeave] = []

    var isEmpty: Bool { stays.isEmpty && leaves.isEmpty }
  }

  private struct Place {
    var stay: AgentStay
    var link: ObjectIdentifier
    /// When it was last heard, as far as that is written; seconds since 1970.
    var writtenHeard: Double
  }

  private var places: [Device.ID: Place] = [:]
  private var come: Set<Device.ID> = []
  /// When they left, in seconds since 1970.
  private var left: [Device.ID: Double] = [:]

  var count: Int { places.count }
  /// Whether anything is to be written.
  var isDue: Bool { !come.isEmpty || !left.isEmpty }

  /// By transport.
  var counts: [String: Int] {
    places.values.reduce(into: [:]) { $0[$1.stay.transport, default: 0] += 1 }
  }

  /// An agent has come over a link, or goes on over it under another session: then it stays since when it was there.
  mutating func begin(_ stay: AgentStay, over link: ObjectIdentifier) {
    var stay = stay
    if let present = places[stay.device], present.link == link { stay.since = present.stay.since }
    places[stay.device] = Place(stay: stay, link: link, writtenHeard: stay.since)
    come.insert(stay.device)
    left[stay.device] = nil
  }

  /// A link has ended; it may be an older one than that which counts.
  /// - Parameter time: seconds since 1970.
  mutating func end(_ device: Device.ID, over link: ObjectIdentifier, at time: Double) {
    guard places[device]?.link == link else { return }
    places[device] = nil
    come.remove(device)
    left[device] = time
  }

  /// Takes out what is to be written.
  mutating func take(atMost limit: Int) -> Batch {
    var batch = Batch()
    while batch.stays.count < limit, let device = come.popFirst() {
      if let place = places[device] { batch.stays.append(place.stay) }
    }
    while batch.stays.count + batch.leaves.count < limit, let (device, time) = left.popFirst() {
      batch.leaves.append(AgentLeave(device: device, at: time))
    }
    return batch
  }

  /// The batch that was taken last could not be written; what has changed meanwhile counts.
  mutating func putBack(_ batch: Batch) {
    for stay in batch.stays where places[stay.device] != nil { come.insert(stay.device) }
    for leave in batch.leaves where places[leave.device] == nil && left[leave.device] == nil {
      left[leave.device] = leave.at
    }
  }

  /// The node has begun another life, of whose links nothing is written.
  mutating func beginAnew() {
    come = Set(places.keys)
    left = [:]
  }

  /// The agents that were heard since it was last written when, of those that are connected.
  /// - Parameter heard: when each was heard over its link; seconds since 1970.
  func heard(_ heard: [(device: Device.ID, link: ObjectIdentifier, at: Double)]) -> [(
    stay: AgentStay, at: Double
  )] {
    heard.compactMap { entry in
      guard let place = places[entry.device], place.link == entry.link,
        entry.at > place.writtenHeard, !come.contains(entry.device)
      else { return nil }
      return (place.stay, entry.at)
    }
  }

  /// It is written when some agents were heard.
  mutating func wrote(_ heard: [(stay: AgentStay, at: Double)]) {
    for entry in heard where places[entry.stay.device]?.stay.session == entry.stay.session {
      places[entry.stay.device]?.writtenHeard = entry.at
    }
  }
}
