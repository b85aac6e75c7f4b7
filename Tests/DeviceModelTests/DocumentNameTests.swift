import DeviceModel
import Testing

/// Which document an import means.
@Suite struct DocumentNameTests {
  private static let files = [
    "tr-181-2-18-0-common.xml", "tr-181-2-19-0-common.xml", "tr-181-2-19-1-common.xml",
    "tr-181-2-19-1-usp.xml", "tr-157-1-9-0.xml", "tr-106-types.xml",
  ]

  @Test(arguments: [
    ("tr-106-types.xml", "", "tr-106-types.xml"),
    (
      "tr-181-2-common.xml", "urn:broadband-forum-org:tr-181-2-19-common",
      "tr-181-2-19-1-common.xml"
    ),
    (
      "tr-181-2-common.xml", "urn:broadband-forum-org:tr-181-2-18-common",
      "tr-181-2-18-0-common.xml"
    ),
    ("tr-181-2-common.xml", "", "tr-181-2-19-1-common.xml"),
    ("tr-157-1-9.xml", "", "tr-157-1-9-0.xml"),
  ])
  func theNewestThatFitsIsMeant(file: String, spec: String, expected: String) {
    #expect(ModelLibrary.choose(file: file, spec: spec, among: Self.files) == expected)
  }

  @Test(arguments: [
    "../tr-106-types.xml", "/etc/tr-181-2-common.xml", "http://a/tr-181-2-common.xml", "", "x.xml",
    "tr-181-3-common.xml",
  ])
  func othersAreNone(file: String) {
    #expect(ModelLibrary.choose(file: file, spec: "", among: Self.files) == nil)
  }
}
