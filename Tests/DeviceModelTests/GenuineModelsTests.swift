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

  @Test(
    .enabled(if: directory != nil, "no published models here"),
    arguments: [
      ("full/tr-181-2-19-1-cwmp-full.xml", [873, 7_343, 0, 0]),
      ("full/tr-181-2-19-1-usp-full.xml", [822, 6_722, 179, 53]),
      ("full/tr-098-1-8-0-full.xml", [192, 1_801, 0, 0]),
    ])
  func theyHaveAsManyItemsAsTheyAreKnownToHave(path: String, counts: [Int]) throws {
    let (model, diagnostics) = try Self.compile(path, alone: true)
    #expect(diagnostics.isEmpty, "\(diagnostics.prefix(9))")
    #expect(
      [ModelItem.Kind.object, .parameter, .command, .event].map { kind in
        model.items.count { $0.kind == kind }
      } == counts)
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
  }
}
