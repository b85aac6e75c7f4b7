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
    #expect(
      try read(.set, #"{"values":[{"path":"A.B","value":"","type":null}]}"#)
        == .set([Assignment(path: "A.B", value: "")]))
  }

  static let refused: [(kind: OperationKind, json: String, problem: String)] = [
    (.get, "", "error: This is not JSON.; an object in braces is wanted, for example {}"),
    (.get, "{", "error: This is not JSON.; an object in braces is wanted, for example {}"),
    (.get, "[]", "error: An object is wanted here."),
    (.reboot, "[]", "error: An object is wanted here."),
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
      "error: values[0]: There is no member “kind” here.; known are path, value, type"
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
