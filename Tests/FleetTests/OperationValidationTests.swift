import Testing

@testable import Fleet

@Suite("Validation of operations")
struct OperationValidationTests {
  static let good: [Fleet.Operation] = [
    .get(paths: ["Device."]),
    .get(paths: ["InternetGatewayDevice.DeviceInfo.", "Device.X_00A1B2_Some-Thing.Näme"]),
    .get(paths: ["Device.NAT.PortMapping.[cpe-1].Enable"]),
    .get(paths: [String(repeating: "a", count: 256)]),
    .get(paths: ["Device.A.*.B", "Device.*.A.*.B."]),
    .set([Assignment(path: "Device.A.1.B", value: "tab\tline\r\n")]),
    .set([Assignment(path: "Device.A", value: String(repeating: "x", count: 64 << 10))]),
    .add(object: "Device.NAT.PortMapping.", values: []),
    .add(
      object: "Device.NAT.PortMapping.",
      values: [Assignment(path: "Enable", value: "true", type: .boolean)]),
    .delete(object: "Device.NAT.PortMapping.3."),
    .delete(object: "Device.NAT.PortMapping.[web]."),
    .refresh(path: ""),
    .refresh(path: "Device.WiFi."),
    .reboot,
    .factoryReset,
    .download(DownloadOrder(file: OperationJSONTests.file)),
    .download(DownloadOrder(file: OperationJSONTests.file, expectedVersion: "2.0.0-rc1 (b5)")),
    .download(
      DownloadOrder(
        file: "", remote: RemoteFile(url: "https://files.example.net:8443/a%20b?x=1&y=2"),
        windows: [TransferWindow(start: 60, end: 90), TransferWindow(start: 0, end: 60)])),
    .download(
      DownloadOrder(file: OperationJSONTests.file, expectedVersion: "2.0.0", stage: .load)),
    .upload(UploadOrder(fileType: "X 00D09E Trace", delay: 60)),
    .getAttributes(paths: ["Device."]),
    .setAttributes([AttributeChange(path: "Device.A.", notification: .passive)]),
    .scheduleContact(delay: 1),
    .changeSoftware([
      .install(
        .stored(file: OperationJSONTests.file), uuid: "550e8400-e29b-41d4-a716-446655440000",
        environment: "Device.SoftwareModules.ExecEnv.1."), .update(uuid: "", version: "", nil),
    ]),
    .get(paths: [
      "Device.WiFi.Radio.*.", #"Device.WiFi.SSID.[SSID=="gu.est"&&Enable==true].Status"#,
      "Device.IP.Interface.[Type!=\"Loopback\"].LowerLayers#1+.Name", "Device.Hosts.Host.[a].",
    ]),
    .cancelTransfer(commandKey: "fl-1"),
    .listTransfers(onlyOrdered: false),
    .listMethods,
    .setVouchers(["AAEC"]),
    .getOptions(name: "a"),
    .diagnose(Diagnosis(.ping, host: "2001:db8::1", repetitions: 4, timeout: 1_000)),
    .diagnose(Diagnosis(.traceRoute, host: "example.net", maxHopCount: 30)),
    .diagnose(Diagnosis(.nsLookup, host: "_sip._tcp.example.net", server: "192.0.2.53")),
    .diagnose(Diagnosis(.download, url: "http://speed.example.net/100MB.bin")),
    .diagnose(Diagnosis(.upload, url: "ftp://speed.example.net/in/", fileLength: 1_000_000)),
    .diagnose(Diagnosis(.wifiNeighbors)),
  ]

  @Test(arguments: good.indices) func accepts(index: Int) {
    #expect(Self.good[index].validate() == [])
  }

  /// An operation, the members that are wrong, and a part of the first message.
  static let bad: [(operation: Fleet.Operation, fields: [String], message: String)] = [
    (.get(paths: []), ["paths"], "nothing to get"),
    (.get(paths: [""]), ["paths[0]"], "empty"),
    (.get(paths: ["."]), ["paths[0]"], "nothing before a dot"),
    (.get(paths: [".Device."]), ["paths[0]"], "nothing before a dot"),
    (.get(paths: ["Device..A"]), ["paths[0]"], "nothing before a dot"),
    (.get(paths: ["Device.A.."]), ["paths[0]"], "nothing before a dot"),
    (.get(paths: ["Device.A b"]), ["paths[0]"], "“A b”"),
    (.get(paths: ["Device.A\0"]), ["paths[0]"], "is not a name"),
    (.get(paths: ["Device.<a>"]), ["paths[0]"], "“<a>”"),
    (.get(paths: ["Device.A.{i}.B"]), ["paths[0]"], "placeholder"),
    (.get(paths: ["Device.A.*"]), ["paths[0]"], "ends with a wildcard"),
    (.getAttributes(paths: ["Device.A.*."]), ["paths[0]"], "ends with a wildcard"),
    (.get(paths: ["Device.A.[B==]."]), ["paths[0]"], "is not a search"),
    (.get(paths: [#"Device.A.[B=="c].D"#]), ["paths[0]"], "is not a search"),
    (.get(paths: ["Device.A.[B==\"\0\"].C"]), ["paths[0]"], "U+0000"),
    (.get(paths: ["Device.A+"]), ["paths[0]"], "follows no reference"),
    (.get(paths: ["Device.Reboot()"]), ["paths[0]"], "is not a name"),
    (.getAttributes(paths: ["Device.A.[B==1].C"]), ["paths[0]"], "is not an alias"),
    (.refresh(path: "Device.A.[B==1]."), ["path"], "is not an alias"),
    (.get(paths: ["*.A"]), ["paths[0]"], "has a wildcard"),
    (.refresh(path: "Device.*.A."), ["path"], "has a wildcard"),
    (.get(paths: ["Device.1a.B"]), ["paths[0]"], "instance number"),
    (.get(paths: ["Device.12345678901."]), ["paths[0]"], "instance number"),
    (.get(paths: ["1.B"]), ["paths[0]"], "instance number"),
    (.get(paths: ["Device.[a"]), ["paths[0]"], "alias"),
    (.get(paths: ["Device.[].B"]), ["paths[0]"], "alias"),
    (.get(paths: ["Device.[]"]), ["paths[0]"], "alias"),
    (.get(paths: ["Device.["]), ["paths[0]"], "alias"),
    (.get(paths: ["Device.A", "Device.B", "Device.A"]), ["paths[2]"], "twice"),
    (.get(paths: [String(repeating: "a", count: 257)]), ["paths[0]"], "longer than 256"),
    (
      .get(paths: ["a" + String(repeating: "\u{301}", count: 2000)]), ["paths[0]"],
      "longer than 256"
    ),
    (.set([]), ["values"], "nothing to set"),
    (.set([Assignment(path: "Device.A.", value: "")]), ["values[0].path"], "names an object"),
    (.set([Assignment(path: "Enable", value: "")]), ["values[0].path"], "not a full path"),
    (
      .set([Assignment(path: "Device.A", value: "1"), Assignment(path: "Device.A", value: "2")]),
      ["values[1].path"], "set twice"
    ),
    (
      .set([Assignment(path: "Device.A", value: String(repeating: "x", count: (64 << 10) + 1))]),
      ["values[0].value"], "65537 bytes"
    ),
    (.set([Assignment(path: "Device.A", value: "\u{0}")]), ["values[0].value"], "U+0000"),
    (.set([Assignment(path: "Device.A", value: "\u{1B}")]), ["values[0].value"], "U+001B"),
    (.set([Assignment(path: "Device.A", value: "\u{FFFE}")]), ["values[0].value"], "U+FFFE"),
    (
      .set([
        Assignment(path: "Device.A", value: "yes", type: .boolean),
        Assignment(path: "Device.B", value: "-1", type: .unsignedInt),
      ]), ["values[0].value", "values[1].value"], "“yes” is not of the type boolean"
    ),
    (.add(object: "Device.A", values: []), ["object"], "ends with a dot"),
    (
      .add(object: "Device.A.", values: [Assignment(path: "Device.A.1.B", value: "")]),
      ["values[0].path"], "below it"
    ),
    (
      .add(object: "", values: [Assignment(path: "B.", value: "")]), ["object", "values[0].path"],
      "empty"
    ),
    (.delete(object: "Device.A."), ["object"], "names none"),
    (.delete(object: "Device.A.1"), ["object"], "ends with a dot"),
    (.refresh(path: "Device.A"), ["path"], "ends with a dot"),
    (.download(DownloadOrder(file: "image.bin")), ["file"], "SHA-256"),
    (
      .download(DownloadOrder(file: OperationJSONTests.file.uppercased())), ["file"], "SHA-256"
    ),
    (
      .download(DownloadOrder(file: OperationJSONTests.file, fileType: "", expectedVersion: "")),
      ["fileType", "expectedVersion"], "file type is empty"
    ),
    (
      .download(
        DownloadOrder(
          file: OperationJSONTests.file, fileType: String(repeating: "x", count: 65),
          targetFileName: String(repeating: "x", count: 257),
          expectedVersion: String(repeating: "x", count: 257))),
      ["fileType", "targetFileName", "expectedVersion"], "longer than 64"
    ),
    (
      .download(DownloadOrder(file: OperationJSONTests.file, targetFileName: "a\u{7}")),
      ["targetFileName"], "U+0007"
    ),
    (
      .download(DownloadOrder(file: OperationJSONTests.file, remote: RemoteFile(url: "http://a/"))),
      ["file"], "as well as a stored file"
    ),
    (
      .download(DownloadOrder(file: "", remote: RemoteFile(url: "http://u:p@a/"))), ["url"],
      "credentials in it"
    ),
    (.download(DownloadOrder(file: "", remote: RemoteFile(url: "file:///etc"))), ["url"], "no URL"),
    (.download(DownloadOrder(file: "", remote: RemoteFile(url: "http:///x"))), ["url"], "no URL"),
    (
      .download(DownloadOrder(file: "", remote: RemoteFile(url: "http://a/b c"))), ["url"],
      "not allowed in URLs"
    ),
    (
      .download(
        DownloadOrder(
          file: OperationJSONTests.file,
          windows: [TransferWindow(start: 0, end: 61), TransferWindow(start: 60, end: 90)])),
      ["windows"], "overlap"
    ),
    (
      .download(
        DownloadOrder(file: OperationJSONTests.file, windows: [TransferWindow(start: 5, end: 5)])),
      ["windows[0].end"], "ends before it begins"
    ),
    (
      .download(
        DownloadOrder(
          file: OperationJSONTests.file, delay: 3, windows: [TransferWindow(start: 0, end: 5)])),
      ["delay"], "delay as well as windows"
    ),
    (
      .download(DownloadOrder(file: OperationJSONTests.file, stage: .load)),
      ["expectedVersion"], "known by its version"
    ),
    (
      .download(
        DownloadOrder(
          file: OperationJSONTests.file, fileType: "2 Web Content", expectedVersion: "2",
          stage: .start)), ["fileType"], "Only firmware"
    ),
    (
      .download(
        DownloadOrder(
          file: OperationJSONTests.file, expectedVersion: "2", delay: 3, stage: .start)),
      ["stage"], "neither a delay nor windows"
    ),
    (.upload(UploadOrder(fileType: "")), ["fileType"], "file type is empty"),
    (.upload(UploadOrder(fileType: "wibble")), ["fileType"], "no type of file"),
    (.getAttributes(paths: []), ["paths"], "nothing to get"),
    (.setAttributes([]), ["attributes"], "nothing to change"),
    (
      .setAttributes([AttributeChange(path: "Device.A")]), ["attributes[0]"], "Nothing is said"
    ),
    (.scheduleContact(delay: 0), ["delay"], "0 is not a number from 1"),
    (.changeSoftware([]), ["changes"], "nothing to change"),
    (
      .changeSoftware([.uninstall(uuid: "550e8400", version: "", environment: "")]),
      ["changes[0].uuid"], "no UUID"
    ),
    (
      .changeSoftware([.install(.stored(file: "x"), uuid: "", environment: "")]),
      ["changes[0].file"], "SHA-256"
    ),
    (.changeSoftware([.update(uuid: "", version: "2", nil)]), ["changes[0].version"], "goes with"),
    (.cancelTransfer(commandKey: ""), ["commandKey"], "empty"),
    (
      .cancelTransfer(commandKey: String(repeating: "x", count: 33)), ["commandKey"],
      "longer than 32"
    ),
    (.setVouchers([]), ["vouchers"], "no voucher"),
    (.setVouchers(["%"]), ["vouchers[0]"], "Base64"),
    (.diagnose(Diagnosis(.ping)), ["host"], "neither a host name"),
    (.diagnose(Diagnosis(.ping, host: "a;reboot")), ["host"], "neither a host name"),
    (.diagnose(Diagnosis(.ping, host: "$(reboot)")), ["host"], "neither a host name"),
    (.diagnose(Diagnosis(.ping, host: "-f")), ["host"], "neither a host name"),
    (.diagnose(Diagnosis(.ping, host: "a\nb")), ["host"], "neither a host name"),
    (.diagnose(Diagnosis(.nsLookup, host: "a", server: "`x`")), ["server"], "neither a host name"),
    (.diagnose(Diagnosis(.download, url: "http://a/;reboot")), ["url"], "device's shell"),
    (.diagnose(Diagnosis(.download, url: "http://a/x&reboot")), ["url"], "device's shell"),
    (.diagnose(Diagnosis(.wifiNeighbors, host: "a")), ["host"], "takes no host"),
    (.diagnose(Diagnosis(.ping, host: "a", repetitions: 0)), ["repetitions"], "1 to 1000"),
  ]

  @Test(arguments: bad.indices) func refuses(index: Int) {
    let (operation, fields, message) = Self.bad[index]
    let problems = operation.validate()
    #expect(problems.map(\.field) == fields)
    #expect(problems.first?.message.contains(message) == true, "\(problems)")
  }

  @Test func typesOfFilesThatDevicesSend() {
    for type in [
      "1 Vendor Configuration File", "2 Vendor Log File", "3 Vendor Configuration File 1",
      "4 Vendor Log File 12", "X 00D09E Trace", "X EXAMPLE-COM Core dump 2",
    ] { #expect(UploadOrder.isFileType(type), "\(type)") }
    for type in [
      "", "config", "1 vendor configuration file", "1 Vendor Configuration File 1",
      "3 Vendor Configuration File", "3 Vendor Configuration File 0", "4 Vendor Log File x",
      "4 Vendor Log File ", "5 Something", "X", "X 00D09E", "X  Trace", "X 00D09E  ", "x 00D09E a",
    ] { #expect(!UploadOrder.isFileType(type), "\(type)") }
  }

  @Test func limitsOnCounts() {
    var limits = OperationLimits()
    limits.maxPaths = 2
    limits.maxAssignments = 2
    limits.maxValueBytesTotal = 3
    let paths = ["A.", "B.", "C."]
    #expect(Fleet.Operation.get(paths: Array(paths.prefix(2))).validate(limits: limits).isEmpty)
    #expect(Fleet.Operation.get(paths: paths).validate(limits: limits).map(\.field) == ["paths"])
    let values = paths.map { Assignment(path: "\($0)x", value: "") }
    #expect(Fleet.Operation.set(Array(values.prefix(2))).validate(limits: limits).isEmpty)
    #expect(Fleet.Operation.set(values).validate(limits: limits).map(\.field) == ["values"])
    let large = [Assignment(path: "A.x", value: "12"), Assignment(path: "B.x", value: "34")]
    #expect(Fleet.Operation.set(large).validate(limits: limits).map(\.field) == ["values"])
    #expect(OperationLimits.standard.maxPaths == 1_000)
    #expect(OperationLimits.standard.maxAssignments == 1_000)
    #expect(OperationLimits.standard.maxValueBytesTotal == 512 << 10)
  }

  static let literals: [(type: ParameterType, good: [String], bad: [String])] = [
    (.string, ["", "anything"], []),
    (.boolean, ["true", "false", "0", "1"], ["", "True", "yes", " 1", "01"]),
    (.int, ["0", "-2147483648", "+7", "2147483647"], ["", "2147483648", "1.0", " 1", "1e3", "٣"]),
    (.unsignedInt, ["0", "4294967295"], ["-1", "4294967296", ""]),
    (.long, ["-9223372036854775808"], ["9223372036854775808", "x"]),
    (.unsignedLong, ["18446744073709551615"], ["18446744073709551616", "-1"]),
    (.decimal, ["1", "-1.5", "+.5", "1."], ["", ".", "-", "1.2.3", "1-2", "1e3", "NaN"]),
    (.hexBinary, ["", "00aF"], ["0", "0x00", "gg"]),
    (.base64, ["", "SGVsbG8=", "SGVsbA==", "AAAA"], ["A", "AA=A", "AAA", "====", "A A="]),
    (
      .dateTime,
      [
        "2026-01-31T12:00:00Z", "0001-01-01T00:00:00Z", "2024-02-29T23:59:60+05:30",
        "2026-01-31T12:00:00", "2026-01-31T12:00:00.123456-08:00", "9999-12-31T23:59:59Z",
      ],
      [
        "", "2026-01-31", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z",
        "2026-01-31T12:00:00.Z", "2026-01-31T12:00:00z", "2026-01-31 12:00:00Z",
        "2026-01-31T12:00:00+15:00", "2026-01-31T12:00:00Zx", "2026-01-31T12:00:00+5:30",
      ]
    ),
  ]

  @Test(arguments: literals.indices) func literalsOfType(index: Int) {
    let (type, good, bad) = Self.literals[index]
    for literal in good { #expect(type.accepts(literal), "\(type): \(literal)") }
    for literal in bad { #expect(!type.accepts(literal), "\(type): \(literal)") }
  }

  @Test func literalsCoverEveryType() {
    #expect(Set(Self.literals.map(\.type)) == Set(ParameterType.allCases))
  }
}
