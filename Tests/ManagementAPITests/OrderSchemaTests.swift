import Fleet
import Foundation
import ManagementTypes
import Testing

@testable import ManagementAPI

/// The schemas of orders against what the server takes.
@Suite struct OrderSchemaTests {
  private static let digest = JSONValue.string(String(repeating: "0", count: 64))
  private static let uuid: JSONValue = "550e8400-e29b-41d4-a716-446655440000"
  private static let windows: JSONValue = [
    ["start": 0, "end": 60, "mode": "whenIdle", "userMessage": "m", "maxRetries": 1]
  ]

  /// One order of each kind with all of its members; where some exclude others, several.
  private static let samples: [(OperationKind, [String: JSONValue])] = [
    (.get, ["paths": ["Device."]]),
    (.set, ["values": [["path": "Device.X", "value": "1", "type": "int"]]]),
    (.add, ["object": "Device.X.", "values": [["path": "Y", "value": "1"]]]),
    (.delete, ["object": "Device.X.1."]),
    (.refresh, ["path": "Device.X."]),
    (.reboot, [:]),
    (.factoryReset, [:]),
    (
      .download,
      [
        "file": digest, "fileType": "1 Firmware Upgrade Image", "targetFileName": "t",
        "expectedVersion": "2", "windows": windows,
        "successURL": "https://example.com/a", "failureURL": "https://example.com/b",
      ]
    ),
    (.download, ["file": digest, "expectedVersion": "2", "stage": "load"]),
    (
      .download,
      ["url": "https://example.com/f", "username": "u", "password": "p", "size": 5, "delay": 1]
    ),
    (
      .upload,
      [
        "fileType": "2 Vendor Log File", "delay": 1, "url": "https://example.com/f",
        "username": "u", "password": "p",
      ]
    ),
    (.getAttributes, ["paths": ["Device."]]),
    (
      .setAttributes,
      ["attributes": [["path": "Device.X", "notification": "active", "accessList": []]]]
    ),
    (.scheduleContact, ["delay": 60]),
    (
      .changeSoftware,
      [
        "changes": [
          ["action": "install", "file": digest, "uuid": uuid, "environment": "Device.E.1."],
          [
            "action": "update", "url": "https://example.com/f", "username": "u", "password": "p",
            "uuid": uuid, "version": "1",
          ],
          ["action": "uninstall", "uuid": uuid],
        ]
      ]
    ),
    (.cancelTransfer, ["commandKey": "k"]),
    (.listTransfers, ["onlyOrdered": true]),
    (.listMethods, [:]),
    (.setVouchers, ["vouchers": ["AAAA"]]),
    (.getOptions, ["name": "o"]),
    (
      .diagnose,
      [
        "diagnosis": "ping", "host": "example.com", "interface": "Device.IP.Interface.1.",
        "repetitions": 3, "timeout": 1000, "dataBlockSize": 64, "dscp": 0,
      ]
    ),
    (.command, ["command": "Device.Reboot()"]),
    (.command, ["command": "Device.WiFi.Reset()", "arguments": ["Cause": "x"]]),
    (.diagnose, ["diagnosis": "traceRoute", "host": "example.com", "maxHopCount": 30]),
    (.diagnose, ["diagnosis": "upload", "url": "http://example.com/u", "fileLength": 1000]),
    (.diagnose, ["diagnosis": "nsLookup", "host": "example.com", "server": "192.0.2.1"]),
  ]

  private static func isTaken(_ kind: OperationKind, _ arguments: [String: JSONValue]) -> Bool {
    (try? ManagementAPI.operation(TaskOrder(kind: kind.rawValue, arguments))) != nil
  }

  private static func members(of schema: String, _ member: String) throws -> JSONValue {
    try #require(OpenAPISchemas.all[schema]?[member], "\(schema)")
  }

  @Test func eachKindIsDescribedWithItsMembers() throws {
    for kind in OperationKind.allCases {
      let samples = Self.samples.filter { $0.0 == kind }.map(\.1)
      let name = OpenAPISchemas.name(of: kind)
      guard case .object(let properties) = try Self.members(of: name, "properties") else {
        Issue.record("\(name)")
        continue
      }
      #expect(!samples.isEmpty, "no sample of \(kind)")
      #expect(Set(samples.flatMap(\.keys) + ["kind"]) == Set(properties.keys), "\(name)")
      #expect(properties["kind"]?["const"]?.text == kind.rawValue)
      for sample in samples { #expect(Self.isTaken(kind, sample), "\(kind): \(sample)") }
    }
  }

  @Test func requiredMembersAreRequired() throws {
    for (kind, sample) in Self.samples {
      let name = OpenAPISchemas.name(of: kind)
      var required = try Self.members(of: name, "required").elements.compactMap(\.text)
      // Where one of several has to be there, it is the one that the sample has.
      for alternative in OpenAPISchemas.all[name]?["oneOf"]?.elements ?? [] {
        required += (alternative["required"]?.elements ?? []).compactMap(\.text)
          .filter { sample.keys.contains($0) }
      }
      #expect(required.contains("kind"))
      for member in sample.keys {
        var rest = sample
        rest[member] = nil
        // A sample's other members may need this one, as a host's port needs the host.
        if required.contains(member) { #expect(!Self.isTaken(kind, rest), "\(kind).\(member)") }
      }
      let least = sample.filter { required.contains($0.key) }
      if kind != .diagnose { #expect(Self.isTaken(kind, least), "\(kind): \(least)") }
    }
  }

  @Test func otherMembersAreRefused() throws {
    for (kind, sample) in Self.samples {
      var more = sample
      more["bogus"] = "1"
      #expect(!Self.isTaken(kind, more), "\(kind)")
      #expect(
        try Self.members(of: OpenAPISchemas.name(of: kind), "additionalProperties") == false)
    }
  }

  @Test func partsAreDescribedWithTheirMembers() throws {
    let parts: [(String, [JSONValue])] = [
      ("AttributeChange", Self.samples.compactMap { $0.1["attributes"] }),
      ("TransferWindow", Self.samples.compactMap { $0.1["windows"] }),
      ("SoftwareChange", Self.samples.compactMap { $0.1["changes"] }),
    ]
    #expect(Set(parts.map(\.0)) == Set(OpenAPISchemas.orderParts.keys))
    for (name, samples) in parts {
      var members: Set<String> = []
      for element in samples.flatMap(\.elements) {
        if case .object(let object) = element { members.formUnion(object.keys) }
      }
      guard case .object(let properties) = try Self.members(of: name, "properties") else {
        Issue.record("\(name)")
        continue
      }
      #expect(Set(properties.keys) == members, "\(name)")
    }
  }

  @Test func everyKindIsAnOrder() throws {
    #expect(
      try Self.members(of: "TaskOrder", "oneOf").elements.count == OperationKind.allCases.count)
  }
}
