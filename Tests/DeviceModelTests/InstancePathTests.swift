import DeviceModel
import Testing

/// Paths, taken apart.
@Suite struct InstancePathTests {
  private static let all: InstancePath.Features = [
    .aliases, .wildcards, .placeholders, .searches, .references, .commandsAndEvents,
  ]

  private func path(_ text: String, _ features: InstancePath.Features = .usp) throws -> InstancePath
  {
    try InstancePath(text, taking: features)
  }

  @Test func pathsOfCWMP() throws {
    let path = try path("Device.WiFi.SSID.12.[cpe-1].Enable", .cwmp)
    #expect(
      path.parts == [
        .name("Device"), .name("WiFi"), .name("SSID"), .instance(12), .alias("cpe-1"),
        .name("Enable"),
      ])
    #expect(path.ending == .parameter)
    #expect(
      try self.path("Device.", .cwmp) == InstancePath(parts: [.name("Device")], ending: .object))
    #expect(try self.path("Device.X_00D09E-Box_é.", .cwmp).parts.last == .name("X_00D09E-Box_é"))
  }

  @Test func pathsOfUSP() throws {
    #expect(try path("Device.Reboot()").ending == .command)
    #expect(try path("Device.Boot!").ending == .event)
    #expect(try path("Device.WiFi.SSID.*.").parts.last == .wildcard)
    let path = try path(
      #"Device.IP.Interface.[Enable==true&&Name=="a.b%22c%25]"].LowerLayers#2+.Stats.Bytes"#)
    #expect(
      path.parts == [
        .name("Device"), .name("IP"), .name("Interface"),
        .search([
          .init(path: [.name("Enable")], relation: .equal, value: "true", isText: false),
          .init(path: [.name("Name")], relation: .equal, value: "a.b\"c%]", isText: true),
        ]), .reference("LowerLayers", item: .number(2)), .name("Stats"), .name("Bytes"),
      ])
    let followed = try self.path("Device.A.[Ref+.Name.X~=5].All#*+.B+.C")
    #expect(
      followed.parts.dropFirst(2) == [
        .search([
          .init(
            path: [.reference("Ref", item: .only), .name("Name"), .name("X")], relation: .contains,
            value: "5", isText: false)
        ]), .reference("All", item: .all), .reference("B", item: .only), .name("C"),
      ])
    for relation in ["==", "!=", "~=", "<", ">", "<=", ">="] {
      #expect(try self.path("D.A.[B\(relation)-1.5].").description == "D.A.[B\(relation)-1.5].")
    }
    // Blanks around what stands in brackets are borne, and not made.
    #expect(try self.path(#"D.A.[B == "x" ]."#).description == #"D.A.[B=="x"]."#)
  }

  @Test(arguments: [
    "Device.", "Device.WiFi.SSID.12.Enable", "Device.A.{i}.B.{i}.", "Device.A.[cpe-1].",
    "Device.A.*.B", "Device.Reboot()", "Device.Boot!",
  ])
  func theCanonicalFormIsTheTextAgain(text: String) throws {
    let features: InstancePath.Features = [.aliases, .wildcards, .placeholders, .commandsAndEvents]
    #expect(try path(text, features).description == text)
  }

  @Test(arguments: [
    #"Device.A.[B=="x%22%25"].C#3+.D"#, "Device.A.[B+.C>=2026-11-23T00:00:00Z&&D!=false].",
  ])
  func theCanonicalFormOfSearchesIsTheTextAgain(text: String) throws {
    #expect(try path(text).description == text)
  }

  @Test(
    arguments: [
      ("", .empty), (".", .nothingBetweenDots), (".A", .nothingBetweenDots),
      ("A..B", .nothingBetweenDots),
      ("A.B c.", .name), ("A.B()", .name), ("1.A", .number), ("A.1x", .number),
      ("A.12345678901", .number),
      ("A.{i}.", .placeholder), ("A.*.B", .wildcard), ("A.[", .alias), ("A.[]", .alias),
      ("A.[1]", .alias),
      ("A.[b", .alias), ("A.[b]c", .alias), ("[b].A", .alias), ("A.b+", .name), ("A.{j}", .name),
      ("A.\u{0}", .name), ("A.[b==1]", .alias),
    ] as [(String, InstancePath.Flaw.Kind)])
  func whatIsNoPathOfCWMP(text: String, kind: InstancePath.Flaw.Kind) {
    #expect(throws: InstancePath.Flaw.self) { try InstancePath(text, taking: .cwmp) }
    do throws(InstancePath.Flaw) { _ = try InstancePath(text, taking: .cwmp) } catch {
      #expect(error.kind == kind)
    }
  }

  @Test(arguments: [
    "A.[B=1].", "A.[B==].", "A.[B==\"x].", "A.[B==1&&].", "A.[B==1", "A.[B==1]x", "A.[B+==1].",
    "A.b+",
    "A.b#0+.c", "A.b#+.c", "A.b#2.c", "A.*()", "A.()", "A.b!c", "*.A", "A.{i}.", "A.[c].",
    "A.[" + String(repeating: "B==1&&", count: 40) + "B==1].",
  ])
  func whatIsNoPathOfUSP(text: String) {
    #expect(throws: InstancePath.Flaw.self) { try InstancePath(text, taking: .usp) }
  }

  @Test func pathsCoverOthers() throws {
    func covers(_ one: String, _ other: String) throws -> Bool {
      try path(one, [.aliases, .wildcards, .placeholders]).covers(try path(other, .cwmp))
    }
    #expect(try covers("A.*.C", "A.7.C"))
    #expect(try covers("A.{i}.C", "A.[b].C"))
    #expect(try covers("A.[b].C", "A.2.C"))
    #expect(try covers("A.*.", "A.2.C.D"))
    #expect(try covers("A.*.", "A.2."))
    #expect(try !covers("A.*.", "A.2"))
    #expect(try !covers("A.*.C", "A.B.C"))
    #expect(try !covers("A.*.C", "A.1.C.D"))
    #expect(try !covers("A.1.C", "A.[b].C"))
  }
}
