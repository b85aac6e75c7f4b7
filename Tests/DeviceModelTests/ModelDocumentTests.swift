import DeviceModel
import Testing

/// What is taken for a document, and what is not.
@Suite struct ModelDocumentTests {
  private func refusal(_ text: String) -> ModelDiagnostic? {
    do {
      _ = try ModelText.read(text)
      return nil
    } catch {
      return (error as? ModelDocument.Failure)?.diagnostic
    }
  }

  @Test func anyVersionOfTheSchemaIsRead() throws {
    for minor in 0...30 {
      let text = ModelText.document("<model name=\"Device:1.0\"/>")
        .replacing("datamodel-1-14", with: "datamodel-1-\(minor)")
      #expect(try ModelText.read(text).models == ["Device:1.0"])
    }
  }

  @Test(arguments: [
    ("<deviceType xmlns='urn:dslforum-org:hdm-0-0'/>", "Home Device Manager"),
    ("<DeviceModel><parameters/></DeviceModel>", "vendor's own list"),
    ("<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'/>", "an XML Schema"),
    ("<document/>", "in another namespace"),
    ("<document xmlns='urn:example-com:datamodel-1-0'/>", "urn:example-com:datamodel-1-0"),
    ("<html><body/></html>", "a page of the web"), ("<Workbook/>", "a spreadsheet"),
    ("<other/>", "not a data model"),
  ])
  func documentsOfOtherKindsAreNamed(text: String, part: String) throws {
    let odd = try #require(refusal(text))
    #expect(odd.message.contains(part), "\(odd)")
    #expect(odd.message.contains("cwmp:datamodel-1-0"))
    #expect(odd.line == 1)
  }

  @Test func theLineOfAnErrorIsTold() throws {
    let error = try #require(
      refusal(ModelText.document("<model name='Device:1.0'>\n\n<object name='D.'>\n</model>")))
    #expect(error.line == 6)
    #expect(error.severity == .error)
    #expect(error.description.hasPrefix("test.xml:6: error: "))
  }

  @Test func entitiesOfTheInternalSubsetAreRead() throws {
    let text = ModelText.document(
      """
      <dataType name="Octet"><string><pattern value="&octet;&dot;"/></string></dataType>
      <model name="Device:1.0"><object name="Device."><parameter name="A">
      <syntax><dataType ref="Octet"/></syntax></parameter></object></model>
      """
    ).replacing(
      "<dm:document",
      with: "<!DOCTYPE d [<!ENTITY octet \"[0-9]+\"> <!ENTITY dot \"\\.\">]>\n<dm:document")
    var library = ModelLibrary()
    library.add(try ModelText.read(text))
    let model = try #require(DataModel.compile("test.xml", in: library).model)
    #expect(model.items.last?.syntax?.patterns == ["[0-9]+\\."])
  }

  @Test(arguments: [
    "<!DOCTYPE d SYSTEM \"file:///etc/passwd\">", "<!DOCTYPE d PUBLIC \"a\" \"http://127.0.0.1/\">",
    "<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
    "<!DOCTYPE d [<!ENTITY a \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY b \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\"><!ENTITY c \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\"><!ENTITY d \"&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;\"><!ENTITY e \"&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;\"><!ENTITY f \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"><!ENTITY x \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>",
    "<!DOCTYPE d [<!ENTITY x \"&x;\">]>",
  ])
  func othersAreNot(doctype: String) {
    let text = ModelText.document("<model name=\"&x;\"/>")
      .replacing("<dm:document", with: doctype + "\n<dm:document")
    #expect(refusal(text) != nil)
  }

  /// - Parameter count: how often each element names an entity of 900 bytes.
  private static func expanding(_ count: Int, elements: Int) -> String {
    let value = String(repeating: "&a;", count: count)
    let item = "<object name=\"\(value)\"/>\n"
    return ModelText.document(String(repeating: item, count: elements)).replacing(
      "<dm:document",
      with: "<!DOCTYPE d [<!ENTITY a \"\(String(repeating: "x", count: 900))\">]>\n<dm:document")
  }

  @Test func whatEntitiesBecomeIsBounded() throws {
    #expect(refusal(Self.expanding(18, elements: 1)) == nil)
    let long = try #require(refusal(Self.expanding(19, elements: 1)))
    #expect(long.message.contains("more than 16384 bytes") && long.line == 4, "\(long)")
    let huge = try #require(refusal(Self.expanding(10_000, elements: 240)))
    #expect(huge.message.contains("limit"), "\(huge)")
  }

  @Test func whatIsKeptOfADocumentIsBounded() throws {
    var limits = ModelDocument.Limits()
    limits.bytes = 64 << 10
    let text = Self.expanding(18, elements: 9)
    let failure = try #require(throws: ModelDocument.Failure.self) {
      try ModelDocument(Array(text.utf8), file: "test.xml", limits: limits)
    }
    #expect(failure.diagnostic.message.contains("131072 bytes"), "\(failure)")
    _ = try ModelDocument(
      Array(Self.expanding(18, elements: 8).utf8), file: "test.xml", limits: limits)
  }

  @Test func depthIsBounded() {
    let levels = String(repeating: "<object>", count: 60)
    #expect(refusal(ModelText.document(levels)) != nil)
  }
}
