import CWMP
import Fleet

extension ParameterType {
  init(_ type: ValueType) {
    self =
      switch type {
      case .string: .string
      case .int: .int
      case .unsignedInt: .unsignedInt
      case .long: .long
      case .unsignedLong: .unsignedLong
      case .boolean: .boolean
      case .dateTime: .dateTime
      case .base64: .base64
      case .hexBinary: .hexBinary
      case .decimal: .decimal
      }
  }
}

extension ValueType {
  init(_ type: ParameterType) {
    self =
      switch type {
      case .string: .string
      case .int: .int
      case .unsignedInt: .unsignedInt
      case .long: .long
      case .unsignedLong: .unsignedLong
      case .boolean: .boolean
      case .dateTime: .dateTime
      case .base64: .base64
      case .hexBinary: .hexBinary
      case .decimal: .decimal
      }
  }
}
