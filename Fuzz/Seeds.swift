import CWMP
import Glibc
import HTTPAuthentication

/// Writes what the fuzzers begin with: messages of every kind, made by this project's own encoder.
@main struct Seeds {
  private static let values = [
    ParameterValue(name: "Device.DeviceInfo.SoftwareVersion", value: "1.0 <é>&"),
    ParameterValue(name: "Device.DeviceInfo.UpTime", value: "7", type: .unsignedInt),
    ParameterValue(name: "Device.Time.Enable", value: "true", type: .boolean),
    ParameterValue(
      name: "Device.Time.CurrentLocalTime", value: "2026-11-22T21:49:11.5Z", type: .dateTime),
  ]
  private static let fault = FaultDetail(code: 9010, text: "Download failure")
  private static let inform = Inform(
    deviceID: DeviceID(manufacturer: "M", oui: "00040E", productClass: "P", serialNumber: "S"),
    events: [Event(Event.boot), Event(Event.methodReboot, commandKey: "k")],
    currentTime: "2026-11-22T21:49:11Z", retryCount: 1, parameters: values)
  private static let result = DeploymentUnitResult(
    uuid: "u", currentState: "Failed", resolved: true, executionUnitRefs: ["Device.A.1."],
    fault: fault)

  private static let messages: [Message] = [
    .request(.inform(inform)), .request(.getRPCMethods),
    .request(.transferComplete(TransferComplete(commandKey: "k", fault: fault))),
    .request(
      .autonomousTransferComplete(
        AutonomousTransferComplete(
          transferURL: "http://h/", isDownload: true, fileType: "1 Firmware Upgrade Image"))),
    .request(.duStateChangeComplete(DUStateChangeComplete(results: [result], commandKey: "k"))),
    .request(
      .autonomousDUStateChangeComplete(AutonomousDUStateChangeComplete(results: [result]))),
    .request(
      .requestDownload(
        RequestDownload(fileType: "1", arguments: [.init(name: "Version", value: "2")]))),
    .request(.kicked(Kicked(command: "c", referer: "r", argument: "a", next: "n"))),
    .request(.setParameterValues(SetParameterValues(parameters: values, parameterKey: "k"))),
    .request(.getParameterValues(names: ["Device.", ""])),
    .request(.getParameterNames(path: "Device.", nextLevel: true)),
    .request(
      .setParameterAttributes([
        SetParameterAttributes(name: "A", notification: 2, accessList: ["Subscriber"])
      ])), .request(.addObject(name: "A.", parameterKey: "k")),
    .request(.download(Download(commandKey: "k", fileType: "1", url: "http://h/f"))),
    .request(
      .changeDUState(
        ChangeDUState(
          operations: [
            .install(.init(url: "u")), .update(.init(uuid: "x")), .uninstall(.init(uuid: "y")),
          ], commandKey: "k"))), .request(.unknown(method: "X_Foo")),
    .response(.inform), .response(.getRPCMethods(["Inform"])),
    .response(.getParameterValues(values)),
    .response(.getParameterNames([ParameterInfo(name: "Device.", writable: true)])),
    .response(
      .getParameterAttributes([
        ParameterAttributes(name: "A", notification: 1, accessList: ["Subscriber"])
      ])), .response(.addObject(instance: 3, status: .pending)),
    .response(.download(TransferStart(status: .pending))),
    .fault(
      Fault(
        code: 9003, text: "Invalid arguments",
        parameterFaults: [ParameterFault(name: "A", detail: fault)])),
  ]

  static func main() {
    guard CommandLine.arguments.count == 2 else { exit(2) }
    let folder = CommandLine.arguments[1]
    var number = 0
    for message in messages {
      for style in [
        EnvelopeEncoder.Style(),
        EnvelopeEncoder.Style(xmlDeclaration: true, booleans: .words, dateTimes: .milliseconds),
      ] {
        var envelope = Envelope(namespace: .v1_2, id: "1", message: message)
        if case .request(.inform) = message {
          envelope.sessionTimeout = 40
          envelope.supportedVersions = ["1.0", "1.4"]
        }
        var bytes: [UInt8] = []
        EnvelopeEncoder(style: style).encode(envelope, into: &bytes)
        number += 1
        write([0, 10] + bytes, to: "\(folder)/envelope/\(number)")
        if number % 4 == 1 {
          write([UInt8(number % 8), 10] + bytes, to: "\(folder)/xml/\(number)")
        }
      }
    }
    writeHeaders(to: "\(folder)/authorization")
    for (number, steps) in recordSteps().enumerated() {
      write(steps, to: "\(folder)/records/\(number)")
    }
  }

  private static func writeHeaders(to folder: String) {
    var headers = [
      Challenge.digest(realm: "acs", nonce: "n").headerValue,
      Challenge.basic(realm: "a\"c\\s").headerValue,
      Challenge.digest(realm: "acs", nonce: "n", opaque: "o", algorithm: .sha256, stale: true)
        .headerValue, Authorization.basicHeader(username: "cpe", password: "secret"),
    ]
    for header in headers {
      var client = DigestClient(username: "cpe", password: "secret") {
        [UInt8](repeating: 7, count: $0)
      }
      client.receive([header])
      if let answer = client.authorization(method: "POST", uri: "/") { headers.append(answer) }
    }
    for (number, header) in headers.enumerated() {
      write(Array(header.utf8), to: "\(folder)/\(number)")
    }
  }

  private static func write(_ bytes: [UInt8], to path: String) {
    guard let file = fopen(path, "w") else {
      perror(path)
      exit(1)
    }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }
}
