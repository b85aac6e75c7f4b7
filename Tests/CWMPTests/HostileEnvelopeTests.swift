import CWMP
import Testing

/// Messages that are too much: each is refused at its limit, and what the decoder holds until then is counted.
@Suite struct HostileEnvelopeTests {
  private static let pieceLength = 64 << 10
  private static let start = "<Envelope><Body><GetParameterValuesResponse><ParameterList>"

  /// What an endless message has cost until it was refused.
  private struct Cost {
    var error: CWMPError?
    var bytes = 0
    var peakFootprint = 0
    /// What the decoder keeps when the next message begins.
    var keptFootprint = 0
  }

  /// Feeds the start, then entries for as long as they are taken.
  private func cost(
    after start: String = start, limits: EnvelopeDecoder.Limits = .init(), entries: Int,
    _ entry: (Int) -> String
  ) -> Cost {
    let decoder = EnvelopeDecoder(limits: limits)
    var cost = Cost()
    var piece = Array(start.utf8)
    decoder.begin()
    var made = 0
    while made <= entries, cost.error == nil {
      while piece.count < Self.pieceLength, made < entries {
        piece.append(contentsOf: entry(made).utf8)
        made += 1
      }
      cost.bytes += piece.count
      cost.error = piece.withUnsafeBytes { piece in
        do throws(CWMPError) {
          try decoder.feed(piece)
          return nil
        } catch {
          return error
        }
      }
      cost.peakFootprint = max(cost.peakFootprint, decoder.footprint)
      piece.removeAll(keepingCapacity: true)
      if made == entries { break }
    }
    decoder.begin()
    cost.keptFootprint = decoder.footprint
    return cost
  }

  private func expectOneShortLine(
    _ error: CWMPError?, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let text = error?.description ?? ""
    #expect(!text.isEmpty && text.utf8.count <= 320, sourceLocation: sourceLocation)
    #expect(text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, sourceLocation: sourceLocation)
  }

  @Test func tenMillionParametersAreRefusedAtTheLimit() {
    let limits = EnvelopeDecoder.Limits(parameters: 10_000)
    let result = cost(limits: limits, entries: 10_000_000) {
      QuirkEnvelope.value("InternetGatewayDevice.LANDevice.1.Hosts.Host.\($0).IPAddress", "secret")
    }
    #expect(result.error?.code == .limitExceeded)
    #expect(result.error?.message == "more than 10000 parameters in one envelope")
    #expect(result.bytes <= 10_000 * 160 + Self.pieceLength)
    // Three elements for each, and their texts.
    #expect(result.peakFootprint <= 10_000 * (3 * 48 + 64) * 2 + (1 << 20))
    #expect(result.keptFootprint <= 2 << 20)
    expectOneShortLine(result.error)
    #expect(!(result.error?.description.contains("secret") ?? true))
  }

  @Test func theDefaultLimitsBoundWhatAnAnswerCosts() {
    let limits = EnvelopeDecoder.Limits()
    let result = cost(entries: 10_000_000) { _ in
      "<ParameterValueStruct><Name>A</Name><Value/></ParameterValueStruct>"
    }
    #expect(result.error?.message == "more than \(limits.parameters) parameters in one envelope")
    #expect(result.peakFootprint <= 64 << 20)
    #expect(result.keptFootprint <= 2 << 20)
  }

  @Test(arguments: ["EventStruct", "ParameterFoo", "SetParameterValuesFault", "OpResultStruct"])
  func millionsOfOtherEntries(entry: String) {
    let limits = EnvelopeDecoder.Limits(bytes: 1 << 20, parameters: 100)
    let result = cost(after: "<Envelope><Body><Inform>", limits: limits, entries: 10_000_000) {
      _ in "<\(entry)/>"
    }
    #expect(result.error?.code == .limitExceeded)
    #expect(result.bytes <= 2 * Self.pieceLength)
    #expect(result.peakFootprint <= 1 << 20)
    expectOneShortLine(result.error)
  }

  @Test func aValueOfAHundredMegabytes() {
    let piece = String(repeating: "v", count: 1_024)
    let result = cost(
      after: Self.start + "<ParameterValueStruct><Name>A</Name><Value>", entries: 100 << 10
    ) { _ in piece }
    #expect(result.error?.code == .limitExceeded)
    #expect(result.bytes <= (1 << 20) + 2 * Self.pieceLength)
    #expect(result.peakFootprint <= 4 << 20)
    #expect(result.keptFootprint <= 2 << 20)
    expectOneShortLine(result.error)
    #expect(!(result.error?.description.contains("vvv") ?? true))
  }

  @Test func aHundredMegabytesInValuesThatAreAllowed() {
    let value = String(repeating: "v", count: 8 << 10)
    let limits = EnvelopeDecoder.Limits(bytes: 4 << 20)
    let result = cost(limits: limits, entries: 100 << 7) { _ in QuirkEnvelope.value("A", value) }
    #expect(result.error?.code == .limitExceeded)
    #expect(result.bytes <= (4 << 20) + Self.pieceLength)
    #expect(result.peakFootprint <= 16 << 20)
    #expect(result.keptFootprint <= 2 << 20)
    expectOneShortLine(result.error)
  }

  @Test func elementsWithinEachOther() {
    let result = cost(after: "<Envelope><Body>", entries: 200_000) { _ in "<a>" }
    #expect(result.error?.code == .limitExceeded)
    #expect(result.bytes <= 2 * Self.pieceLength)
    #expect(result.peakFootprint <= 1 << 20)
    expectOneShortLine(result.error)
  }

  @Test func methodsWithNamesOfAMegabyte() {
    let name = String(repeating: "m", count: 1 << 20)
    let result = cost(after: "<Envelope><Body><", entries: 10) { _ in name }
    #expect(result.error?.code == .limitExceeded)
    #expect(result.peakFootprint <= 1 << 20)
    expectOneShortLine(result.error)
    #expect(!(result.error?.description.contains("mmm") ?? true))
  }

  @Test(arguments: [
    "<!DOCTYPE a [<!ENTITY x 'y'>]><Envelope/>", "<Envelope>&nbsp;</Envelope>", "<Envelope><Body>",
    "<Envelope a='1' a='2'/>", "<Envelope>\u{0}", "{\"json\": true}", "GET / HTTP/1.1", "",
    "<html><head/></html>", "<Envelope/>", "<Envelope><Body><Inform/></Body></Envelope>",
  ])
  func aRefusalSaysWhyInOneLine(text: String) {
    expectOneShortLine(QuirkEnvelope.refusal(Array(text.utf8)))
  }
}
