import CWMP
import Fleet
import FleetStore
import Testing

@testable import CWMPServer

@Suite struct AttributeRunTests {
  private static let context = OperationRun.Context(root: "Device.", batchSize: 2)

  private static func attributes(_ name: String, _ notification: Int) -> ParameterAttributes {
    ParameterAttributes(name: name, notification: notification, accessList: ["Subscriber"])
  }

  @Test func attributesAreReadInBatchesAndLearned() {
    var run = OperationRun(
      .getAttributes(paths: ["Device.A", "Device.B", "Device.C."]), context: Self.context)
    #expect(run.begin() == .request(.getParameterAttributes(names: ["Device.A", "Device.B"])))
    #expect(
      run.received(
        .response(
          .getParameterAttributes([
            Self.attributes("Device.A", 2), Self.attributes("Device.B", 0),
            Self.attributes("Device.Other", 1),
          ]))) == .request(.getParameterAttributes(names: ["Device.C."])))
    let step = run.received(
      .response(.getParameterAttributes([Self.attributes("Device.C.D", 1)])))
    let expected = [
      ReportedAttributes(path: "Device.A", notification: 2, accessList: ["Subscriber"]),
      ReportedAttributes(path: "Device.B", notification: 0, accessList: ["Subscriber"]),
      ReportedAttributes(path: "Device.C.D", notification: 1, accessList: ["Subscriber"]),
    ]
    #expect(step == .finished(.done(OperationResult(attributes: expected))))
    #expect(run.learned(now: 1).attributes == expected)
  }

  @Test func aChangeIsConfirmed() {
    var run = OperationRun(
      .setAttributes([
        AttributeChange(path: "Device.A", notification: .active),
        AttributeChange(path: "Device.B.", accessList: []),
      ]), context: Self.context)
    #expect(
      run.begin()
        == .request(
          .setParameterAttributes([
            SetParameterAttributes(name: "Device.A", notification: 2, accessList: nil),
            SetParameterAttributes(name: "Device.B.", notification: nil, accessList: []),
          ])))
    #expect(
      run.received(.response(.setParameterAttributes))
        == .request(.getParameterAttributes(names: ["Device.A", "Device.B."])))
    #expect(
      run.received(.response(.getParameterAttributes([Self.attributes("Device.A", 2)])))
        == .finished(
          .done(
            OperationResult(attributes: [
              ReportedAttributes(path: "Device.A", notification: 2, accessList: ["Subscriber"])
            ]))))
  }

  @Test(arguments: [
    Session.Answer.nothing, .fault(Fault(code: 9000, text: "Method not supported")),
    .response(.getParameterAttributes([])),
  ]) func aDeviceThatCannotShowAttributesIsBorne(answer: Session.Answer) {
    var run = OperationRun(
      .setAttributes([AttributeChange(path: "Device.A", notification: .active)]),
      context: Self.context)
    _ = run.begin()
    _ = run.received(.response(.setParameterAttributes))
    #expect(run.received(answer) == .finished(.done(OperationResult())))
    #expect(run.learned(now: 1).attributes.map(\.notification) == [2])
  }

  @Test func aRefusedChangeEndsTheOrder() {
    var run = OperationRun(
      .setAttributes([AttributeChange(path: "Device.A", notification: .active)]),
      context: Self.context)
    _ = run.begin()
    #expect(
      run.received(.fault(Fault(code: 9009, text: "Notification request rejected")))
        == .finished(
          .failed(OperationFault(code: "cwmp.9009", text: "Notification request rejected"))))
  }

  @Test func attributesThatADeviceDoesNotTellAreAFault() {
    var run = OperationRun(.getAttributes(paths: ["Device.A"]), context: Self.context)
    _ = run.begin()
    guard case .finished(.failed) = run.received(.nothing) else {
      Issue.record("nothing was taken for an answer")
      return
    }
  }
}
