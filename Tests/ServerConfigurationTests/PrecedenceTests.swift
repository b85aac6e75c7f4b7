import ArgumentParser
import ServerConfiguration
import Testing

@Suite struct PrecedenceTests {
  private static let file = (name: "acsd.yaml", text: "# ports\ncwmp:\n  port: 1001\n")
  private static let environment = ["FAIRLEAD_CWMP_PORT": "1002"]

  @Test func aFlagBeatsTheEnvironmentWhichBeatsTheFileWhichBeatsTheDefault() throws {
    let flags = try ConfigurationFlags.parse(["--cwmp-port", "1003"])
    let all = try EffectiveConfiguration.resolve(
      flags: flags, environment: Self.environment, file: Self.file)
    #expect(all.settings.cwmp.port == 1003)
    #expect(all.origin(of: "cwmp.port") == .flag("cwmp-port"))

    let noFlag = try EffectiveConfiguration.resolve(
      environment: Self.environment, file: Self.file)
    #expect(noFlag.settings.cwmp.port == 1002)
    #expect(noFlag.origin(of: "cwmp.port") == .environment("FAIRLEAD_CWMP_PORT"))

    let fileAlone = try EffectiveConfiguration.resolve(file: Self.file)
    #expect(fileAlone.settings.cwmp.port == 1001)
    #expect(fileAlone.origin(of: "cwmp.port") == .file(name: "acsd.yaml", line: 3, column: 9))

    let nothing = try EffectiveConfiguration.resolve()
    #expect(nothing.settings.cwmp.port == 7547)
    #expect(nothing.origin(of: "cwmp.port") == .builtIn)
  }

  @Test func nothingGivenIsTheDefaultsWithTheDirectoryOfFilesDerived() throws {
    var expected = Settings()
    expected.files.directory = ".fairlead/files"
    let configuration = try EffectiveConfiguration.resolve()
    #expect(configuration.settings == expected)
    #expect(configuration.origin(of: "files.directory") == .derived(from: "dataDirectory"))
    #expect(configuration.warnings.isEmpty)
  }

  @Test func theDirectoryOfFilesFollowsTheDataDirectoryUnlessItIsSet() throws {
    let flags = try ConfigurationFlags.parse(["--data-directory", "/var/lib/fairlead/"])
    #expect(
      try EffectiveConfiguration.resolve(flags: flags).settings.files.directory
        == "/var/lib/fairlead/files")
    #expect(
      try EffectiveConfiguration.resolve(
        flags: flags, environment: ["FAIRLEAD_FILES_DIRECTORY": "/srv/images"]
      ).settings.files.directory == "/srv/images")
  }

  @Test func listsComeFromRepeatedFlagsCommasAndYAML() throws {
    let flags = try ConfigurationFlags.parse([
      "--connection-requests-allow", "192.0.2.0/24, 198.51.100.7", "--connection-requests-allow",
      "2001:db8::/32", "--facts", "DeviceInfo.Manufacturer",
    ])
    let configuration = try EffectiveConfiguration.resolve(
      flags: flags, file: ("f", "connectionRequests: {deny: [10.0.0.0/8, '::1']}"))
    #expect(
      configuration.settings.connectionRequests.allow
        == ["192.0.2.0/24", "198.51.100.7", "2001:db8::/32"])
    #expect(configuration.settings.connectionRequests.deny == ["10.0.0.0/8", "::1"])
    #expect(configuration.settings.facts == ["DeviceInfo.Manufacturer"])
    #expect(try EffectiveConfiguration.resolve(file: ("f", "facts: []")).settings.facts == nil)
  }

  @Test func aNumberWithoutAUnitCountsInTheUnitOfItsSetting() throws {
    let configuration = try EffectiveConfiguration.resolve(
      file: (
        "f",
        """
        store: {commitDelay: 7}
        cwmp: {sessionTimeout: 7, maxSessionLength: 2h, maxBody: 1048576}
        files: {maxSize: 3 gib, linkLifetime: 2d, url: "https://files.example.net/acs//"}
        """
      ))
    #expect(configuration.settings.store.commitDelay == .milliseconds(7))
    #expect(configuration.settings.cwmp.sessionTimeout == .seconds(7))
    #expect(configuration.settings.cwmp.maxSessionLength == .seconds(7200))
    #expect(configuration.settings.cwmp.maxBody == 1 << 20)
    #expect(configuration.settings.files.maxSize == 3 << 30)
    #expect(configuration.settings.files.linkLifetime.inSeconds == 172_800)
    #expect(configuration.settings.files.url == "https://files.example.net/acs")
  }

  @Test func anEmptyFileAndAnEmptySectionSetNothing() throws {
    for text in ["", "# nothing\n", "cwmp:\n", "---\n"] {
      let configuration = try EffectiveConfiguration.resolve(file: ("f", text))
      #expect(configuration.settings.cwmp == Settings().cwmp)
    }
  }
}
