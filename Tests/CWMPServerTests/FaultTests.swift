import CWMP
import Fleet
import Testing

@testable import CWMPServer

@Suite struct FaultTests {
  private static let retried: Set<Int> = [
    9002, 9004, 9010, 9011, 9014, 9015, 9016, 9017, 9027,
  ]

  @Test(arguments: 9000...9032) func everyFaultEndsItsOperationOrIsRetried(code: Int) {
    let fault = OperationFault(FaultDetail(code: code, text: "words of the device"))
    #expect(fault.code == "cwmp.\(code)" && fault.text == "words of the device")
    #expect(fault.isTransient == Self.retried.contains(code))
  }

  @Test func aDeviceThatAsksForItIsAskedAgain() {
    #expect(FaultRemedy(8005) == .retry)
  }

  @Test(arguments: [8000, 9033, 9799, 9800, 9899, 0, -1])
  func whatIsNotKnownEndsItsOperation(code: Int) {
    #expect(FaultRemedy(code) == .end)
  }

  @Test func onlyAMissingPathIsOne() {
    #expect(OperationFault(FaultDetail(code: 9005, text: "")).isMissingPath)
    #expect(!OperationFault(FaultDetail(code: 9003, text: "")).isMissingPath)
  }

  @Test func aFaultIsBounded() {
    let many = (0..<5_000).map {
      ParameterFault(name: "Device.P\($0)", detail: FaultDetail(code: 9005, text: "x"))
    }
    let fault = OperationFault(
      Fault(
        code: 9003, text: String(repeating: "x", count: 100_000), parameterFaults: many))
    #expect(fault.parameters?.count == 1_000)
    #expect(fault.text.count == 1_024)
  }

  @Test func aParameterThatIsMissingIsNamedByTheFault() {
    var run = OperationRun(
      .set([
        Assignment(path: "Device.T.1.A", value: "x", type: .string),
        Assignment(path: "Device.T.2.A", value: "x", type: .string),
      ]), context: OperationRun.Context(root: "Device.", batchSize: 4))
    _ = run.begin()
    _ = run.received(
      .fault(
        Fault(
          code: 9003, text: "Invalid arguments",
          parameterFaults: [
            ParameterFault(
              name: "Device.T.2.A", detail: FaultDetail(code: 9005, text: "Invalid name")),
            ParameterFault(
              name: "Device.T.1.A", detail: FaultDetail(code: 9007, text: "Invalid value")),
          ])))
    #expect(run.missingPaths == ["Device.T.2.A"])
  }
}
