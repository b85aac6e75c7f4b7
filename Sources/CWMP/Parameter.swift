/// The types that CWMP gives to parameter values (TR-069 A.2.1, TR-106 3.2).
///
/// The raw value is the local name that `xsi:type` carries.
package enum ValueType: String, Sendable, Equatable, CaseIterable {
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
}

/// One parameter with its value as the wire carries it (ParameterValueStruct).
package struct ParameterValue: Sendable, Equatable {
  /// A full path such as `Device.DeviceInfo.SoftwareVersion`, at most 256 characters by the standard.
  package var name: String
  /// The literal text; it is never normalised, so that a stray literal of a device is not lost.
  package var value: String
  /// ``ValueType/string`` where the device sent no `xsi:type` or one that is unknown.
  package var type: ValueType

  package init(name: String, value: String, type: ValueType = .string) {
    self.name = name
    self.value = value
    self.type = type
  }
}

/// A path of the device's tree and whether it can be written (ParameterInfoStruct).
///
/// On an object, writable means that AddObject is allowed; on an instance, DeleteObject.
package struct ParameterInfo: Sendable, Equatable {
  /// Object paths end with a dot.
  package var name: String
  package var writable: Bool

  package init(name: String, writable: Bool) {
    self.name = name
    self.writable = writable
  }
}

/// How a CPE reports changes of a parameter, and who else may write it (ParameterAttributeStruct).
package struct ParameterAttributes: Sendable, Equatable {
  package var name: String
  /// 0 off, 1 passive, 2 active, 3–6 with lightweight notifications.
  package var notification: Int
  package var accessList: [String]

  package init(name: String, notification: Int, accessList: [String]) {
    self.name = name
    self.notification = notification
    self.accessList = accessList
  }
}

/// A change of ``ParameterAttributes``; nil leaves that attribute as it is (SetParameterAttributesStruct).
package struct SetParameterAttributes: Sendable, Equatable {
  package var name: String
  package var notification: Int?
  package var accessList: [String]?

  package init(name: String, notification: Int? = nil, accessList: [String]? = nil) {
    self.name = name
    self.notification = notification
    self.accessList = accessList
  }
}

/// The arguments of SetParameterValues.
package struct SetParameterValues: Sendable, Equatable {
  package var parameters: [ParameterValue]
  /// At most 32 characters; the CPE keeps it if and only if the call succeeds.
  package var parameterKey: String

  package init(parameters: [ParameterValue], parameterKey: String = "") {
    self.parameters = parameters
    self.parameterKey = parameterKey
  }
}
