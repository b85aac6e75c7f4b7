import Fleet
import Foundation
import ServerConfiguration
import Testing

@Suite struct DocumentsTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// With `FAIRLEAD_WRITE_DOCUMENTS` set, the document is written rather than compared.
  @Test func theReferenceIsMadeFromTheTable() throws {
    let document = Self.root.appending(path: "Documentation/configuration.md")
    let made = ConfigurationReference.markdown()
    if ProcessInfo.processInfo.environment["FAIRLEAD_WRITE_DOCUMENTS"] != nil {
      try made.write(to: document, atomically: true, encoding: .utf8)
    }
    let written = try String(contentsOf: document, encoding: .utf8)
    #expect(
      written == made, "run make documents to write Documentation/configuration.md from the table")
  }

  @Test func theExampleOfAFileIsValid() throws {
    let name = "Examples/acsd.yaml"
    let text = try String(contentsOf: Self.root.appending(path: name), encoding: .utf8)
    let configuration = try EffectiveConfiguration.resolve(file: (name, text))
    #expect(configuration.warnings.isEmpty)
    #expect(configuration.settings.dataDirectory == "/var/lib/fairlead")
  }

  @Test func theExampleOfARolloutIsValidAndSaysNothingButTheDefaults() throws {
    let name = "Examples/firmware-rollout.yaml"
    let text = try String(contentsOf: Self.root.appending(path: name), encoding: .utf8)
    let file = ResourceFile(text, file: name)
    #expect(file.diagnostics == [])
    let resource = try #require(file.resources.first)
    #expect(file.resources.count == 1)
    #expect(resource.name == "sg-181-version-2")
    guard case .firmwareRollout(let spec) = resource.content else {
      Issue.record("not a rollout")
      return
    }
    #expect(spec.image.version == "2.0.0")
    #expect(
      spec == RolloutSpec(selector: spec.selector, image: spec.image),
      "the values in the example are the defaults, so that leaving them out changes nothing")
    #expect(spec.selector == (try Selector(parsing: "DeviceInfo.ModelName=Fairlead SG-181")))
  }
}
