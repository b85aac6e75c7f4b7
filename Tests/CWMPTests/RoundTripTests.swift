import CWMP
import Testing

/// What the encoder writes the decoder reads back, for every message of both directions.
@Suite struct RoundTripTests {
  private static let awkward = " <a>&\"'\u{9}\u{A}\u{D}é€😀]]> "

  private static let results = [
    DeploymentUnitResult(
      uuid: "5d2a", deploymentUnitRef: "Device.SoftwareModules.DeploymentUnit.1.",
      version: "1.0", currentState: "Installed", resolved: true,
      executionUnitRefs: ["Device.SoftwareModules.ExecutionUnit.1.", "X.2."],
      startTime: "2026-11-22T21:49:11Z"),
    DeploymentUnitResult(
      uuid: "77", currentState: "Failed", fault: FaultDetail(code: 9026, text: awkward)),
  ]

  static let requests: [Request] = [
    .getRPCMethods,
    .inform(
      Inform(
        deviceID: DeviceID(
          manufacturer: "A & B", oui: "00040E", productClass: "FRITZ!Box", serialNumber: "1"),
        events: [Event(Event.boot), Event(Event.methodReboot, commandKey: "key")],
        currentTime: "2026-11-22T21:49:11Z", retryCount: 3,
        parameters: ValueType.allCases.map {
          ParameterValue(name: "Device.A.\($0.rawValue)", value: awkward, type: $0)
        })),
    .inform(
      Inform(
        deviceID: DeviceID(manufacturer: "", oui: "", productClass: "", serialNumber: ""),
        events: [], currentTime: "", parameters: [])),
    .transferComplete(TransferComplete(commandKey: awkward)),
    .transferComplete(
      TransferComplete(
        commandKey: "k", fault: FaultDetail(code: 9018, text: "corrupt"),
        startTime: "2026-11-22T21:49:11Z", completeTime: "2026-11-22T21:50:11Z")),
    .autonomousTransferComplete(
      AutonomousTransferComplete(
        announceURL: "http://a", transferURL: "http://t?a=1&b=2", isDownload: true,
        fileType: Download.firmwareUpgradeImage, fileSize: .max, targetFileName: "f",
        fault: FaultDetail(code: 9010, text: "x"))),
    .duStateChangeComplete(DUStateChangeComplete(results: results, commandKey: "du")),
    .duStateChangeComplete(DUStateChangeComplete(results: [], commandKey: "")),
    .autonomousDUStateChangeComplete(
      AutonomousDUStateChangeComplete(
        results: results.map {
          var result = $0
          result.operationPerformed = "Update"
          return result
        })),
    .requestDownload(
      RequestDownload(
        fileType: "2 Web Content", arguments: [.init(name: "Version", value: awkward)])),
    .kicked(Kicked(command: "c", referer: "r", argument: "a", next: "http://n")),
    .setParameterValues(
      SetParameterValues(
        parameters: [ParameterValue(name: "Device.X", value: awkward, type: .unsignedInt)],
        parameterKey: "pk")),
    .setParameterValues(SetParameterValues(parameters: [])),
    .getParameterValues(names: ["Device.", "Device.A.B"]),
    .getParameterValues(names: [""]),
    .getParameterNames(path: "", nextLevel: true),
    .getParameterNames(path: "Device.", nextLevel: false),
    .setParameterAttributes([
      SetParameterAttributes(name: "Device.A", notification: 2),
      SetParameterAttributes(name: "Device.B", accessList: ["Subscriber"]),
      SetParameterAttributes(name: "Device.C", notification: 0, accessList: []),
      SetParameterAttributes(name: "Device.D"),
    ]),
    .getParameterAttributes(names: ["Device.A"]),
    .addObject(name: "Device.WiFi.SSID.", parameterKey: "pk"),
    .deleteObject(name: "Device.WiFi.SSID.3.", parameterKey: ""),
    .reboot(commandKey: "rb"),
    .factoryReset,
    .download(
      Download(
        commandKey: "dl", fileType: Download.firmwareUpgradeImage, url: "https://h/f?x=<&>",
        username: "u", password: awkward, fileSize: 5_000_000_000, targetFileName: "t",
        delaySeconds: 60, successURL: "s", failureURL: "f")),
    .upload(
      Upload(
        commandKey: "ul", fileType: "3 Vendor Configuration File 1", url: "http://h/",
        username: "u", password: "p", delaySeconds: 1)),
    .scheduleInform(delaySeconds: .max, commandKey: "si"),
    .scheduleDownload(
      ScheduleDownload(
        commandKey: "sd", fileType: Download.firmwareUpgradeImage, url: "http://h/",
        fileSize: 7, targetFileName: "t",
        timeWindows: [
          .init(start: 0, end: 3600),
          .init(
            start: 7200, end: 9000, mode: "4 Confirmation Needed", userMessage: awkward,
            maxRetries: 3),
        ])),
    .cancelTransfer(commandKey: "x"),
    .getQueuedTransfers,
    .getAllQueuedTransfers,
    .changeDUState(
      ChangeDUState(
        operations: [
          .install(
            .init(
              url: "http://h/a", uuid: "u", username: "n", password: "p", executionEnvRef: "e")),
          .install(.init(url: "http://h/b")),
          .update(.init()),
          .update(.init(uuid: "u", version: "2", url: "http://h/c")),
          .uninstall(.init(uuid: "u", version: "1", executionEnvRef: "e")),
        ], commandKey: "du")),
    .setVouchers([[], [0], [1, 2], [3, 4, 5], Array(0...255)]),
    .getOptions(name: "opt"),
    .unknown(method: "X_000000_Special"),
  ]

  static let responses: [Response] = [
    .getRPCMethods(["Inform", "X_A"]), .inform, .transferComplete, .autonomousTransferComplete,
    .duStateChangeComplete, .autonomousDUStateChangeComplete, .requestDownload,
    .kicked(nextURL: "http://n?a&b"), .setParameterValues(.applied),
    .setParameterValues(.pending),
    .getParameterValues([
      ParameterValue(name: "Device.A", value: awkward),
      ParameterValue(name: "Device.B", value: "", type: .dateTime),
    ]),
    .getParameterValues([]),
    .getParameterNames([
      ParameterInfo(name: "Device.", writable: false),
      ParameterInfo(name: "Device.A", writable: true),
    ]),
    .setParameterAttributes,
    .getParameterAttributes([
      ParameterAttributes(name: "Device.A", notification: 2, accessList: ["Subscriber"]),
      ParameterAttributes(name: "Device.B", notification: 0, accessList: []),
    ]),
    .addObject(instance: 4, status: .pending), .deleteObject(.applied), .reboot, .factoryReset,
    .download(TransferStart(status: .pending)),
    .upload(TransferStart(status: .applied, startTime: "a", completeTime: "b")),
    .scheduleInform, .scheduleDownload, .cancelTransfer,
    .getQueuedTransfers([QueuedTransfer(commandKey: "k", state: 2)]),
    .getAllQueuedTransfers([
      QueuedTransfer(
        commandKey: "k", state: 1,
        file: .init(isDownload: true, fileType: "t", fileSize: 9, targetFileName: "f"))
    ]),
    .changeDUState, .setVouchers,
    .getOptions([
      Option(
        name: "o", voucherSerialNumber: "12", state: 1, mode: 2, expirationDate: "x",
        isTransferable: true),
      Option(name: "p", voucherSerialNumber: "13", state: 0, mode: 0, isTransferable: false),
    ]),
    .unknown(method: "X_000000_Special"),
  ]

  static let styles: [EnvelopeEncoder.Style] = [
    .init(), .init(xmlDeclaration: true, booleans: .words),
  ]

  private func expectRoundTrip(_ envelope: Envelope, _ style: EnvelopeEncoder.Style) throws {
    var buffer: [UInt8] = []
    EnvelopeEncoder(style: style).encode(envelope, into: &buffer)
    #expect(try EnvelopeDecoder().decode(buffer) == envelope)
    // The same in pieces of one byte.
    let decoder = EnvelopeDecoder()
    decoder.begin()
    for byte in buffer { try [byte].withUnsafeBytes { try decoder.feed($0) } }
    #expect(try decoder.finish() == envelope)
  }

  @Test(arguments: requests, styles)
  func request(request: Request, style: EnvelopeEncoder.Style) throws {
    try expectRoundTrip(
      Envelope(namespace: .v1_2, id: "1", message: .request(request)), style)
  }

  @Test(arguments: responses, styles)
  func response(response: Response, style: EnvelopeEncoder.Style) throws {
    try expectRoundTrip(
      Envelope(namespace: .v1_0, id: nil, message: .response(response)), style)
  }

  @Test(arguments: styles)
  func fault(style: EnvelopeEncoder.Style) throws {
    let fault = Fault(
      code: 9003, text: Self.awkward,
      parameterFaults: [
        ParameterFault(name: "Device.A", detail: FaultDetail(code: 9008, text: "no")),
        ParameterFault(name: "Device.B", detail: FaultDetail(code: 9005, text: "")),
      ])
    try expectRoundTrip(Envelope(namespace: .v1_1, id: "", message: .fault(fault)), style)
  }

  @Test func headers() throws {
    let envelope = Envelope(
      namespace: Namespace(minor: 4), id: Self.awkward, message: .request(.getRPCMethods),
      sessionTimeout: 40, supportedVersions: ["1.0", "1.4"], useVersion: "1.2",
      holdRequests: true, noMoreRequests: true)
    try expectRoundTrip(envelope, .init())
  }

  @Test func anEmptyBody() throws {
    try expectRoundTrip(Envelope(namespace: .v1_0, message: nil), .init())
  }

  @Test func aBufferIsUsedAgain() throws {
    let encoder = EnvelopeEncoder()
    var buffer = Array("what was there before".utf8)
    for request in Self.requests {
      let envelope = Envelope(namespace: .v1_2, id: "1", message: .request(request))
      encoder.encode(envelope, into: &buffer)
      var fresh: [UInt8] = []
      encoder.encode(envelope, into: &fresh)
      #expect(buffer == fresh)
    }
  }
}
