import Fleet

/// What the contact of a device led to, once it is committed.
package struct AdmittedContact: Sendable, Equatable {
  package var deviceID: Device.ID
  /// True at the very first contact.
  package var isNew: Bool
  /// True where tasks of the device have not ended.
  package var hasOpenWork: Bool
  /// True where this session shall read the whole tree.
  package var isReadDue: Bool
  /// The number of values that the device bears in one request, as learned.
  package var batchSize: Int
  package var credentialState: CredentialState
  /// True where the device may be given a credential of its own now.
  package var isOwnCredentialDue: Bool
  package var root: String
  /// The SoftwareVersion that the device runs as far as it told; nil where it never did.
  package var softwareVersion: String?
  /// Values that the device told of instances for the first time, and numbers of instances that have changed: the stored tree
  /// may know other instances.
  package var unfamiliar: [ReportedValue] = []
}

/// Whether this server's connection request credential is set on a device.
package enum CredentialState: Int16, Sendable, Equatable {
  case due = 0
  case set = 1
  case refused = 2
  /// Sent once, in a session that broke before the answer; sent once more.
  case tried = 3
  /// Sent twice, and both sessions broke; sent again after the next boot.
  case brokeOff = 4

  /// Whether it is to be set on the device.
  package var isDue: Bool { self == .due || self == .tried }
}

/// How far a device has come with a credential of its own.
package enum OwnCredential: Int16, Sendable, Equatable {
  case none = 0
  /// Set on the device, which has not shown it yet.
  case offered = 1
  /// Shown: nothing less lets the device in from then on.
  case proven = 2
  case refused = 3
}

/// What a session brings home besides its contact; committed as a whole or not at all.
package struct SessionWrite: Sendable {
  package var deviceID: Device.ID
  /// Has the write go the way of the device's contacts, so that neither overtakes the other.
  package var deviceName: String
  /// The session's token; the write is refused once a newer session has begun.
  package var session: Int64
  package var tree: TreeUpdate?
  /// Tasks in their new state.
  package var tasks: [DeviceTask]
  /// True once the whole tree has been read.
  package var isReadDone: Bool
  package var batchSize: Int?
  package var credentialState: CredentialState?
  /// The root of the data model, where the device's calls have not shown it.
  package var root: String?
  /// What came of giving the device a credential of its own.
  package var ownCredential: OwnCredential?
  /// Open transfers that the device has taken back.
  package var cancelledTransfers: [DeviceTask.ID] = []
  /// How the device shall report changes from now on, also after it has forgotten it.
  package var desiredAttributes: [AttributeChange] = []
  package var events: [DeviceEvent]
  /// Seconds since 1970.
  package var at: Double

  package init(
    deviceID: Device.ID, deviceName: String, session: Int64, tree: TreeUpdate? = nil,
    tasks: [DeviceTask] = [],
    isReadDone: Bool = false, batchSize: Int? = nil, credentialState: CredentialState? = nil,
    ownCredential: OwnCredential? = nil, events: [DeviceEvent] = [], at: Double
  ) {
    self.deviceID = deviceID
    self.deviceName = deviceName
    self.session = session
    self.tree = tree
    self.tasks = tasks
    self.isReadDone = isReadDone
    self.batchSize = batchSize
    self.credentialState = credentialState
    self.ownCredential = ownCredential
    self.events = events
    self.at = at
  }
}

/// Something that happened to a device, for its history.
package struct DeviceEvent: Sendable, Equatable {
  /// For example `boot`; the API shows it as it is.
  package var kind: String
  /// An object, bounded in size.
  package private(set) var detail: EventDetail
  /// Seconds for which the same news, told again, is no news: devices repeat what was not acknowledged.
  package var repeatsWithin: Double?

  package init(_ kind: String, _ detail: [String: String] = [:]) {
    self.init(kind, detail: detail.mapValues(EventDetail.text))
  }

  /// - Parameter detail: what is beyond the limits is left out, and `isCut` says so.
  package init(_ kind: String, detail: [String: EventDetail], repeatsWithin: Double? = nil) {
    let bounded = EventDetail.object(detail).bounded()
    self.kind = kind
    self.detail = bounded.detail
    self.repeatsWithin = repeatsWithin
    if !bounded.isWhole, case .object(var members) = bounded.detail {
      members["isCut"] = .flag(true)
      self.detail = .object(members)
    }
  }
}
