import Testing
import USP

@testable import USPController

/// Which subscriptions an agent is to have, and what has to be done for it.
@Suite struct AgentSubscriptionTests {
  private let controllerPath = "Device.LocalAgent.Controller.2."

  private var wanted: [AgentSubscription] {
    AgentSubscription.wanted(
      controllerPath: controllerPath,
      supported: SupportedObjects([
        "Device.A.": (.objReadOnly, ["X": false]),
        "Device.T.{i}.": (.objAddDelete, ["Name": true]),
        "Device.T.{i}.U.{i}.": (.objAddDelete, ["Name": true]),
        "Device.LocalAgent.Subscription.{i}.": (.objAddDelete, ["ID": true]),
      ]), values: ["Device.A.X", "Device.A.Unknown"])
  }

  @Test func whatTheAgentHasIsSubscribedTo() {
    #expect(
      wanted.map { "\($0.id) \($0.kind.rawValue) \($0.references.joined(separator: " "))" } == [
        "fairlead-complete OperationComplete Device.",
        "fairlead-values-1 ValueChange Device.A.X",
        "fairlead-created-1 ObjectCreation Device.T.",
        "fairlead-deleted-1 ObjectDeletion Device.T.*.",
      ])
  }

  /// Before the supported model is known, what nearly all agents have is asked for.
  @Test func withoutAModelTheEventsAreTriedAll() {
    let ids = AgentSubscription.wanted(
      controllerPath: controllerPath, supported: SupportedObjects(), values: ["Device.A.X"]
    ).map(\.id)
    #expect(
      ids == [
        "fairlead-boot", "fairlead-periodic", "fairlead-transfer", "fairlead-software",
        "fairlead-timer", "fairlead-complete",
      ])
  }

  private func row(
    _ subscription: AgentSubscription, _ changes: [String: String] = [:]
  ) -> [String: String] {
    var row = Dictionary(
      uniqueKeysWithValues: subscription.settings.map { ($0.name, $0.value) })
    row["Recipient"] = "Device.LocalAgent.Controller.2"
    return row.merging(changes) { $1 }
  }

  @Test func rowsThatAreRightStay() {
    let rows = Dictionary(
      uniqueKeysWithValues: wanted.enumerated().map {
        ("Device.LocalAgent.Subscription.\($0 + 1).", row($1))
      })
    let changes = AgentSubscription.changes(
      from: rows, to: wanted, controllerPath: controllerPath, isModelKnown: true)
    #expect(changes.delete.isEmpty)
    #expect(changes.add.isEmpty)
  }

  @Test func othersAreReplacedAndStrangersLeftAlone() {
    let complete = wanted[0]
    let rows = [
      "Device.LocalAgent.Subscription.1.": row(complete, ["Enable": "false"]),
      "Device.LocalAgent.Subscription.2.": row(complete, ["ID": "somebody-else"]),
      "Device.LocalAgent.Subscription.3.": row(
        complete, ["Recipient": "Device.LocalAgent.Controller.1"]),
      "Device.LocalAgent.Subscription.4.": row(complete, ["ID": "fairlead-old"]),
      "Device.LocalAgent.Subscription.5.": row(
        complete, ["ID": "fairlead-value-Device.A.X", "NotifType": "ValueChange"]),
      "Device.LocalAgent.Subscription.6.": row(wanted[1], ["ReferenceList": "Device.A.Y"]),
    ]
    let changes = AgentSubscription.changes(
      from: rows, to: wanted, controllerPath: controllerPath, isModelKnown: true)
    #expect(
      changes.delete == [
        "Device.LocalAgent.Subscription.1.", "Device.LocalAgent.Subscription.4.",
        "Device.LocalAgent.Subscription.6.",
      ])
    #expect(changes.add == wanted)
  }

  private var allRows: [String: [String: String]] {
    let timer = AgentSubscription(
      id: "fairlead-timer", kind: .event, references: [controllerPath + "Timer!"])
    return Dictionary(
      uniqueKeysWithValues: (wanted + [timer]).enumerated().map {
        ("Device.LocalAgent.Subscription.\($0 + 1).", row($1))
      })
  }

  @Test func whatDependsOnAModelThatIsNotKnownStays() {
    let changes = AgentSubscription.changes(
      from: allRows,
      to: AgentSubscription.wanted(
        controllerPath: controllerPath, supported: SupportedObjects(), values: []),
      controllerPath: controllerPath, isModelKnown: false)
    #expect(changes.delete.isEmpty)
  }

  @Test func withoutARowOfItsOwnTheControllerTakesNoneThatHasARecipient() {
    var rows = allRows
    rows["Device.LocalAgent.Subscription.90."] = row(
      AgentSubscription(id: "fairlead-old", kind: .event, references: ["Device.X!"]),
      ["Recipient": ""])
    rows["Device.LocalAgent.Subscription.91."] = row(
      AgentSubscription(id: "fairlead-values-9", kind: .valueChange, references: ["Device.A.X"]),
      ["Recipient": ""])
    let changes = AgentSubscription.changes(
      from: rows, to: wanted, controllerPath: "", isModelKnown: true)
    #expect(changes.delete == ["Device.LocalAgent.Subscription.90."])
  }

  @Test func longListsAreCut() {
    let tables = Dictionary(
      uniqueKeysWithValues: (0..<300).map {
        (
          "Device.SomeRatherLongNameOfATable\($0).{i}.",
          (access: USPGetSupportedDMResp.ObjAccessType.objAddDelete, parameters: ["A": true])
        )
      })
    let created = AgentSubscription.wanted(
      controllerPath: "", supported: SupportedObjects(tables), values: []
    ).filter { $0.kind == .objectCreation }
    #expect(created.count > 1)
    #expect(created.flatMap(\.references).count == 300)
    #expect(created.allSatisfy { $0.references.joined(separator: ",").utf8.count <= 4_200 })
    #expect(Set(created.map(\.id)).count == created.count)
  }
}
