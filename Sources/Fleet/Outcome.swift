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
package enum WaitingFor: String, Sendable, Equatable, Codable, CaseIterable {
  /// A boot after Reboot.
  case boot
  /// A bootstrap (or, from devices that never send one, a boot) after FactoryReset.
  case bootstrap
  /// The report that a transfer has ended.
  case transfer
  /// The expected SoftwareVersion after a transfer that succeeded.
  case version
  /// The call that was scheduled.
  case contact
  /// The report that changes of software have ended.
  case software
  /// The end of a measurement.
  case diagnosis
  /// The device's own word that a measurement has ended, or other results, because it still shows those of an older one.
  case diagnosisReport
  /// The report that a command has ended.
  case command
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
  /// SHA-256 of the file that an upload brought.
  package var file: String?
  package var attributes: [ReportedAttributes]?
  package var transfers: [PendingTransfer]?
  package var software: [SoftwareResult]?
  package var methods: [String]?
  package var options: [DeviceOption]?
  /// True while a task is open and the device has made what it was asked for, so that it only has to be fetched.
  package var isReady: Bool?
  /// A digest of the results of an older measurement, while a device that shows them may not have ended a newer one.
  package var olderResults: String?

  package init(
    values: [ResultValue]? = nil, instance: String? = nil, isPending: Bool? = nil,
    parametersRead: Int? = nil, parametersRefused: Int? = nil, version: String? = nil,
    file: String? = nil, attributes: [ReportedAttributes]? = nil,
    transfers: [PendingTransfer]? = nil, software: [SoftwareResult]? = nil,
    methods: [String]? = nil, options: [DeviceOption]? = nil, isReady: Bool? = nil,
    olderResults: String? = nil
  ) {
    self.olderResults = olderResults
    self.file = file
    self.attributes = attributes
    self.transfers = transfers
    self.software = software
    self.methods = methods
    self.options = options
    self.isReady = isReady
    self.values = values
    self.instance = instance
    self.isPending = isPending
    self.parametersRead = parametersRead
    self.parametersRefused = parametersRefused
    self.version = version
  }
}

/// A transfer that a device has not finished.
package struct PendingTransfer: Sendable, Equatable, Codable {
  /// Empty for a transfer that nobody here ordered.
  package var commandKey: String
  package var state: State
  /// Nil where the device tells no more than the state.
  package var isDownload: Bool?
  package var fileType: String?
  /// Bytes; 0 where unknown.
  package var size: Int64?
  package var targetFileName: String?

  package enum State: String, Sendable, Codable, CaseIterable {
    case notStarted, inProgress, finishing, unknown
  }

  package init(
    commandKey: String, state: State, isDownload: Bool? = nil, fileType: String? = nil,
    size: Int64? = nil, targetFileName: String? = nil
  ) {
    self.commandKey = commandKey
    self.state = state
    self.isDownload = isDownload
    self.fileType = fileType
    self.size = size
    self.targetFileName = targetFileName
  }
}

/// An option of a device that a voucher controls.
package struct DeviceOption: Sendable, Equatable, Codable {
  package var name: String
  package var voucherSerialNumber: String
  package var isEnabled: Bool
  package var isSetUp: Bool
  /// Literal dateTime texts.
  package var startDate: String
  /// Nil where the option does not expire.
  package var expirationDate: String?
  package var isTransferable: Bool

  package init(
    name: String, voucherSerialNumber: String, isEnabled: Bool, isSetUp: Bool, startDate: String,
    expirationDate: String? = nil, isTransferable: Bool
  ) {
    self.name = name
    self.voucherSerialNumber = voucherSerialNumber
    self.isEnabled = isEnabled
    self.isSetUp = isSetUp
    self.startDate = startDate
    self.expirationDate = expirationDate
    self.isTransferable = isTransferable
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
