/// What can be done to a device, whatever protocol it speaks.
///
/// A door translates an operation into the messages of its protocol and answers with an ``Outcome``.
package enum Operation: Sendable, Equatable {
  /// Reads values. A path that ends with a dot stands for all parameters below it.
  case get(paths: [String])
  /// Writes values, all or none where the protocol can.
  case set([Assignment])
  /// Creates an instance of a multi-instance object; the assignments' paths are relative to the new instance.
  case add(object: String, values: [Assignment])
  /// Removes an instance, for example `Device.NAT.PortMapping.3.`.
  case delete(object: String)
  /// Reads names, writability and values below a path again; the empty path is the whole tree.
  case refresh(path: String)
  case reboot
  case factoryReset
  /// Makes the device fetch a file, at once or within time windows.
  case download(DownloadOrder)
  /// Makes the device send a file, which is stored.
  case upload(UploadOrder)
  /// Tells how the device reports changes of parameters; a path that ends with a dot stands for all parameters below it.
  case getAttributes(paths: [String])
  /// Changes how the device reports changes of parameters; kept as what is wanted of the device.
  case setAttributes([AttributeChange])
  /// Makes the device call after so many seconds.
  case scheduleContact(delay: Int)
  /// Installs, updates or removes software modules.
  case changeSoftware([SoftwareChange])
  /// Takes back a transfer that the device has not begun, named by the key of its order.
  case cancelTransfer(commandKey: String)
  /// Lists the transfers that the device has not finished; those that were ordered, or all.
  case listTransfers(onlyOrdered: Bool)
  /// Lists the methods that the device understands.
  case listMethods
  /// Hands vouchers to the device, which enable options; Base64.
  case setVouchers([String])
  /// Lists options of the device; the empty name stands for all.
  case getOptions(name: String)
  /// Lets the device measure something, and brings the results.
  case diagnose(Diagnosis)
  /// Runs a command of the data model, and brings what it returns.
  case command(CommandOrder)
}

/// A value for a parameter.
package struct Assignment: Sendable, Equatable, Codable {
  package var path: String
  package var value: String
  /// Nil: the type that the device's tree tells, else its data model.
  package var type: ParameterType?
  /// True where it is written as it is, type and all, whatever the device's tree or its data model have against it.
  package var isForced: Bool

  package init(path: String, value: String, type: ParameterType? = nil, isForced: Bool = false) {
    self.path = path
    self.value = value
    self.type = type
    self.isForced = isForced
  }

  private enum CodingKeys: String, CodingKey { case path, value, type, isForced = "force" }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      path: try container.decode(String.self, forKey: .path),
      value: try container.decode(String.self, forKey: .value),
      type: try container.decodeIfPresent(ParameterType.self, forKey: .type),
      isForced: try container.decodeIfPresent(Bool.self, forKey: .isForced) ?? false)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(path, forKey: .path)
    try container.encode(value, forKey: .value)
    try container.encodeIfPresent(type, forKey: .type)
    if isForced { try container.encode(true, forKey: .isForced) }
  }
}

/// The operations' names, as tasks, the API and the command line spell them.
package enum OperationKind: String, Sendable, CaseIterable, Codable {
  case get
  case set
  case add
  case delete
  case refresh
  case reboot
  case factoryReset
  case download
  case upload
  case getAttributes
  case setAttributes
  case scheduleContact
  case changeSoftware
  case cancelTransfer
  case listTransfers
  case listMethods
  case setVouchers
  case getOptions
  case diagnose
  case command
}

extension Operation {
  package var kind: OperationKind {
    switch self {
    case .get: .get
    case .set: .set
    case .add: .add
    case .delete: .delete
    case .refresh: .refresh
    case .reboot: .reboot
    case .factoryReset: .factoryReset
    case .download: .download
    case .upload: .upload
    case .getAttributes: .getAttributes
    case .setAttributes: .setAttributes
    case .scheduleContact: .scheduleContact
    case .changeSoftware: .changeSoftware
    case .cancelTransfer: .cancelTransfer
    case .listTransfers: .listTransfers
    case .listMethods: .listMethods
    case .setVouchers: .setVouchers
    case .getOptions: .getOptions
    case .diagnose: .diagnose
    case .command: .command
    }
  }
}
