import Foundation
import Testing

/// Devices of two firmwares against data models, and against each other, by the programs that an operator uses.
@Suite(.serialized) struct ModelConformanceTests {
  private static let first = "02FA1E-Box-ONE000001"
  private static let second = "02FA1E-Box-TWO000001"
  private static let uuid = "5b0c8f7e-1111-4222-8333-444455556666"

  /// - Parameter userInterface: lines of the object `UserInterface`.
  private static func device(version: String, announcing uuid: String, _ userInterface: String)
    -> String
  {
    """
    model: box
    manufacturer: Fairlead
    oui: "02FA1E"
    productClass: Box
    inform: [Device.DeviceInfo.SoftwareVersion, Device.ManagementServer.ParameterKey]
    tree:
      Device:
        DeviceInfo:
          Manufacturer: "${manufacturer}"
          SerialNumber: "${serial}"
          SoftwareVersion: {string: "\(version)", notify: forced}
          SupportedDataModelNumberOfEntries: {unsignedInt: "${entries}"}
          SupportedDataModel.{i}:
            instances: 1
            URL: https://acme.example/box.xml
            UUID: "\(uuid)"
        ManagementServer:
          URL: {string: "${acsURL}", writable}
          Username: {string: "${username}", writable}
          Password: {string: "", writable, hidden}
          PeriodicInformEnable: {boolean: true, writable}
          PeriodicInformInterval: {unsignedInt: "${interval}", writable, range: 1..}
          ParameterKey: ""
          ConnectionRequestURL: "${connectionRequestURL}"
          ConnectionRequestUsername: {string: "", writable}
          ConnectionRequestPassword: {string: "", writable, hidden}
          CWMPRetryMinimumWaitInterval: {unsignedInt: 5, writable}
          CWMPRetryIntervalMultiplier: {unsignedInt: 2000, writable}
        UserInterface:
    \(userInterface)
    """
  }

  private static let old = device(
    version: "1.0.0", announcing: "",
    """
          PasswordRequired: {boolean: true, writable}
          CurrentLanguage: {string: en, writable}
          ISPName: {unsignedInt: 5, writable}
    """)

  private static let new = device(
    version: "2.0.0", announcing: uuid,
    """
          PasswordRequired: {boolean: true, writable}
          CurrentLanguage: {string: en}
          ISPName: {string: Acme, writable}
          AvailableLanguages: en,de
    """)

  private static let model = """
    <?xml version="1.0"?>
    <dm:document xmlns:dm="urn:broadband-forum-org:cwmp:datamodel-1-14" spec="urn:acme:acme-1-0" file="acme.xml">
    <model name="Device:2.0"><object name="Device."/><object name="Device.UserInterface.">
    <parameter name="PasswordRequired" access="readWrite"><syntax><boolean/></syntax></parameter>
    <parameter name="ISPName" access="readWrite"><syntax><string><size maxLength="3"/></string></syntax></parameter>
    </object></model></dm:document>
    """

  private static let deviceType = """
    <?xml version="1.0"?>
    <dt:document xmlns:dt="urn:broadband-forum-org:cwmp:devicetype-1-3" deviceType="urn:acme:box" uuid="\(uuid)">
    <import file="acme.xml" spec="urn:acme:acme-1-0"><model name="Device:2.0"/></import>
    <model ref="Device:2.0"><object ref="Device." access="readOnly" minEntries="1" maxEntries="1"/>
    <object ref="Device.UserInterface." access="readOnly" minEntries="1" maxEntries="1">
    <parameter ref="ISPName" access="readWrite"/></object></model></dt:document>
    """

  private static let switches = """
    apiVersion: fairlead/v1
    kind: DeviceSwitches
    metadata: {name: boxes}
    spec:
      selector: DeviceInfo.ProductClass=Box
      dataModel: tr-181-2-19-1-cwmp
    """

  /// What of a comparison is looked at.
  private struct Comparison: Decodable {
    struct Findings: Decodable {
      struct Finding: Decodable {
        var path: String
      }
      var list: [Finding]
      var paths: [String] { list.map(\.path) }
    }
    struct Reason: Decodable {
      var kind: String
    }
    var model: String
    var reason: Reason
    var isComplete: Bool
    var types: Findings
    var values: Findings
    var access: Findings
    var unknown: Findings
    var entries: Findings
  }

  private static func comparison(of device: String, on site: Installation, _ more: String...)
    async throws -> Comparison
  {
    let answer = try await site.operate(
      words: ["model", "conform", device, "-o", "json"] + more)
    #expect(answer.status == 0, "\(answer.text)")
    return try JSONDecoder().decode(Comparison.self, from: Data(answer.text.utf8))
  }

  private static func write(_ text: String, _ name: String, in site: Installation) throws -> String
  {
    let file = site.directory.appendingPathComponent(name).path
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    return file
  }

  @Test func twoFirmwaresAreComparedWithModelsAndWithEachOther() async throws {
    let site = try Installation()
    defer { site.remove() }
    let server = try site.startFromShell([
      "--log-level", "warning", "--models-supported-interval", "1s",
    ])
    try #require(try await server.waits(for: "acsctl --help"), "\(server.text)")
    var devices: [RunningProgram] = []
    for (name, document, prefix) in [
      ("old.yaml", Self.old, "ONE"), ("new.yaml", Self.new, "TWO"),
    ] {
      devices.append(
        try site.simulate(
          [
            "--model", try Self.write(document, name, in: site), "--serial-prefix", prefix,
            "--boot-spread", "0", "--boot-time", "0.2",
          ], log: name + ".log"))
    }
    try await site.waitForDevice(Self.first)
    try await site.waitForDevice(Self.second)

    try await devicesAreCompared(on: site)
    try await modelsOfDevicesAreChosen(on: site)
    try await firmwaresAreCompared(on: site)

    for device in devices {
      device.signal(SIGINT)
      #expect(try await device.wait() == 0, "\(device.text)")
    }
    server.signal(SIGTERM)
    #expect(try await server.wait() == 0, "\(server.text)")
  }

  private func devicesAreCompared(on site: Installation) async throws {
    let first = try await Self.comparison(of: Self.first, on: site)
    #expect(first.model == "tr-181-2-19-1-cwmp" && first.reason.kind == "newest")
    #expect(first.isComplete)
    #expect(first.types.paths == ["Device.UserInterface.ISPName"])
    #expect(first.values.paths.isEmpty && first.access.paths.isEmpty)
    #expect(first.unknown.paths.isEmpty && first.entries.paths.isEmpty)
    let second = try await Self.comparison(of: Self.second, on: site)
    #expect(second.types.paths.isEmpty && second.values.paths.isEmpty)
    #expect(second.access.paths == ["Device.UserInterface.CurrentLanguage"])
    let text = try await site.operate("model", "conform", Self.first)
    #expect(text.text.contains("With another type than the model's: 1 item"), "\(text.text)")
    #expect(text.text.contains("Because:"), "\(text.text)")
  }

  private func modelsOfDevicesAreChosen(on site: Installation) async throws {
    _ = try Self.write(Self.model, "acme.xml", in: site)
    let box = try Self.write(Self.deviceType, "box.xml", in: site)
    let brought = try await site.operate("model", "import", box, "--as", "box")
    #expect(brought.status == 0, "\(brought.text)")
    // The device announces the UUID of that document.
    let announced = try await Self.comparison(of: Self.second, on: site)
    #expect(announced.model == "box" && announced.reason.kind == "announced")
    #expect(announced.values.paths == ["Device.UserInterface.ISPName"])
    #expect(try await Self.comparison(of: Self.first, on: site).reason.kind == "newest")
    let path = "Device.UserInterface.ISPName"
    let explained = try await site.operate("explain", path, "--device", Self.second)
    #expect(explained.text.contains("string of at most 3 characters"), "\(explained.text)")
    #expect(explained.text.contains("box (the device announces its UUID"), "\(explained.text)")
    let refused = try await site.operate("set", Self.second, "\(path)=Acmes", "--no-wait")
    #expect(refused.status != 0 && refused.text.contains("at most 3"), "\(refused.text)")

    // The file and what was made of it on the server say the same.
    let same = try await site.operate("model", "diff", box, "box")
    #expect(same.status == 0 && same.text.contains("no difference"), "\(same.text)")
    let part = try await site.operate(
      "model", "diff", "box", site.directory.appendingPathComponent("acme.xml").path)
    #expect(part.status == 1)
    #expect(part.text.contains("+ Device.UserInterface.PasswordRequired"), "\(part.text)")

    let switches = try Self.write(Self.switches, "switches.yaml", in: site)
    let applied = try await site.operate("apply", "-f", switches)
    #expect(applied.status == 0, "\(applied.text)")
    // Every node takes them within seconds.
    var switched = announced
    for _ in 0..<600 where switched.reason.kind != "switches" {
      try await Task.sleep(for: .milliseconds(100))
      switched = try await Self.comparison(of: Self.second, on: site)
    }
    #expect(switched.model == "tr-181-2-19-1-cwmp" && switched.reason.kind == "switches")
    let asked = try await Self.comparison(of: Self.second, on: site, "--model", "box")
    #expect(asked.model == "box" && asked.reason.kind == "requested")
  }

  private func firmwaresAreCompared(on site: Installation) async throws {
    let names = ["02FA1E-Box@1.0.0", "02FA1E-Box@2.0.0"]
    // A reading counts once it is surely committed, which takes a minute.
    var known = ""
    for _ in 0..<1_200 where !names.allSatisfy({ known.contains($0) }) {
      try await Task.sleep(for: .milliseconds(200))
      known = try await site.operate("model", "supported", "-o", "name").text
    }
    #expect(names.allSatisfy { known.contains($0) }, "\(known)")
    let differ = try await site.operate("model", "diff", "--of", "Box", "1.0.0", "2.0.0")
    #expect(differ.status == 1)
    for line in [
      "+ Device.UserInterface.AvailableLanguages  (string, readOnly)",
      "~ Device.UserInterface.CurrentLanguage  access readWrite → readOnly",
      "~ Device.UserInterface.ISPName  type unsignedInt → string", "1 added, 0 removed, 2 changed",
    ] {
      #expect(differ.text.contains(line), "\(line) is not in \(differ.text)")
    }
    let same = try await site.operate("model", "diff", names[0], names[0])
    #expect(same.status == 0 && same.text == "no difference\n", "\(same.text)")
    let file = site.directory.appendingPathComponent("box.xml").path
    let beyond = try await site.operate("model", "diff", file, names[1])
    #expect(beyond.status == 1)
    #expect(beyond.text.contains("+ Device.UserInterface.CurrentLanguage"), "\(beyond.text)")
  }
}
