import CWMP
import Testing

@testable import DeviceSimulator

@Suite struct CPESessionTests {
  private func started() throws -> (CPESession, SimulatedCPE, Envelope) {
    var cpe = try Devices.cpe()
    _ = cpe.advance(to: .zero)
    var session = CPESession()
    guard case .send(let envelope) = session.start(&cpe, at: .zero) else {
      throw SimulatorError(.invalidResponse, "no Inform")
    }
    return (session, cpe, envelope)
  }

  private func answer(_ message: Message, id: String? = "1") -> CPESession.Input {
    .envelope(Envelope(namespace: .v1_2, id: id, message: message))
  }

  @Test func anEmptySession() throws {
    var (session, cpe, inform) = try started()
    #expect(inform.id == "1")
    #expect(session.receive(answer(.response(.inform)), &cpe, at: .zero) == .sendEmpty)
    #expect(session.receive(.empty, &cpe, at: .zero) == .finished)
    #expect(session.isOver)
  }

  @Test func requestsAreAnsweredWithTheirID() throws {
    var (session, cpe, _) = try started()
    _ = session.receive(answer(.response(.inform)), &cpe, at: .zero)
    let output = session.receive(
      answer(.request(.getParameterValues(names: ["Device.IP.Label"])), id: "x7"), &cpe, at: .zero)
    #expect(
      output
        == .send(
          Envelope(
            namespace: .v1_2, id: "x7",
            message: .response(
              .getParameterValues([ParameterValue(name: "Device.IP.Label", value: "x")])))))
    #expect(session.answered == 1)
    #expect(session.receive(.empty, &cpe, at: .zero) == .finished)
  }

  @Test func informIsRepeatedThreeTimesAfterFault8005() throws {
    var (session, cpe, inform) = try started()
    let retry = answer(.fault(Fault(.acsRetryRequest)))
    for _ in 1...CPESession.maximumRetries {
      #expect(session.receive(retry, &cpe, at: .zero) == .send(inform))
    }
    #expect(
      session.receive(retry, &cpe, at: .zero) == .failed("fault 8005 to the Inform"))
  }

  @Test(arguments: [
    CPESession.Input.empty, .malformed("x"), .status(503),
    .envelope(Envelope(namespace: .v1_2, message: .fault(Fault(.acsRequestDenied)))),
    .envelope(Envelope(namespace: .v1_2, message: .request(.getRPCMethods))),
    .envelope(Envelope(namespace: .v1_2, message: nil)),
  ])
  func anythingElseToTheInformEndsTheSession(input: CPESession.Input) throws {
    var (session, cpe, _) = try started()
    guard case .failed = session.receive(input, &cpe, at: .zero) else {
      Issue.record("the session went on")
      return
    }
    #expect(session.isOver)
    guard case .failed = session.receive(.empty, &cpe, at: .zero) else {
      Issue.record("the session came back to life")
      return
    }
  }

  @Test func responsesOutOfTurnEndTheSession() throws {
    var (session, cpe, _) = try started()
    _ = session.receive(answer(.response(.inform)), &cpe, at: .zero)
    #expect(
      session.receive(answer(.response(.inform)), &cpe, at: .zero)
        == .failed("the ACS sent no request"))
  }
}
