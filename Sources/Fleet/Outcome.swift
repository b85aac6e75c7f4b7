/// How an attempt at an ``Operation`` ended.
package enum Outcome: Sendable, Equatable {
  case done(OperationResult)
  /// The device took the order; what it did with it shows later, in an event or a new version.
  case accepted(WaitingFor)
  /// The device refused or failed; the words are its own.
  case failed(OperationFault)
  /// The session ended before an answer; nobody knows whether the device acted.
  case interrupted(reason: String)
}

/// What a task that a device has accepted is waiting for.
package enum WaitingFor: String, Sendable, Equatable, Codable {
  /// A boot after Reboot.
  case boot
  /// A bootstrap (or, from devices that never send one, a boot) after FactoryReset.
  case bootstrap
  /// The report that a transfer has ended.
  case transfer
  /// The expected SoftwareVersion after a transfer that succeeded.
  case version
}

/// What an operation that succeeded brought.
package struct OperationResult: Sendable, Equatable, Codable {
  /// Values read, for get; for set, what was written.
  package var values: [ResultValue]?
  /// The instance that add created, for example `Device.NAT.PortMapping.3.`.
  package var instance: String?
  /// True where the device applies the change later, for example after a restart.
  package var isPending: Bool?
  /// How many parameters a refresh read, and how many of them the device refused to read.
  package var parametersRead: Int?
  package var parametersRefused: Int?
  /// The SoftwareVersion that a download led to.
  package var version: String?

  package init(
    values: [ResultValue]? = nil, instance: String? = nil, isPending: Bool? = nil,
    parametersRead: Int? = nil, parametersRefused: Int? = nil, version: String? = nil
  ) {
    self.values = values
    self.instance = instance
    self.isPending = isPending
    self.parametersRead = parametersRead
    self.parametersRefused = parametersRefused
    self.version = version
  }
}

/// A value in an ``OperationResult``.
package struct ResultValue: Sendable, Equatable, Codable {
  package var path: String
  package var value: String
  package var type: ParameterType

  package init(path: String, value: String, type: ParameterType) {
    self.path = path
    self.value = value
    self.type = type
  }
}

/// Why an operation failed, in the device's own words where it said any.
package struct OperationFault: Sendable, Equatable, Codable {
  /// Protocol and code, for example `cwmp.9005`; or `fairlead.…` where the server gave up.
  package var code: String
  package var text: String
  /// What was wrong with which parameter.
  package var parameters: [ParameterFault]?
  /// True where the same operation may well succeed later, so that a retry is worth its while.
  package var isTransient: Bool

  package init(
    code: String, text: String, parameters: [ParameterFault]? = nil, isTransient: Bool = false
  ) {
    self.code = code
    self.text = text
    self.parameters = parameters
    self.isTransient = isTransient
  }

  package struct ParameterFault: Sendable, Equatable, Codable {
    package var path: String
    package var code: String
    package var text: String

    package init(path: String, code: String, text: String) {
      self.path = path
      self.code = code
      self.text = text
    }
  }
}
