/// The types of parameter values that device protocols share; raw values as data models spell them.
package enum ParameterType: String, Sendable, Equatable, CaseIterable, Codable {
  case string
  case int
  case unsignedInt
  case long
  case unsignedLong
  case boolean
  case dateTime
  case base64
  case hexBinary
  case decimal

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let type = ParameterType(rawValue: name) else {
      throw UnknownWord(path: container.codingPath, known: Self.allCases.map(\.rawValue))
    }
    self = type
  }
}

/// A value as a device reported it.
package struct ReportedValue: Sendable, Equatable {
  /// Full path including the root, for example `Device.DeviceInfo.SoftwareVersion`.
  package var path: String
  package var value: String
  package var type: ParameterType

  package init(path: String, value: String, type: ParameterType = .string) {
    self.path = path
    self.value = value
    self.type = type
  }
}

/// A path of the tree as a device listed it; object paths end with a dot.
package struct ReportedName: Sendable, Equatable {
  package var path: String
  package var writable: Bool

  package init(path: String, writable: Bool) {
    self.path = path
    self.writable = writable
  }
}

/// A parameter or object of a stored tree.
package struct StoredParameter: Sendable, Equatable {
  package var path: String
  /// Nil where the device listed the name but never returned a value, and for objects.
  package var value: String?
  package var type: ParameterType
  /// Nil where the device has not told.
  package var writable: Bool?
  /// 0 off, 1 passive, 2 active, 3–6 with lightweight notifications; nil where the device has not told.
  package var notification: UInt8?
  /// When the value was first seen as it is, in seconds since 1970.
  package var changedAt: Int64

  package var isObject: Bool { path.utf8.last == UInt8(ascii: ".") }

  package init(
    path: String, value: String? = nil, type: ParameterType = .string, writable: Bool? = nil,
    notification: UInt8? = nil, changedAt: Int64
  ) {
    self.path = path
    self.value = value
    self.type = type
    self.writable = writable
    self.notification = notification
    self.changedAt = changedAt
  }
}
