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
  /// Makes the device fetch a stored file.
  case download(DownloadOrder)
}

/// A value for a parameter.
package struct Assignment: Sendable, Equatable, Codable {
  package var path: String
  package var value: String
  /// Nil: the type that the device's tree tells, else string.
  package var type: ParameterType?

  package init(path: String, value: String, type: ParameterType? = nil) {
    self.path = path
    self.value = value
    self.type = type
  }
}

/// Which stored file a device shall fetch, and what shows that it took effect.
package struct DownloadOrder: Sendable, Equatable, Codable {
  /// SHA-256 of the content, 64 lower-case hexadecimal digits.
  package var file: String
  /// The standard's words, for example `1 Firmware Upgrade Image`.
  package var fileType: String
  package var targetFileName: String
  /// The SoftwareVersion that the device must report afterwards; nil where the transfer alone counts.
  package var expectedVersion: String?

  package init(
    file: String, fileType: String = firmwareUpgradeImage, targetFileName: String = "",
    expectedVersion: String? = nil
  ) {
    self.file = file
    self.fileType = fileType
    self.targetFileName = targetFileName
    self.expectedVersion = expectedVersion
  }

  package static let firmwareUpgradeImage = "1 Firmware Upgrade Image"
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
    }
  }
}
