import DeviceModel
import Foundation
import Testing

/// The models that the Broadband Forum publishes, where they are at hand.
@Suite struct GenuineModelsTests {
  private static let directory: URL? = {
    let path = ProcessInfo.processInfo.environment["FAIRLEAD_TEST_DATA"] ?? "../shared/data"
    let url = URL(fileURLWithPath: path).appendingPathComponent("models")
    return FileManager.default.fileExists(atPath: url.path) ? url : nil
  }()

  /// Compiles a document with all that are beside it.
  private static func compile(_ path: String, alone: Bool) throws -> (DataModel, [ModelDiagnostic])
  {
    let file = try #require(directory).appendingPathComponent(path)
    let folder = file.deletingLastPathComponent()
    var library = ModelLibrary()
    let names =
      alone
      ? [file.lastPathComponent]
      : try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
        $0.hasSuffix(".xml")
      }
    for name in names {
      let content = try Data(contentsOf: folder.appendingPathComponent(name))
      library.add(try ModelDocument(Array(content), file: name))
    }
    let (model, diagnostics) = DataModel.compile(file.lastPathComponent, in: library)
    return (try #require(model), diagnostics)
  }

  /// Objects, parameters, commands, events, all arguments, profiles for others, profiles that only build others.
  private static let counts: [(String, [Int])] = [
    ("tr-181-2-19-1-cwmp", [873, 7_343, 0, 0, 0, 239, 4]),
    ("tr-181-2-19-1-usp", [822, 6_722, 179, 53, 1_142, 260, 4]),
    ("tr-098-1-8-0", [192, 1_801, 0, 0, 0, 92, 0]),
    ("tr-104-1-1-0", [43, 350, 0, 0, 0, 5, 0]),
    ("tr-104-2-0-2-cwmp", [113, 849, 0, 0, 0, 21, 0]),
    ("tr-104-2-0-2-usp", [110, 840, 3, 0, 9, 21, 0]),
    ("tr-106-1-2-0", [19, 156, 0, 0, 0, 13, 0]),
    ("tr-135-1-4-1-cwmp", [99, 519, 0, 0, 0, 28, 8]),
    ("tr-140-1-3-1-cwmp", [19, 126, 0, 0, 0, 15, 0]),
    ("tr-181-1-7-0", [120, 848, 0, 0, 0, 66, 0]),
    ("tr-196-2-1-2-cwmp", [245, 1_734, 0, 0, 0, 71, 0]),
  ]

  @Test(.enabled(if: directory != nil, "no published models here"), arguments: counts)
  func theyHaveAsMuchAsTheyAreKnownToHave(name: String, counts: [Int]) throws {
    let (model, diagnostics) = try Self.compile("full/\(name)-full.xml", alone: true)
    #expect(diagnostics.isEmpty, "\(diagnostics.prefix(9))")
    let kinds = Dictionary(grouping: model.items, by: \.kind).mapValues(\.count)
    let arguments = [
      ModelItem.Kind.inputParameter, .inputObject, .outputParameter, .outputObject,
      .eventParameter, .eventObject,
    ]
    let internalProfiles = model.profiles.count { $0.name.hasPrefix("_") }
    #expect(
      [ModelItem.Kind.object, .parameter, .command, .event].map { kinds[$0] ?? 0 }
        + [
          arguments.reduce(0) { $0 + (kinds[$1] ?? 0) },
          model.profiles.count - internalProfiles, internalProfiles,
        ] == counts)
  }

  @Test(.enabled(if: directory != nil, "no published models here"))
  func whatTheyRequireAndReferToIsThere() throws {
    let (model, _) = try Self.compile("full/tr-181-2-19-1-usp-full.xml", alone: true)
    let paths = Set(model.items.map(\.path))
    for profile in model.profiles {
      for requirement in profile.requirements {
        #expect(paths.contains(requirement.path), "\(profile.name): \(requirement.path)")
      }
      let known = Set(model.profiles.map(\.name))
      #expect(profile.includes.allSatisfy(known.contains), "\(profile.name): \(profile.includes)")
    }
    var missing: [String] = []
    var count = 0
    for (place, item) in model.items.enumerated() {
      for reference in item.syntax?.references ?? [] {
        let targets = model.targets(of: reference, at: place)
        count += targets.count
        #expect(targets.count == reference.targets.count, "\(item.path)")
        missing += targets.filter { !paths.contains($0) && !paths.contains($0 + "{i}.") }
      }
    }
    #expect(count == 373)
    #expect(missing == Self.misspelt)
  }

  /// Targets that the published model does not have.
  private static let misspelt = ["Device.ExecEnv."]

  /// Indentation differs.
  private static func words(_ text: String) -> [Substring] {
    text.split(whereSeparator: \.isWhitespace)
  }

  /// The seed of the rewriting.
  private static let seed: UInt64 = 181

  @Test(
    .enabled(if: directory != nil, "no published models here"),
    arguments: ["full/tr-104-2-0-2-usp-full.xml", "full/tr-098-1-8-0-full.xml"])
  func howTheyAreWrittenMeansNothing(path: String) throws {
    let file = try #require(Self.directory).appendingPathComponent(path)
    let text = try String(contentsOf: file, encoding: .utf8)
    var random = SeededNumbers(seed: Self.seed)
    let rewritten = ElementTree(text).rewritten(&random).text
    let (before, _) = try Self.compile(text)
    let (after, diagnostics) = try Self.compile(rewritten)
    #expect(diagnostics.isEmpty, "\(diagnostics.prefix(9))")
    #expect(ModelTable(before).rows == ModelTable(after).rows)
    #expect(before.profiles.count == after.profiles.count)
    for (place, item) in after.items.enumerated() {
      let other = try #require(before[item.path])
      #expect(item.syntax == other.syntax, "\(item.path)")
      #expect(item.description == other.description, "\(item.path)")
      #expect(
        item.syntax?.enumerations.map(\.description)
          == other.syntax?.enumerations.map(\.description), "\(item.path)")
      #expect(item.table?.most == other.table?.most)
      #expect(item.parent.map { $0 < place && item.path.hasPrefix(after.items[$0].path) } ?? true)
      #expect(
        item.parent.map { after.items[$0].path } == other.parent.map { before.items[$0].path },
        "\(item.path)")
    }
  }

  /// Damaged documents, each from the next seed.
  private static let damages = 40

  @Test(
    .enabled(if: directory != nil, "no published models here"),
    arguments: ["fixtures/command-test.xml", "full/tr-106-1-2-0-full.xml"])
  func damagedOnesGiveAModelOrSayWhy(path: String) throws {
    let file = try #require(Self.directory).appendingPathComponent(path)
    let tree = ElementTree(try String(contentsOf: file, encoding: .utf8))
    for seed in 0..<UInt64(Self.damages) {
      var random = SeededNumbers(seed: seed)
      var strays: [ElementTree] = []
      let text = tree.damaged(&random, one: 1 << (2 + Int(seed % 8)), strays: &strays).text
      var library = ModelLibrary()
      do {
        library.add(try ModelDocument(Array(text.utf8), file: "test.xml"))
      } catch {
        continue
      }
      let (model, diagnostics) = DataModel.compile("test.xml", in: library)
      guard let model else {
        #expect(!diagnostics.isEmpty, "seed \(seed)")
        continue
      }
      for (place, item) in model.items.enumerated() {
        #expect(item.parent.map { $0 < place } ?? true, "seed \(seed), \(item.path)")
        #expect(model.place(of: item.path) != nil, "seed \(seed), \(item.path)")
        #expect(item.kind.isParameter == (item.syntax != nil), "seed \(seed), \(item.path)")
        #expect(item.kind.isObject == (item.table != nil), "seed \(seed), \(item.path)")
      }
      var exported = ModelLibrary()
      let export = ModelExport(model).text
      exported.add(try ModelDocument(Array(export.utf8), file: "test.xml"))
      let again = try #require(
        DataModel.compile("test.xml", model: model.name, in: exported).model, "seed \(seed)")
      #expect(ModelTable(again).rows == ModelTable(model).rows, "seed \(seed)")
    }
  }

  private static func compile(_ text: String) throws -> (DataModel, [ModelDiagnostic]) {
    var library = ModelLibrary()
    library.add(try ModelDocument(Array(text.utf8), file: "test.xml"))
    let (model, diagnostics) = DataModel.compile("test.xml", in: library)
    return (try #require(model), diagnostics)
  }

  @Test(
    .enabled(if: directory != nil, "no published models here"),
    arguments: [
      ("modular-cwmp/tr-181-2-19-1-cwmp.xml", "full/tr-181-2-19-1-cwmp-full.xml"),
      ("modular-usp/tr-181-2-19-1-usp.xml", "full/tr-181-2-19-1-usp-full.xml"),
      ("modular-tr098/tr-098-1-8-0.xml", "full/tr-098-1-8-0-full.xml"),
    ])
  func theModularOnesAreTheSame(modular: String, full: String) throws {
    let (parts, diagnostics) = try Self.compile(modular, alone: false)
    #expect(diagnostics.isEmpty, "\(diagnostics.prefix(9))")
    let (whole, _) = try Self.compile(full, alone: true)
    let rows = ModelTable(parts).rows
    let expected = ModelTable(whole).rows
    let differing = zip(rows, expected).filter { $0 != $1 }
    #expect(rows.count == expected.count)
    #expect(differing.isEmpty, "\(differing.prefix(3))")
    for item in whole.items {
      let same = try #require(parts[item.path])
      #expect(item.syntax == same.syntax, "\(item.path)")
      #expect(item.table == same.table, "\(item.path)")
      #expect(item.activeNotify == same.activeNotify, "\(item.path)")
      #expect(item.isForcedInform == same.isForcedInform, "\(item.path)")
      #expect(item.isMandatory == same.isMandatory, "\(item.path)")
      #expect(item.isAsynchronous == same.isAsynchronous, "\(item.path)")
      #expect(Self.words(item.description) == Self.words(same.description), "\(item.path)")
      #expect(
        item.syntax?.enumerations.map { Self.words($0.description) }
          == same.syntax?.enumerations.map { Self.words($0.description) }, "\(item.path)")
    }
    let profiles = Dictionary(parts.profiles.map { ($0.name, $0) }) { first, _ in first }
    #expect(parts.profiles.count == whole.profiles.count)
    for profile in whole.profiles {
      let same = try #require(profiles[profile.name])
      #expect(profile.includes == same.includes, "\(profile.name)")
      #expect(profile.version == same.version, "\(profile.name)")
      #expect(profile.status == same.status, "\(profile.name)")
      #expect(Set(profile.requirements) == Set(same.requirements), "\(profile.name)")
    }
  }
}
