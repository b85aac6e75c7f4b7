import ArgumentParser
import DeviceSimulator
import Foundation

/// Turns the value of `--model` into device models.
enum ModelChoice {
  static func models(_ name: String) throws -> [DeviceModel] {
    switch name {
    case "tr181": return [try DeviceModel.tr181()]
    case "tr098": return [try DeviceModel.tr098()]
    case "mixed": return [try DeviceModel.tr181(), try DeviceModel.tr098()]
    default:
      guard let text = try? String(contentsOfFile: name, encoding: .utf8) else {
        throw ValidationError("--model is tr181, tr098, mixed or a file; \(name) cannot be read")
      }
      return [try DeviceModel(yaml: text, file: name)]
    }
  }
}
