extension DeviceSwitchesSpec {
  /// Reads the `spec` of a document of the kind DeviceSwitches; nil where it is not in order, which the reader tells.
  init?(of document: ResourceReader.Members, reader: inout ResourceReader) {
    let problemsBefore = reader.diagnostics.count
    guard
      let spec = reader.members(
        "spec", of: document,
        known: ["selector", "messages", "reading", "connectionRequests", "dataModel"],
        isRequired: true)
    else { return nil }
    let selector = Selector(
      of: spec,
      hint: "write for example DeviceInfo.Manufacturer=TP-Link*; name=* means every device",
      reader: &reader)
    if let selector { Self.check(selector, at: spec, reader: &reader) }
    var switches = DeviceSwitches()
    if let messages = reader.members(
      "messages", of: spec,
      known: ["xmlDeclaration", "booleans", "timeFractions", "compression"], isRequired: false)
    {
      switches.xmlDeclaration = reader.flag("xmlDeclaration", of: messages)
      switches.booleans = reader.word("booleans", of: messages)
      switches.timeFractions = reader.flag("timeFractions", of: messages)
      switches.compression = reader.flag("compression", of: messages)
    }
    if let reading = reader.members(
      "reading", of: spec, known: ["batchSize", "names"], isRequired: false)
    {
      switches.batchSize = reader.integer(
        "batchSize", of: reading, in: DeviceSwitches.batchSizes)
      switches.nameListing = reader.word("names", of: reading)
    }
    if let requests = reader.members(
      "connectionRequests", of: spec, known: ["methods", "basic"], isRequired: false)
    {
      switches.connectionMethods = reader.texts("methods", of: requests)?.compactMap {
        reader.word($0)
      }
      switches.basicConnectionRequests = reader.flag("basic", of: requests)
    }
    if let name = reader.text("dataModel", of: spec) {
      switches.dataModel = name.value
      if name.value.wholeMatch(of: /[A-Za-z0-9._:-]{1,100}/) == nil {
        reader.problem(
          "“\(name.value.clipped(to: 64))” is no name of a data model.",
          hint: "write one that “acsctl model list” shows", at: name)
      }
    }
    guard reader.diagnostics.count == problemsBefore, let selector else { return nil }
    if switches == DeviceSwitches() {
      reader.problem(
        "Nothing is switched.", hint: "write messages, reading, connectionRequests or dataModel",
        field: "spec", mark: spec.mark)
      return nil
    }
    self.init(selector: selector, switches: switches)
  }

  private static func check(
    _ selector: Selector, at spec: ResourceReader.Members, reader: inout ResourceReader
  ) {
    for term in selector.terms {
      switch term.subject {
      case .name: continue
      case .fact(let name) where factNames.contains(name): continue
      case .tag, .online, .fact:
        reader.problem(
          "A device has to be known by what it tells before anything is sent to it.",
          hint: "use name, \(factNames.joined(separator: ", "))", field: "spec.selector",
          mark: spec.mark(of: "selector"))
        return
      }
    }
  }
}
