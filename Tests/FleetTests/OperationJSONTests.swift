import Testing

@testable import Fleet

@Suite("Operations as JSON")
struct OperationJSONTests {
  static let file = String(repeating: "0a", count: 32)

  static let samples: [(operation: Fleet.Operation, json: String)] = [
    (.get(paths: ["Device.A.", "Device.B"]), #"{"paths":["Device.A.","Device.B"]}"#),
    (
      .set([
        Assignment(path: "Device.A", value: "é/\"\n"),
        Assignment(path: "Device.B", value: "1", type: .unsignedInt),
      ]),
      #"{"values":[{"path":"Device.A","value":"é/\"\n"},{"path":"Device.B","type":"unsignedInt","value":"1"}]}"#
    ),
    (
      .add(object: "Device.A.", values: [Assignment(path: "B", value: "")]),
      #"{"object":"Device.A.","values":[{"path":"B","value":""}]}"#
    ),
    (.delete(object: "Device.A.1."), #"{"object":"Device.A.1."}"#),
    (.refresh(path: ""), #"{"path":""}"#),
    (.reboot, "{}"),
    (.factoryReset, "{}"),
    (
      .download(DownloadOrder(file: file, targetFileName: "x", expectedVersion: "2.0")),
      #"{"expectedVersion":"2.0","file":"\#(file)","fileType":"1 Firmware Upgrade Image","targetFileName":"x"}"#
    ),
    (
      .download(
        DownloadOrder(
          file: "", fileType: "2 Web Content",
          remote: RemoteFile(url: "http://a/b", username: "u", password: "p", size: 5),
          windows: [
            TransferWindow(start: 0, end: 60),
            TransferWindow(
              start: 90, end: 120, mode: .confirmationNeeded, userMessage: "now?", maxRetries: 0),
          ], successURL: "http://a/s", failureURL: "http://a/f")),
      #"{"failureURL":"http://a/f","fileType":"2 Web Content","password":"p","size":5,"successURL":"http://a/s","targetFileName":"","url":"http://a/b","username":"u","windows":[{"end":60,"mode":"anyTime","start":0},{"end":120,"maxRetries":0,"mode":"confirmationNeeded","start":90,"userMessage":"now?"}]}"#
    ),
    (
      .download(DownloadOrder(file: file, delay: 30)),
      #"{"delay":30,"file":"\#(file)","fileType":"1 Firmware Upgrade Image","targetFileName":""}"#
    ),
    (
      .upload(UploadOrder(fileType: "3 Vendor Configuration File 1")),
      #"{"fileType":"3 Vendor Configuration File 1"}"#
    ),
    (
      .upload(
        UploadOrder(
          fileType: "2 Vendor Log File", delay: 9,
          remote: RemoteFile(url: "ftp://a/", username: "u", password: "p"))),
      #"{"delay":9,"fileType":"2 Vendor Log File","password":"p","url":"ftp://a/","username":"u"}"#
    ),
    (.getAttributes(paths: ["Device.A."]), #"{"paths":["Device.A."]}"#),
    (
      .setAttributes([
        AttributeChange(path: "Device.A", notification: .active),
        AttributeChange(path: "Device.B.", accessList: []),
      ]),
      #"{"attributes":[{"notification":"active","path":"Device.A"},{"accessList":[],"path":"Device.B."}]}"#
    ),
    (.scheduleContact(delay: 60), #"{"delay":60}"#),
    (
      .changeSoftware([
        .install(.stored(file: file), uuid: "", environment: "Device.A.1."),
        .install(.remote(RemoteFile(url: "http://a/")), uuid: "x", environment: ""),
        .update(uuid: "x", version: "2", nil),
        .update(uuid: "", version: "", .stored(file: file)),
        .uninstall(uuid: "x", version: "", environment: ""),
      ]),
      #"{"changes":[{"action":"install","environment":"Device.A.1.","file":"\#(file)"},{"action":"install","url":"http://a/","uuid":"x"},{"action":"update","uuid":"x","version":"2"},{"action":"update","file":"\#(file)"},{"action":"uninstall","uuid":"x"}]}"#
    ),
    (.cancelTransfer(commandKey: "fl-7"), #"{"commandKey":"fl-7"}"#),
    (.listTransfers(onlyOrdered: true), #"{"onlyOrdered":true}"#),
    (.listMethods, "{}"),
    (.setVouchers(["AA=="]), #"{"vouchers":["AA=="]}"#),
    (.getOptions(name: ""), #"{"name":""}"#),
    (.command(CommandOrder(command: "Device.Reboot()")), #"{"command":"Device.Reboot()"}"#),
    (
      .command(CommandOrder(command: "Device.X()", arguments: ["B": "2", "A.1.C": ""])),
      #"{"arguments":{"A.1.C":"","B":"2"},"command":"Device.X()"}"#
    ),
    (
      .diagnose(
        Diagnosis(.ping, host: "a.example", interface: "Device.IP.Interface.1.", repetitions: 3)),
      #"{"diagnosis":"ping","host":"a.example","interface":"Device.IP.Interface.1.","repetitions":3}"#
    ),
    (
      .diagnose(
        Diagnosis(
          .upload, url: "http://a/", timeout: 1, dataBlockSize: 2, dscp: 3, maxHopCount: 4,
          fileLength: 5, server: "s")),
      #"{"dataBlockSize":2,"diagnosis":"upload","dscp":3,"fileLength":5,"maxHopCount":4,"server":"s","timeout":1,"url":"http://a/"}"#
    ),
  ]

  @Test(arguments: samples.indices) func roundTrip(index: Int) throws {
    let (operation, json) = Self.samples[index]
    #expect(String(decoding: operation.argumentsJSON(), as: UTF8.self) == json)
    #expect(
      try Fleet.Operation(kind: operation.kind, argumentsJSON: Array(json.utf8)) == operation)
  }

  @Test func samplesCoverEveryKind() {
    #expect(Set(Self.samples.map(\.operation.kind)) == Set(OperationKind.allCases))
  }

  @Test func whatMayBeLeftOut() throws {
    func read(_ kind: OperationKind, _ json: String) throws -> Fleet.Operation {
      try Fleet.Operation(kind: kind, argumentsJSON: Array(json.utf8))
    }
    #expect(try read(.refresh, "{}") == .refresh(path: ""))
    #expect(try read(.add, #"{"object":"A."}"#) == .add(object: "A.", values: []))
    #expect(
      try read(.download, #"{"file":"x"}"#) == .download(DownloadOrder(file: "x")))
    #expect(try read(.listTransfers, "{}") == .listTransfers(onlyOrdered: false))
    #expect(try read(.getOptions, "{}") == .getOptions(name: ""))
    #expect(
      try read(.download, #"{"file":"f","expectedVersion":"2","stage":"load"}"#)
        == .download(DownloadOrder(file: "f", expectedVersion: "2", stage: .load)))
    #expect(throws: (any Error).self) {
      try read(.download, #"{"file":"f","stage":"later"}"#)
    }
    #expect(
      try read(.download, #"{"url":"u","windows":[{"start":1,"end":2}]}"#)
        == .download(
          DownloadOrder(
            file: "", remote: RemoteFile(url: "u"), windows: [TransferWindow(start: 1, end: 2)])))
    #expect(
      try read(.set, #"{"values":[{"path":"A.B","value":"","type":null}]}"#)
        == .set([Assignment(path: "A.B", value: "")]))
  }

  static let refused: [(kind: OperationKind, json: String, problem: String)] = [
    (.get, "", "error: This is not JSON.; an object in braces is wanted, for example {}"),
    (.get, "{", "error: This is not JSON.; an object in braces is wanted, for example {}"),
    (.get, "[]", "error: An object is wanted here."),
    (.reboot, "[]", "error: An object is wanted here."),
    (.download, "{}", "error: The member “file” is missing."),
    (
      .setAttributes, #"{"attributes":[{"path":"A.B","notification":"loud"}]}"#,
      "error: attributes[0].notification: The value is none of those allowed.; known are off, passive, active, passiveLightweight, passiveAndLightweight, activeLightweight, passiveAndActiveLightweight"
    ),
    (
      .changeSoftware, #"{"changes":[{"action":"uninstall","uuid":"x","file":"y"}]}"#,
      "error: changes[0]: There is no member “file” here.; known are action, uuid, version, environment"
    ),
    (
      .changeSoftware, #"{"changes":[{"action":"install"}]}"#,
      "error: changes[0]: The member “file” is missing."
    ),
    (
      .diagnose, #"{"diagnosis":"pong"}"#,
      "error: diagnosis: The value is none of those allowed.; known are ping, traceRoute, download, upload, nsLookup, wifiNeighbors"
    ),
    (.command, "{}", "error: The member “command” is missing."),
    (.reboot, "null", "error: An object is wanted here, not null."),
    (.get, "{}", "error: The member “paths” is missing."),
    (.get, #"{"path":["A"]}"#, "error: There is no member “path” here.; did you mean “paths”?"),
    (.get, #"{"paths":"A"}"#, "error: paths: An array is wanted here."),
    (.get, #"{"paths":[1]}"#, "error: paths[0]: A string is wanted here."),
    (.get, #"{"paths":null}"#, "error: paths: An array is wanted here, not null."),
    (
      .set, #"{"values":[{"path":"A","value":true}]}"#,
      "error: values[0].value: A string is wanted here."
    ),
    (
      .set, #"{"values":[{"path":"A","value":"","kind":"int"}]}"#,
      "error: values[0]: There is no member “kind” here.; known are path, value, type, force"
    ),
    (
      .set, #"{"values":[{"path":"A","value":"","type":"integer"}]}"#,
      "error: values[0].type: The value is none of those allowed.; known are string, int, unsignedInt, long, "
        + "unsignedLong, boolean, dateTime, base64, hexBinary, decimal"
    ),
    (.reboot, #"{"force":true}"#, "error: There is no member “force” here.; leave it out"),
    (
      .download, #"{"file":"x","filetype":"y"}"#,
      "error: There is no member “filetype” here.; did you mean “fileType”?"
    ),
  ]

  @Test(arguments: refused.indices) func refuses(index: Int) {
    let (kind, json, problem) = Self.refused[index]
    let error = #expect(throws: FleetError.self) {
      try Fleet.Operation(kind: kind, argumentsJSON: Array(json.utf8))
    }
    #expect(error?.code == .operationArguments)
    #expect(error?.description == problem)
  }

  @Test func refusesTooManyBytes() {
    var limits = OperationLimits()
    limits.maxArgumentsBytes = 13
    #expect(throws: Never.self) {
      try Fleet.Operation(kind: .get, argumentsJSON: Array(#"{"paths":[] }"#.utf8), limits: limits)
    }
    #expect(throws: FleetError.self) {
      try Fleet.Operation(kind: .get, argumentsJSON: Array(#"{"paths":[]  }"#.utf8), limits: limits)
    }
    #expect(OperationLimits.standard.maxArgumentsBytes == 1 << 20)
  }

  @Test func survivesDeepNesting() {
    let json = String(repeating: "[", count: 100_000)
    #expect(throws: FleetError.self) {
      try Fleet.Operation(kind: .get, argumentsJSON: Array(json.utf8))
    }
  }
}
