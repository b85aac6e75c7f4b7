import Fleet
import Testing

@testable import FleetStore

@Suite struct VolatileValuesTests {
  private static let first = [
    ReportedValue(path: "Device.DeviceInfo.UpTime", value: "10", type: .unsignedInt),
    ReportedValue(path: "Device.DeviceInfo.SoftwareVersion", value: "1.0"),
  ]

  @Test func valuesComeBackSorted() throws {
    var values = VolatileValues()
    #expect(values.merge(Self.first, at: 100) == Self.first)
    let read = try VolatileValues(decoding: values.encoded())
    #expect(read == values)
    #expect(
      read.entries.map(\.path) == [
        "Device.DeviceInfo.SoftwareVersion", "Device.DeviceInfo.UpTime",
      ])
  }

  @Test func onlyWhatChangedIsTold() throws {
    var values = VolatileValues()
    _ = values.merge(Self.first, at: 100)
    let news = ReportedValue(path: "Device.DeviceInfo.UpTime", value: "20", type: .unsignedInt)
    #expect(values.merge([news, Self.first[1]], at: 200) == [news])
    #expect(values["Device.DeviceInfo.UpTime"]?.changedAt == 200)
    #expect(values["Device.DeviceInfo.SoftwareVersion"]?.changedAt == 100)
  }

  @Test func aParameterNamedTwiceTakesItsLastValue() {
    var values = VolatileValues()
    _ = values.merge(
      [ReportedValue(path: "A.B", value: "1"), ReportedValue(path: "A.B", value: "2")], at: 1)
    #expect(values.entries.count == 1)
    #expect(values["A.B"]?.value == "2")
  }

  @Test func unknownPathsStayOutWhereOnlyKnownOnesAreWanted() {
    var values = VolatileValues()
    _ = values.merge(Self.first, at: 1)
    let changed = values.merge(
      [
        ReportedValue(path: "Device.X", value: "1"),
        ReportedValue(path: Self.first[1].path, value: "2"),
      ],
      at: 2, onlyKnown: true)
    #expect(changed.map(\.path) == [Self.first[1].path])
    #expect(values["Device.X"] == nil)
  }

  @Test func damageIsRefused() throws {
    var values = VolatileValues()
    _ = values.merge(Self.first, at: 1)
    let bytes = values.encoded()
    #expect(throws: TreeCodecError.self) {
      try VolatileValues(decoding: Array(bytes.dropLast(3)))
    }
    #expect(throws: TreeCodecError.unknownCodec(77)) { try VolatileValues(decoding: [77, 1]) }
  }

  @Test func theyStandAboveTheTree() {
    var values = VolatileValues()
    _ = values.merge(
      [ReportedValue(path: "D.B", value: "new"), ReportedValue(path: "D.C", value: "only here")],
      at: 9)
    let tree = [
      StoredParameter(path: "D.A", value: "a", changedAt: 1),
      StoredParameter(path: "D.B", value: "old", writable: true, changedAt: 1),
      StoredParameter(path: "D.D", value: "d", changedAt: 1),
    ]
    let laid = values.laid(over: tree)
    #expect(laid.map(\.path) == ["D.A", "D.B", "D.C", "D.D"])
    #expect(laid.map(\.value) == ["a", "new", "only here", "d"])
    #expect(laid[1].writable == true)
    #expect(laid[1].changedAt == 9)
  }
}
