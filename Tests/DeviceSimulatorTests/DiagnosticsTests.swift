import CWMP
import Testing

@testable import DeviceSimulator

@Suite struct DiagnosticsTests {
  /// Where a diagnostic lies in either data model, and what it needs besides its state.
  struct Place: Sendable {
    var root: String
    var base: String
    var target: String?
    var complete = "Complete"
    var results: [String]
  }

  static let places: [Place] = [
    Place(
      root: "Device.", base: "Device.IP.Diagnostics.IPPing.", target: "Host",
      results: ["SuccessCount", "AverageResponseTime", "AverageResponseTimeDetailed"]),
    Place(
      root: "Device.", base: "Device.IP.Diagnostics.TraceRoute.", target: "Host",
      results: ["ResponseTime", "RouteHops.1.HostAddress", "RouteHops.1.RTTimes"]),
    Place(
      root: "Device.", base: "Device.IP.Diagnostics.DownloadDiagnostics.", target: "DownloadURL",
      results: ["BOMTime", "EOMTime", "TestBytesReceived"]),
    Place(
      root: "Device.", base: "Device.IP.Diagnostics.UploadDiagnostics.", target: "UploadURL",
      results: ["BOMTime", "EOMTime", "TestBytesSent"]),
    Place(
      root: "Device.", base: "Device.DNS.Diagnostics.NSLookupDiagnostics.", target: "HostName",
      results: ["SuccessCount", "Result.1.IPAddresses"]),
    Place(
      root: "Device.", base: "Device.WiFi.NeighboringWiFiDiagnostic.",
      results: ["ResultNumberOfEntries", "Result.1.BSSID", "Result.2.SSID"]),
    Place(
      root: "InternetGatewayDevice.", base: "InternetGatewayDevice.IPPingDiagnostics.",
      target: "Host", results: ["SuccessCount", "AverageResponseTime"]),
    Place(
      root: "InternetGatewayDevice.", base: "InternetGatewayDevice.TraceRouteDiagnostics.",
      target: "Host", results: ["ResponseTime", "RouteHops.1.HopHostAddress"]),
    Place(
      root: "InternetGatewayDevice.", base: "InternetGatewayDevice.DownloadDiagnostics.",
      target: "DownloadURL", complete: "Completed", results: ["BOMTime", "TestBytesReceived"]),
    Place(
      root: "InternetGatewayDevice.", base: "InternetGatewayDevice.UploadDiagnostics.",
      target: "UploadURL", complete: "Completed", results: ["EOMTime", "TotalBytesSent"]),
    Place(
      root: "InternetGatewayDevice.", base: "InternetGatewayDevice.NSLookupDiagnostics.",
      target: "HostName", results: ["SuccessCount", "Result.1.IPAddresses"]),
  ]

  private func start(_ place: Place, host: String, behaviour: Behaviour = .init()) throws
    -> Transcript
  {
    var values = [ParameterValue(name: place.base + "DiagnosticsState", value: "Requested")]
    if let target = place.target {
      let value = target.hasSuffix("URL") ? "http://\(host)/file" : host
      values.append(ParameterValue(name: place.base + target, value: value))
    }
    let (transcript, session) = Transcript.afterFirstSession(
      try Devices.complete(place.root, behaviour),
      [.setParameterValues(SetParameterValues(parameters: values))])
    #expect(session.answers == [.response(.setParameterValues(.applied))])
    return transcript
  }

  private func value(_ transcript: Transcript, _ path: String) -> String? {
    transcript.cpe.tree.storedValue(path, at: transcript.cpe.readingTime(transcript.now))
  }

  @Test(arguments: places)
  func resultsComeAfterTheSession(place: Place) throws {
    var transcript = try start(place, host: "www.example.com")
    #expect(value(transcript, place.base + "DiagnosticsState") == "Requested")
    let effects = transcript.waitForSession()
    #expect(
      effects.contains {
        if case .note(.diagnosed(_, place.complete)) = $0 { true } else { false }
      })
    let session = transcript.session([.get(place.base)])
    #expect(session.inform?.codes == ["8 DIAGNOSTICS COMPLETE"])
    let values = session.answers.values
    #expect(values[place.base + "DiagnosticsState"] == place.complete)
    for result in place.results {
      let text = try #require(values[place.base + result], "\(result) is not there")
      #expect(!["", "0", unknownTime].contains(text), "\(result) is \(text)")
    }
    // What was filled in is of the type that the model says.
    for entry in transcript.cpe.tree.layout.entries where entry.path.hasPrefix(place.base) {
      guard let definition = entry.parameter, let text = values[entry.path] else { continue }
      #expect(definition.constraint.allows(text, type: definition.type), "\(entry.path) = \(text)")
    }
    _ = transcript.waitForSession()
    #expect(transcript.session().inform?.codes == ["2 PERIODIC"])
  }

  @Test(arguments: places.filter { $0.target != nil })
  func hostsThatAreNotFound(place: Place) throws {
    var transcript = try start(place, host: "nowhere.invalid")
    _ = transcript.waitForSession()
    let session = transcript.session([.get(place.base)])
    #expect(session.inform?.codes == ["8 DIAGNOSTICS COMPLETE"])
    let state = session.answers.values[place.base + "DiagnosticsState"]
    if place.target == "HostName" {
      #expect(state == "Complete")
      #expect(session.answers.values[place.base + "Result.1.Status"] == "Error_HostNameNotResolved")
    } else if place.base == "InternetGatewayDevice.DownloadDiagnostics." {
      // That object of TR-098 has no word for it.
      #expect(state == "Error_InitConnectionFailed")
    } else {
      #expect(state == "Error_CannotResolveHostName")
    }
  }

  @Test func errorsCanBeChosenForHosts() throws {
    let behaviour = Behaviour(diagnosticErrors: [
      ".lan": "Error_Other", "far.lan": "Error_NoRouteToHost",
    ])
    for (host, state) in [
      ("near.lan", "Error_Other"), ("far.lan", "Error_NoRouteToHost"), ("x.test", "Complete"),
    ] {
      var transcript = try start(Self.places[0], host: host, behaviour: behaviour)
      _ = transcript.waitForSession()
      #expect(value(transcript, Self.places[0].base + "DiagnosticsState") == state)
    }
  }

  @Test func aChangeEndsATest() throws {
    let base = Self.places[0].base
    var transcript = try start(Self.places[0], host: "a.test")
    _ = transcript.cpe.connectionRequested(at: transcript.now)
    _ = transcript.wait()
    _ = transcript.session([.set((base + "Host", "b.test", .string))])
    #expect(value(transcript, base + "DiagnosticsState") == "None")
    _ = transcript.waitForSession()
    #expect(transcript.session().inform?.codes == ["2 PERIODIC"])
  }

  @Test func aTestThatIsAskedForAgainBeginsAnew() throws {
    let base = Self.places[0].base
    var transcript = try start(Self.places[0], host: "a.test")
    _ = transcript.cpe.connectionRequested(at: transcript.now)
    _ = transcript.wait()
    _ = transcript.session([
      .set((base + "Host", "b.test", .string), (base + "DiagnosticsState", "Requested", .string))
    ])
    #expect(transcript.cpe.diagnostics.count == 1)
    _ = transcript.waitForSession()
    #expect(transcript.session().inform?.codes == ["8 DIAGNOSTICS COMPLETE"])
  }

  @Test func onlyTheACSsWordsAreTaken() throws {
    let base = Self.places[0].base
    let (_, session) = Transcript.afterFirstSession(
      try Devices.complete(),
      [
        .set((base + "DiagnosticsState", "Now", .string)),
        .set((base + "SuccessCount", "1", .unsignedInt)),
      ])
    #expect((0...1).map(session.answers.fault) == [9003, 9003])
  }

  @Test func olderResultsAreShownUntilTheTestEnds() throws {
    let base = Self.places[0].base
    let state = base + "DiagnosticsState"
    var transcript = try start(Self.places[0], host: "a.test")
    _ = transcript.waitForSession()
    let older = transcript.session([.get(base)]).answers.values
    #expect(older[state] == "Complete")
    // The same device from here on, with the quirk.
    var keeping = Transcript(
      try Devices.complete("Device.", Behaviour(quirks: Quirks([.diagnosticsKeepResults]))))
    keeping.cpe.tree = transcript.cpe.tree
    _ = keeping.waitForSession()
    let asked = keeping.session([
      .set(
        (base + "Host", "b.test", .string), (base + "NumberOfRepetitions", "7", .unsignedInt),
        (state, "Requested", .string)), .get(base),
    ])
    #expect(asked.answers.first == .response(.setParameterValues(.pending)))
    #expect(asked.answers.values[state] == "Complete")
    let count = base + "SuccessCount"
    #expect(asked.answers.values[count] == older[count])
    _ = keeping.waitForSession()
    let ended = keeping.session([.get(base)])
    #expect(ended.inform?.codes == [Event.diagnosticsComplete])
    #expect(ended.answers.values[state] == "Complete")
    let sum = [count, base + "FailureCount"].compactMap { ended.answers.values[$0] }.compactMap(
      Int.init)
    #expect(sum.reduce(0, +) == 7)
  }

  @Test func aRebootForgetsThem() throws {
    var transcript = try start(Self.places[0], host: "a.test")
    _ = transcript.cpe.connectionRequested(at: transcript.now)
    _ = transcript.wait()
    _ = transcript.session([.reboot(commandKey: "R")])
    _ = transcript.waitForSession()
    #expect(transcript.session().inform?.codes.contains(Event.diagnosticsComplete) == false)
    #expect(transcript.cpe.diagnostics.isEmpty)
  }
}
