import Fleet
import Testing

@testable import FleetStore

@Suite struct ParameterTreeTests {
  private static func names(_ paths: [String]) -> [ReportedName] {
    paths.map { ReportedName(path: $0, writable: true) }
  }

  private static func tree(_ count: Int, at time: Double = 1) throws -> ParameterTree {
    var tree = ParameterTree()
    _ = tree.apply(
      TreeUpdate(
        values: (0..<count).map {
          ReportedValue(path: "Device.Hosts.Host.\($0 + 1).PhysAddress", value: "00:11:22:\($0)")
        }, at: time))
    return try stored(tree)
  }

  /// The tree as it is after a round through the database.
  private static func stored(_ tree: ParameterTree) throws -> ParameterTree {
    let codec = TreeCodec()
    let rows = try tree.pack(with: codec)
    var kept = tree.chunks.filter { !$0.isChanged }
    for row in rows.written {
      kept.append(
        ParameterTree.Chunk(
          number: row.number, parameters: try codec.decode(row.data, codec: row.codec),
          isChanged: false))
    }
    return ParameterTree(chunks: kept)
  }

  @Test func whatADeviceDidNotReturnStays() throws {
    var tree = try Self.tree(3)
    let changed = tree.apply(
      TreeUpdate(
        names: Self.names(["Device.Hosts.Host.1.PhysAddress", "Device.Hosts.Host.2.PhysAddress"]),
        values: [ReportedValue(path: "Device.Hosts.Host.1.PhysAddress", value: "new")], at: 2))
    #expect(changed.map(\.value) == ["new"])
    #expect(tree.parameters.map(\.value) == ["new", "00:11:22:1", "00:11:22:2"])
    #expect(tree.parameters.map(\.changedAt) == [2, 1, 1])
  }

  @Test func whatACompleteListLeavesOutIsGone() throws {
    var tree = try Self.tree(3)
    _ = tree.apply(
      TreeUpdate(
        names: Self.names(["Device.Hosts.Host.2.PhysAddress"]),
        completeBelow: "Device.Hosts.Host.", at: 2))
    #expect(tree.parameters.map(\.path) == ["Device.Hosts.Host.2.PhysAddress"])
    #expect(tree.parameters[0].value == "00:11:22:1")
    #expect(tree.removedPaths.count == 2)
  }

  @Test func adeletedInstanceTakesItsParametersAlong() throws {
    var tree = try Self.tree(12)
    _ = tree.apply(TreeUpdate(deletedObject: "Device.Hosts.Host.1.", at: 2))
    #expect(tree.count == 11)
    #expect(tree.parameters.allSatisfy { !$0.path.hasPrefix("Device.Hosts.Host.1.") })
    #expect(tree.parameters.contains { $0.path == "Device.Hosts.Host.12.PhysAddress" })
  }

  @Test func aValueThatStaysIsNotRewritten() throws {
    var tree = try Self.tree(500)
    let same = tree.parameters.map { ReportedValue(path: $0.path, value: $0.value ?? "") }
    #expect(tree.apply(TreeUpdate(values: same, at: 99)).isEmpty)
    let codec = TreeCodec()
    #expect(try tree.pack(with: codec).written.isEmpty)
    #expect(tree.parameters.allSatisfy { $0.changedAt == 1 })
  }

  @Test func aChangeTouchesOneChunk() throws {
    var tree = try Self.tree(2_000)
    #expect(tree.chunks.count > 5)
    _ = tree.apply(
      TreeUpdate(
        values: [ReportedValue(path: "Device.Hosts.Host.700.PhysAddress", value: "x")], at: 2))
    let codec = TreeCodec()
    #expect(try tree.pack(with: codec).written.count == 1)
  }

  @Test func chunksStayBelowTheirLimitWhateverTheValues() throws {
    var random = SplitMix(seed: 7)
    var tree = ParameterTree()
    _ = tree.apply(
      TreeUpdate(
        values: (0..<400).map { number in
          ReportedValue(
            path: "Device.X.\(number)",
            value: String(
              (0..<40).map { _ in
                Character(Unicode.Scalar(UInt8.random(in: 33...126, using: &random)))
              }))
        }, at: 1))
    let codec = TreeCodec()
    let rows = try tree.pack(with: codec)
    #expect(rows.written.allSatisfy { $0.data.count <= ParameterTree.maxPackedSize })
    #expect(Set(rows.written.map(\.number)).count == rows.written.count)
    #expect(try Self.stored(tree).parameters == tree.parameters)
  }

  @Test func aValueLargerThanAChunkIsKept() throws {
    var tree = ParameterTree()
    var random = SplitMix(seed: 8)
    let value = String(
      (0..<60_000).map { _ in Character(Unicode.Scalar(UInt8.random(in: 33...126, using: &random)))
      })
    _ = tree.apply(
      TreeUpdate(values: [ReportedValue(path: "Device.Certificate", value: value)], at: 1))
    #expect(try Self.stored(tree).parameters[0].value == value)
  }

  @Test func anEmptiedChunkIsRemoved() throws {
    var tree = try Self.tree(3)
    _ = tree.apply(TreeUpdate(deletedObject: "Device.", at: 2))
    let codec = TreeCodec()
    let rows = try tree.pack(with: codec)
    #expect(rows.written.isEmpty)
    #expect(rows.removed == [0])
  }

  @Test func randomUpdatesGiveWhatADictionaryGives() throws {
    let seed: UInt64 = 4_711
    var random = SplitMix(seed: seed)
    var tree = ParameterTree()
    var model: [String: String] = [:]
    for round in 0..<120 {
      var update = TreeUpdate(at: Double(round))
      for _ in 0..<Int.random(in: 0...80, using: &random) {
        let path =
          "D.\(Int.random(in: 1...30, using: &random)).\(Int.random(in: 1...30, using: &random))"
        let value = "\(round)"
        update.values.removeAll { $0.path == path }
        update.values.append(ReportedValue(path: path, value: value))
      }
      if Int.random(in: 0..<4, using: &random) == 0 {
        let object = "D.\(Int.random(in: 1...30, using: &random))."
        update.deletedObject = object
        for path in model.keys where path.hasPrefix(object) { model[path] = nil }
      }
      for value in update.values { model[value.path] = value.value }
      _ = tree.apply(update)
      tree = try Self.stored(tree)
      #expect(
        Dictionary(uniqueKeysWithValues: tree.parameters.map { ($0.path, $0.value ?? "") })
          == model, "seed \(seed), round \(round)")
      #expect(tree.parameters.map(\.path) == model.keys.sorted(), "seed \(seed), round \(round)")
    }
  }
}
