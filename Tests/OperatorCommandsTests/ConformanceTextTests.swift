import DeviceModel
import Foundation
import ManagementTypes
import Testing

@testable import OperatorCommands

/// How comparisons of devices and models are shown.
@Suite struct ConformanceTextTests {
  private static let conformance = """
    {"model": "tr-181-2-19-1-cwmp", "version": "Device:2.19", "isComplete": false,
     "counts": {"objects": 1, "parameters": 20, "known": 19, "itemsInUse": 7, "itemsInModel": 8000},
     "profiles": [
       {"name": "Baseline:1", "state": "full", "required": 3, "met": 3, "unseen": 0, "missing": 0, "missingItems": []},
       {"name": "Baseline:2", "state": "full", "status": "deprecated", "required": 4, "met": 4, "unseen": 0,
        "missing": 0, "missingItems": []},
       {"name": "Hosts:1", "state": "unseen", "required": 4, "met": 1, "unseen": 3, "missing": 0, "missingItems": []},
       {"name": "Time:1", "state": "partial", "required": 9, "met": 5, "unseen": 1, "missing": 3, "missingItems": [
         {"item": "Device.Time.Enable", "reason": "readOnly"}, {"item": "Device.Time.A", "reason": "absent"}]},
       {"name": "User:1", "state": "partial", "required": 9, "met": 1, "unseen": 0, "missing": 8, "missingItems": []}],
     "vendor": {"items": 1, "paths": 2, "list": [{"item": "Device.X_ACME_B.{i}.", "path": "Device.X_ACME_B.1.",
       "paths": 2}]},
     "vendors": [{"prefix": "X_ACME", "paths": 2}],
     "services": {"items": 0, "paths": 0, "list": []},
     "unknown": {"items": 3, "paths": 3, "list": [{"item": "Device.Odd\\u001b", "path": "Device.Odd\\u001b", "paths": 1}]},
     "types": {"items": 1, "paths": 1, "list": [{"item": "Device.{i}.N", "path": "Device.7.N", "paths": 1,
       "found": "int", "expected": "unsignedInt"}]},
     "values": {"items": 1, "paths": 1, "list": [{"item": "Device.Key", "path": "Device.Key", "paths": 1,
       "expected": "string of at most 4 characters"}]},
     "access": {"items": 0, "paths": 0, "list": []},
     "outdated": {"items": 1, "paths": 1, "list": [{"item": "Device.Old", "path": "Device.Old", "paths": 1,
       "found": "obsoleted"}]},
     "entries": {"items": 0, "paths": 0, "list": []}}
    """

  private static func lines(shown: Int?) throws -> [String] {
    let conformance = try JSONDecoder().decode(Conformance.self, from: Data(conformance.utf8))
    return ConformanceText(device: "N", shownProfiles: shown, width: 60).lines(
      conformance)
  }

  @Test func aComparisonIsShownInSections() throws {
    let lines = try Self.lines(shown: 1)
    #expect(
      lines == [
        "Device:            N",
        "Model:             tr-181-2-19-1-cwmp (Device:2.19)",
        "Tree:              1 object, 20 parameters, 19 of them in the model",
        "In use:            7 of the model's 8000 items",
        "Note:              the tree was never read as a whole; what seems missing may only be unread",
        "",
        "Profiles in full (1):",
        "  Baseline:2 (deprecated)",
        "",
        "Profiles with nothing missing, and not seen in full (1):",
        "  Hosts:1",
        "",
        "Profiles in part (2):",
        "  PROFILE   HAS      NOT SEEN   STATUS   MISSING",
        "  Time:1    5 of 9   1                   Device.Time.Enable (can't be written), Device.Time.A and 1 more",
        "  … and 1 more; --all shows them",
        "",
        "Beyond the model, and no vendor's: 3 items",
        "  ITEM               PLACES",
        #"  Device.Odd\u{1B}   1"#,
        "  … and 2 more; --all shows them",
        "",
        "Vendors' own (X_ACME 2): 1 item",
        "  ITEM                   PLACES",
        "  Device.X_ACME_B.{i}.   2",
        "",
        "With another type than the model's: 1 item",
        "  ITEM         PLACES   FOUND   MODEL",
        "  Device.7.N   1        int     unsignedInt",
        "",
        "With values that the model does not allow: 1 item",
        "  ITEM         PLACES   FOUND         MODEL",
        "  Device.Key   1        (not shown)   string of at most 4 characters",
        "",
        "In use and not current: 1 item",
        "  ITEM         PLACES   STATUS",
        "  Device.Old   1        obsoleted",
      ])
  }

  @Test func theReasonIsShownWithWhatLedNowhere() throws {
    var conformance = try JSONDecoder().decode(
      Conformance.self, from: Data(Self.conformance.utf8))
    conformance.reason = ModelReason(.newest, "it is new", remarks: ["“old” is gone"])
    let lines = ConformanceText(device: "N", shownProfiles: nil, width: 60).lines(conformance)
    #expect(
      lines[1...3] == [
        "Model:             tr-181-2-19-1-cwmp (Device:2.19)", "Because:           it is new",
        "Note:              “old” is gone",
      ])
  }

  @Test func allProfilesAreShownWhereAsked() throws {
    let lines = try Self.lines(shown: nil)
    #expect(lines.contains { $0.hasPrefix("  User:1") })
  }

  private static let difference = ModelDifference(
    from: ModelOutline(
      name: "a",
      items: [
        "Device.Gone": .init(kind: "param", [.access: ["readOnly"], .type: ["int"]]),
        "Device.P": .init(kind: "param", [.access: ["readOnly"], .values: ["A", "B"]]),
      ]),
    to: ModelOutline(
      name: "b",
      items: [
        "Device.T.{i}.": .init(kind: "object", [.access: ["createDelete"]]),
        "Device.T.{i}.X": .init(kind: "param", [.access: ["readWrite"], .type: ["boolean"]]),
        "Device.Reboot()": .init(kind: "command"),
        "Device.P": .init(kind: "param", [.access: ["readWrite"], .values: ["B", "C", "D"]]),
      ]))

  @Test func aDifferenceIsShownAsOneReadsIt() {
    #expect(
      ModelDifferenceText(isWhole: false).lines(Self.difference) == [
        "--- a", "+++ b",
        "- Device.Gone  (int, readOnly)",
        "+ Device.Reboot()  (command)",
        "+ Device.T.{i}.  (object, createDelete, with 1 below)",
        "~ Device.P  access readOnly → readWrite; values −A +C +D",
        "3 added, 1 removed, 1 changed",
      ])
    let whole = ModelDifferenceText(isWhole: true).lines(Self.difference)
    #expect(whole.contains("+ Device.T.{i}.X  (boolean, readWrite)"))
    #expect(whole.contains("+ Device.T.{i}.  (object, createDelete)"))
  }

  @Test func whatIsTheSameIsToldInAWord() {
    let same = ModelOutline(name: "a", items: [:])
    let lines = ModelDifferenceText(isWhole: false).lines(ModelDifference(from: same, to: same))
    #expect(lines == ["no difference"])
  }
}
