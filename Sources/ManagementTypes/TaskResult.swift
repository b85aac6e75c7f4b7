extension TaskDetail {
  /// What an operation that succeeded brought.
  package struct Result: Codable, Sendable, Equatable {
    /// Values read; for set, what was written; for diagnose, the measurements.
    package var values: [TaskOrder.Value]?
    /// The instance that add created.
    package var instance: String?
    /// True where the device applies the change later, for example after a restart.
    package var isPending: Bool?
    package var parametersRead: Int?
    package var parametersRefused: Int?
    /// The SoftwareVersion that a download led to.
    package var version: String?
    /// SHA-256 of the stored file that an upload brought.
    package var file: String?
    package var attributes: [Attributes]?
    package var transfers: [Transfer]?
    package var software: [Software]?
    /// The methods that the device understands.
    package var methods: [String]?
    package var options: [Option]?
    /// True while the task is open and the device has made what only has to be fetched.
    package var isReady: Bool?

    package init(
      values: [TaskOrder.Value]? = nil, instance: String? = nil, isPending: Bool? = nil,
      parametersRead: Int? = nil, parametersRefused: Int? = nil, version: String? = nil,
      file: String? = nil, attributes: [Attributes]? = nil, transfers: [Transfer]? = nil,
      software: [Software]? = nil, methods: [String]? = nil, options: [Option]? = nil,
      isReady: Bool? = nil
    ) {
      self.values = values
      self.instance = instance
      self.isPending = isPending
      self.parametersRead = parametersRead
      self.parametersRefused = parametersRefused
      self.version = version
      self.file = file
      self.attributes = attributes
      self.transfers = transfers
      self.software = software
      self.methods = methods
      self.options = options
      self.isReady = isReady
    }
  }

  /// How a device reports changes of a parameter.
  package struct Attributes: Codable, Sendable, Equatable {
    package var path: String
    /// 0 off, 1 passive, 2 active, 3–6 with lightweight notifications.
    package var notification: Int
    /// Who may write it besides this server, for example `Subscriber`.
    package var accessList: [String]

    package init(path: String, notification: Int, accessList: [String]) {
      self.path = path
      self.notification = notification
      self.accessList = accessList
    }
  }

  /// A transfer that a device has not finished.
  package struct Transfer: Codable, Sendable, Equatable {
    /// Empty for a transfer that nobody here ordered.
    package var commandKey: String
    /// `notStarted`, `inProgress`, `finishing`, `unknown`.
    package var state: String
    /// Nil where the device tells no more than the state.
    package var isDownload: Bool?
    package var fileType: String?
    /// Bytes; 0 where unknown.
    package var size: Int64?
    package var targetFileName: String?

    package init(
      commandKey: String, state: String, isDownload: Bool? = nil, fileType: String? = nil,
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

  /// What became of one software module.
  package struct Software: Codable, Sendable, Equatable {
    package var uuid: String
    package var version: String
    /// `Installed`, `Uninstalled` or `Failed`; devices may have other words.
    package var state: String
    /// The path of the module in the device's tree; may be empty.
    package var path: String
    /// Nil where the device did not tell.
    package var isResolved: Bool?
    package var executionUnits: [String]
    package var fault: Fault?

    package init(
      uuid: String, version: String, state: String, path: String, isResolved: Bool? = nil,
      executionUnits: [String] = [], fault: Fault? = nil
    ) {
      self.uuid = uuid
      self.version = version
      self.state = state
      self.path = path
      self.isResolved = isResolved
      self.executionUnits = executionUnits
      self.fault = fault
    }
  }

  /// An option of a device that a voucher controls.
  package struct Option: Codable, Sendable, Equatable {
    package var name: String
    package var voucherSerialNumber: String
    package var isEnabled: Bool
    package var isSetUp: Bool
    /// As the device writes it.
    package var startDate: String
    /// Nil where the option does not expire.
    package var expirationDate: String?
    package var isTransferable: Bool

    package init(
      name: String, voucherSerialNumber: String, isEnabled: Bool, isSetUp: Bool,
      startDate: String, expirationDate: String? = nil, isTransferable: Bool
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
}
