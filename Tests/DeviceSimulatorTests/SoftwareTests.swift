import CWMP
import Testing

@testable import DeviceSimulator

@Suite struct SoftwareTests {
  private static let file = DownloadOutcome.received(size: 10, sha256: "", image: nil)
  private static let uuid = "0f8fad5b-d9cb-469f-a165-70867728950e"

  private func install(_ url: String, uuid: String = "", environment: String = "")
    -> ChangeDUState.Operation
  {
    .install(.init(url: url, uuid: uuid, executionEnvRef: environment))
  }

  /// Has the device do the operations and gives what it reports.
  private func change(
    _ transcript: inout Transcript, _ operations: [ChangeDUState.Operation], key: String = "C",
    outcome: DownloadOutcome = file
  ) -> (session: Transcript.Session, results: [DeploymentUnitResult]) {
    _ = transcript.cpe.connectionRequested(at: transcript.now)
    _ = transcript.waitForSession()
    let asked = transcript.session([
      .changeDUState(ChangeDUState(operations: operations, commandKey: key))
    ])
    #expect(asked.answers == [.response(.changeDUState)])
    for _ in 0..<200 {
      for effect in transcript.wait() {
        switch effect {
        case .fetchUnit: _ = transcript.cpe.unitFetched(outcome, at: transcript.now)
        case .openSession:
          let session = transcript.session()
          for case .duStateChangeComplete(let complete) in session.requests {
            #expect(complete.commandKey == key)
            return (session, complete.results)
          }
        default: break
        }
      }
    }
    Issue.record("no DUStateChangeComplete")
    return (Transcript.Session(), [])
  }

  @Test(arguments: ["Device.", "InternetGatewayDevice."])
  func aUnitIsInstalledUpdatedAndRemoved(root: String) throws {
    var (transcript, _) = Transcript.afterFirstSession(try Devices.complete(root))
    let (session, installed) = change(
      &transcript, [install("http://apps.test/radio-1.2.0.tar", uuid: Self.uuid)])
    #expect(
      session.inform?.events == [
        Event(Event.duStateChangeComplete), Event(Event.methodChangeDUState, commandKey: "C"),
      ])
    #expect(installed.map(\.currentState) == ["Installed"])
    #expect(installed.first?.version == "1.2.0")
    #expect(installed.first?.resolved == true)
    let row = try #require(installed.first?.deploymentUnitRef)
    #expect(row == root + "SoftwareModules.DeploymentUnit.1")
    #expect(transcript.cpe.unit(row + ".", "Status") == "Installed")
    let execution = try #require(installed.first?.executionUnitRefs.first)
    #expect(transcript.cpe.unit(execution + ".", "References") == row)

    let (_, updated) = change(
      &transcript, [.update(.init(uuid: Self.uuid, url: "http://apps.test/radio-1.3.0.tar"))])
    #expect(updated.map(\.version) == ["1.3.0"])
    #expect(transcript.cpe.unit(execution + ".", "Version") == "1.3.0")

    let (_, removed) = change(&transcript, [.uninstall(.init(uuid: Self.uuid))])
    #expect(removed.map(\.currentState) == ["Uninstalled"])
    #expect(transcript.cpe.tree.instances(of: transcript.cpe.unitTable).isEmpty)
  }

  @Test func eachOperationHasItsResultInOrder() throws {
    var (transcript, _) = Transcript.afterFirstSession(try Devices.complete())
    let environment = "Device.SoftwareModules.ExecEnv."
    let (_, results) = change(
      &transcript,
      [
        install("http://apps.test/a-1.0.tar"), install("http://apps.test/a-1.0.tar"),
        install("http://apps.test/b-1.0.tar", uuid: "no-uuid"),
        install("http://apps.test/b-1.0.tar", environment: environment + "9"),
        install("http://apps.test/b-1.0.jar", environment: environment + "2"),
        install("http://apps.test/b-1.0.jar", environment: environment + "1"),
        .update(.init(uuid: Self.uuid, url: "http://apps.test/c-1.0.tar")),
        .update(
          .init(uuid: UnitIdentity(url: "a-1.0.tar").uuid, url: "http://apps.test/a-0.9.tar")),
        .update(.init(uuid: UnitIdentity(url: "a-1.0.tar").uuid, url: "http://new.test/a-1.0.tar")),
        .uninstall(.init(uuid: Self.uuid)), .uninstall(.init(uuid: "x")),
      ])
    #expect(
      results.map { $0.fault?.code ?? 0 } == [
        0, 9026, 9022, 9023, 9024, 9025, 9028, 9030, 9032, 9028, 9022,
      ])
    #expect(results.dropFirst().allSatisfy { $0.currentState == "Failed" })
  }

  @Test func twoVersionsNeedAVersion() throws {
    var (transcript, _) = Transcript.afterFirstSession(try Devices.complete())
    let uuid = UnitIdentity(url: "a-1.0.tar").uuid
    let (_, results) = change(
      &transcript,
      [
        install("http://apps.test/a-1.0.tar"), install("http://apps.test/a-2.0.tar"),
        .update(.init(uuid: uuid, url: "http://apps.test/a-3.0.tar")),
        .uninstall(.init(uuid: uuid, version: "1.0")),
        .update(.init(uuid: uuid, url: "http://apps.test/a-3.0.tar")),
      ])
    #expect(results.map { $0.fault?.code ?? 0 } == [0, 0, 9031, 0, 0])
  }

  @Test func aDeviceHasRoomForSoManyUnits() throws {
    var (transcript, _) = Transcript.afterFirstSession(try Devices.complete())
    let (_, results) = change(
      &transcript,
      (0...SoftwareQueue.maximumUnits).map { install("http://apps.test/u\($0)-1.0.tar") })
    #expect(results.count == SoftwareQueue.maximumUnits + 1)
    #expect(results.dropLast().allSatisfy { $0.fault == nil })
    #expect(results.last?.fault?.code == 9027)
  }

  @Test func aFileThatDoesNotComeFailsTheOperation() throws {
    var (transcript, _) = Transcript.afterFirstSession(try Devices.complete())
    let (_, results) = change(
      &transcript, [install("http://apps.test/a-1.0.tar")], outcome: .refused(status: 404))
    #expect(results.map { $0.fault?.code } == [9016])
  }

  @Test func whatIsTooMuchIsRefusedAtOnce() throws {
    let operation = install("http://apps.test/a-1.0.tar")
    func change(_ count: Int) -> Request {
      .changeDUState(
        ChangeDUState(operations: Array(repeating: operation, count: count), commandKey: "C"))
    }
    let (_, session) = Transcript.afterFirstSession(
      try Devices.complete(),
      [change(0), change(SoftwareQueue.maximumOperations + 1)]
        + (0...SoftwareQueue.maximumChanges).map { _ in change(16) })
    #expect(session.answers.fault(0) == 9003)
    #expect(session.answers.fault(1) == 9004)
    #expect(session.answers.dropFirst(2).dropLast().allSatisfy { $0 == .response(.changeDUState) })
    #expect(session.answers.fault(session.answers.count - 1) == 9004)
    let (_, without) = Transcript.afterFirstSession(try Devices.cpe(), [change(1)])
    #expect(without.answers.fault(0) == 9000)
  }

  @Test func aRequestedStateIsFollowedAndTold() throws {
    var (transcript, _) = Transcript.afterFirstSession(try Devices.complete())
    let (_, results) = change(&transcript, [install("http://apps.test/a-1.0.tar")])
    let unit = try #require(results.first?.executionUnitRefs.first)
    _ = transcript.cpe.connectionRequested(at: transcript.now)
    _ = transcript.waitForSession()
    _ = transcript.session([.set((unit + ".RequestedState", "Idle", .string))])
    _ = transcript.waitForSession()
    let session = transcript.session()
    #expect(session.inform?.codes == ["4 VALUE CHANGE"])
    #expect(
      session.inform?.parameters.last == ParameterValue(name: unit + ".Status", value: "Idle"))
  }

  @Test(arguments: [
    ("http://a/b/radio-1.2.0.tar.gz?x=1-2", "radio", "1.2.0"), ("http://a/app.jar", "app.jar", ""),
    ("http://a/", "unit", "1.0.0"), ("http://a/my-app-2.ipk", "my-app", "2"),
  ])
  func namesOfFiles(url: String, name: String, version: String) {
    let identity = UnitIdentity(url: url)
    if !version.isEmpty {
      #expect(identity.name == name)
      #expect(identity.version == version)
    }
    #expect(UnitIdentity.isUUID(identity.uuid))
  }

  @Test func versionsAreComparedByNumbers() {
    #expect(UnitIdentity.isVersion("1.9", below: "1.10"))
    #expect(!UnitIdentity.isVersion("1.10", below: "1.9"))
    #expect(UnitIdentity.isVersion("1.9", below: "1.9.1"))
    #expect(!UnitIdentity.isVersion("2", below: "2"))
  }
}
