import ArgumentParser
import DeviceSimulator
import Foundation

/// Turns the value of `--model` into device models.
enum ModelChoice {
  /// The model of agents, who have one.
  static func agentModel(_ name: String) throws -> AgentModel {
    let models = try models(name, .complete)
    guard let device = models.first, models.count == 1 else {
      throw ValidationError("agents have one model: --model is tr181 or a file, not \(name)")
    }
    return try AgentModel(device: device)
  }

  /// - Parameter extent: How much of the devices that come with the simulator.
  static func models(_ name: String, _ extent: DeviceModel.Extent) throws -> [DeviceModel] {
    switch name {
    case "tr181": return [try DeviceModel.tr181(extent)]
    case "tr098": return [try DeviceModel.tr098(extent)]
    case "mixed": return [try DeviceModel.tr181(extent), try DeviceModel.tr098(extent)]
    default:
      guard let text = try? String(contentsOfFile: name, encoding: .utf8) else {
        throw ValidationError("--model is tr181, tr098, mixed or a file; \(name) cannot be read")
      }
      return [try DeviceModel(yaml: text, file: name)]
    }
  }
}
