import DeviceModel

extension ParameterType {
  /// The same type, as data models have it.
  package var primitive: PrimitiveType { PrimitiveType(rawValue: rawValue) ?? .string }

  package init(_ primitive: PrimitiveType) {
    self = ParameterType(rawValue: primitive.rawValue) ?? .string
  }

  /// Whether a value is spelled as data models spell values of this type.
  package func accepts(_ literal: String) -> Bool { primitive.accepts(literal) }
}
