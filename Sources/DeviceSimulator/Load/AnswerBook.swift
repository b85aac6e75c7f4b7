import CWMP
import NIOCore

/// What the devices of one model say, encoded once and looked up afterwards.
final class AnswerBook {
  /// Different requests that are remembered; beyond that each is encoded anew.
  static let maximumAnswers = 4096

  let model: DeviceModel
  private let decoder = EnvelopeDecoder()
  private let encoder = EnvelopeEncoder.device
  private var answers: [[UInt8]: EnvelopeTemplate] = [:]
  private let firstInform: EnvelopeTemplate
  private let periodicInform: EnvelopeTemplate
  /// Answers what has no device's values in it.
  private var scratch: SimulatedCPE

  init(model: DeviceModel) {
    self.model = model
    let context = DeviceContext(
      model: model, serialNumber: "0", index: 0, seed: 0, acsURL: "http://127.0.0.1/")
    scratch = SimulatedCPE(
      tree: DeviceTree(model: model, context: context), seed: 0, clockStart: 0)
    let encoder = encoder
    func inform(_ events: [String]) -> EnvelopeTemplate {
      var slots: [EnvelopeTemplate.Slot] = [.serialNumber, .currentTime]
      let parameters = model.informParameters.compactMap {
        Self.parameter($0, in: model, slots: &slots)
      }
      let message = Inform(
        deviceID: DeviceID(
          manufacturer: model.manufacturer, oui: model.oui, productClass: model.productClass,
          serialNumber: EnvelopeTemplate.mark(0)),
        events: events.map { Event($0) }, currentTime: EnvelopeTemplate.mark(1),
        parameters: parameters)
      return EnvelopeTemplate(
        Envelope(
          namespace: CPESession.namespace, id: "1", message: .request(.inform(message))),
        slots: slots, encoder: encoder)
    }
    firstInform = inform([Event.bootstrap, Event.boot])
    periodicInform = inform([Event.periodic])
  }

  func inform(isFirst: Bool) -> EnvelopeTemplate { isFirst ? firstInform : periodicInform }

  /// The parameter with its value, or with a mark where the value is another one in each device.
  private static func parameter(
    _ path: String, in model: DeviceModel, slots: inout [EnvelopeTemplate.Slot]
  ) -> ParameterValue? {
    guard let entry = model.layout.entry(path), let definition = entry.parameter else {
      return nil
    }
    if definition.isHidden { return ParameterValue(name: path, value: "", type: definition.type) }
    let expression = definition.expression(instances: entry.instances)
    if let constant = expression.constant {
      return ParameterValue(name: path, value: constant, type: definition.type)
    }
    var entries = 0
    if definition.countsEntries {
      let context = DeviceContext(
        model: model, serialNumber: "0", index: 0, seed: 0, acsURL: "http://127.0.0.1/")
      let value = DeviceTree(model: model, context: context).storedValue(
        path, at: ReadingTime(uptime: 0, clock: 0))
      entries = value.flatMap { Int($0) } ?? 0
    }
    slots.append(.value(expression, path: path, instances: entry.instances, entries: entries))
    return ParameterValue(
      name: path, value: EnvelopeTemplate.mark(slots.count - 1), type: definition.type)
  }

  /// The answer to a request of the ACS.
  func answer(_ sketch: EnvelopeSketch, body: ByteBufferView) throws(CWMPError) -> EnvelopeTemplate
  {
    // Whatever is set, the answer is the same; the values are not kept.
    let isSet = sketch.method == "SetParameterValues" || sketch.method == "SetParameterAttributes"
    let key = isSet ? Array(sketch.method.utf8) : sketch.key
    if let known = answers[key] { return known }
    let envelope = try decoder.decode(Array(body))
    let template = makeAnswer(envelope)
    if answers.count < Self.maximumAnswers { answers[key] = template }
    return template
  }

  private func makeAnswer(_ envelope: Envelope) -> EnvelopeTemplate {
    var slots: [EnvelopeTemplate.Slot] = [.messageID]
    let message: Message
    switch envelope.message {
    case .request(.getParameterValues(let names)): message = values(names, slots: &slots)
    case .request(.setParameterValues): message = .response(.setParameterValues(.applied))
    case .request(.setParameterAttributes): message = .response(.setParameterAttributes)
    case .request(let request): message = scratch.answer(request, .zero)
    default: message = .fault(Fault(.cpeMethodNotSupported))
    }
    return EnvelopeTemplate(
      Envelope(
        namespace: envelope.namespace, id: envelope.id.map { _ in EnvelopeTemplate.mark(0) },
        message: message),
      slots: slots, encoder: encoder)
  }

  private func values(_ names: [String], slots: inout [EnvelopeTemplate.Slot]) -> Message {
    var result: [ParameterValue] = []
    for name in names {
      guard let position = name.isEmpty ? 0 : model.layout.position(name) else {
        return .fault(Fault(.cpeInvalidParameterName))
      }
      for index in position..<model.layout.entries[position].end {
        if let value = Self.parameter(
          model.layout.entries[index].path, in: model, slots: &slots)
        {
          result.append(value)
        }
      }
    }
    return .response(.getParameterValues(result))
  }
}
