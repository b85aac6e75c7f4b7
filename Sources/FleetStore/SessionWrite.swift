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
  package var root: String
  /// The SoftwareVersion that the device runs as far as it told; nil where it never did.
  package var softwareVersion: String?
}

/// Whether this server's connection request credential is set on a device.
package enum CredentialState: Int16, Sendable, Equatable {
  case due = 0
  case set = 1
  case refused = 2
}

/// What a session brings home besides its contact; committed as a whole or not at all.
package struct SessionWrite: Sendable {
  package var deviceID: Device.ID
  /// The session's token; the write is refused once a newer session has begun.
  package var session: Int64
  package var tree: TreeUpdate?
  /// Tasks in their new state.
  package var tasks: [DeviceTask]
  /// True once the whole tree has been read.
  package var isReadDone: Bool
  package var batchSize: Int?
  package var credentialState: CredentialState?
  package var events: [DeviceEvent]
  /// Seconds since 1970.
  package var at: Double

  package init(
    deviceID: Device.ID, session: Int64, tree: TreeUpdate? = nil, tasks: [DeviceTask] = [],
    isReadDone: Bool = false, batchSize: Int? = nil, credentialState: CredentialState? = nil,
    events: [DeviceEvent] = [], at: Double
  ) {
    self.deviceID = deviceID
    self.session = session
    self.tree = tree
    self.tasks = tasks
    self.isReadDone = isReadDone
    self.batchSize = batchSize
    self.credentialState = credentialState
    self.events = events
    self.at = at
  }
}

/// Something that happened to a device, for its history.
package struct DeviceEvent: Sendable, Equatable {
  /// For example `boot`; the API shows it as it is.
  package var kind: String
  package var detail: [String: String]

  package init(_ kind: String, _ detail: [String: String] = [:]) {
    self.kind = kind
    self.detail = detail
  }
}
