/// The hooks that change the text of an envelope.
extension Quirk {
  func alter(_ pieces: inout [EnvelopePiece]) {
    switch self {
    case .noHeader: pieces.removeElements("Header")
    case .noID: pieces.removeElements("ID")
    case .emptyID: pieces.changeTexts(of: ["ID"]) { _ in "" }
    case .constantID:
      // Answers carry the ACS's ID.
      guard !Self.isAnswer(pieces) else { return }
      pieces.changeTexts(of: ["ID"]) { _ in "1" }
    case .noMoreRequests:
      guard let index = pieces.firstIndex(where: { $0.closes("Header") }) else { return }
      pieces.insert(.tag("<cwmp:NoMoreRequests>1</cwmp:NoMoreRequests>"), at: index)
    case .sessionTimeout:
      insert("<cwmp:SessionTimeout>60</cwmp:SessionTimeout>", intoInform: &pieces)
    case .supportedVersions:
      insert(
        "<cwmp:SupportedCWMPVersions>1.0, 1.1, 1.2, 1.3, 1.4</cwmp:SupportedCWMPVersions>",
        intoInform: &pieces)
    case .externalEntity:
      guard let envelope = pieces.firstIndex(where: { $0.opens("Envelope") }) else { return }
      pieces.changeTexts(of: ["Manufacturer"]) { $0 + "&secret;" }
      pieces.insert(
        .tag("<!DOCTYPE e [<!ENTITY secret SYSTEM \"file:///etc/passwd\">]>"), at: envelope)
    case .controlCharacters:
      guard let index = pieces.firstIndex(where: { $0.opens("Value") }),
        pieces.indices.contains(index + 1), case .text(let text) = pieces[index + 1]
      else { return }
      pieces[index + 1] = .text(text + "\u{02}")
    default:
      alterNames(&pieces)
      alterValues(&pieces)
      alterFaults(&pieces)
    }
  }

  private func insert(_ header: String, intoInform pieces: inout [EnvelopePiece]) {
    guard pieces.contains(where: { $0.opens("Inform") }),
      let index = pieces.firstIndex(where: { $0.closes("Header") })
    else { return }
    pieces.insert(.tag(header), at: index)
  }

  private static func isAnswer(_ pieces: [EnvelopePiece]) -> Bool {
    guard let body = pieces.firstIndex(where: { $0.opens("Body") }),
      pieces.indices.contains(body + 1), let name = pieces[body + 1].name
    else { return false }
    return name.hasSuffix("Response") || name == "Fault"
  }

  /// Prefixes, namespaces, quotes, array types, indentation.
  private func alterNames(_ pieces: inout [EnvelopePiece]) {
    func rename(_ envelope: String, _ encoding: String) {
      pieces.changeTags { tag in
        tag.replacing("soap-env", with: envelope).replacing("soap-enc", with: encoding)
      }
    }
    switch self {
    case .prefixUpperCase: rename("SOAP-ENV", "SOAP-ENC")
    case .prefixUnderscore: rename("soap_env", "soap_enc")
    case .prefixSwapped: rename("soapenv", "soap")
    case .schema1999: pieces.changeTags { $0.replacing("org/2001/XML", with: "org/1999/XML") }
    case .singleQuotes: pieces.changeTags { $0.replacing("\"", with: "'") }
    case .noDeclaration:
      guard case .tag(let tag) = pieces.first, tag.hasPrefix("<?") else { return }
      pieces.removeFirst()
      if case .text = pieces.first { pieces.removeFirst() }
    case .namespace10: pieces.changeTags { $0.replacing("cwmp-1-2", with: "cwmp-1-0") }
    case .namespace14: pieces.changeTags { $0.replacing("cwmp-1-2", with: "cwmp-1-4") }
    case .standaloneDeclaration:
      guard case .tag(let tag) = pieces.first, tag.hasPrefix("<?") else { return }
      pieces[0] = .tag(tag.replacing("?>", with: " standalone=\"no\"?>"))
    case .defaultNamespace: Self.useDefaultNamespace(&pieces)
    case .arrayCountMissing:
      pieces.changeTags { tag in
        guard let start = tag.firstRange(of: " soap-enc:arrayType=\""),
          let end = tag[start.upperBound...].firstIndex(of: "\"")
        else { return tag }
        return String(tag[..<start.lowerBound] + tag[tag.index(after: end)...])
      }
    case .arrayCountWrong: Self.changeCounts(&pieces) { String($0 * 2 + 16) }
    case .arrayCountPadded:
      Self.changeCounts(&pieces) { count in
        String(repeating: "0", count: max(0, 4 - String(count).count)) + String(count)
      }
    case .arrayTyped:
      pieces.changeTags { tag in
        tag.replacing(
          " soap-enc:arrayType", with: " xsi:type=\"soap-enc:Array\" soap-enc:arrayType")
      }
    case .prettyPrinted: Self.indent(&pieces)
    default: break
    }
  }

  /// Attributes keep the prefix: without one they would be in no namespace.
  private static func useDefaultNamespace(_ pieces: inout [EnvelopePiece]) {
    pieces.changeTags { tag in
      for start in ["<", "</"] where tag.hasPrefix(start + "soap-env:") {
        let name = start + tag.dropFirst((start + "soap-env:").count)
        guard name.hasPrefix("<Envelope ") else { return name }
        return name.replacing(
          "<Envelope ", with: "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\" ")
      }
      return tag
    }
  }

  private static func changeCounts(_ pieces: inout [EnvelopePiece], _ change: (Int) -> String) {
    pieces.changeTags { tag in
      guard tag.contains("arrayType="), let open = tag.lastIndex(of: "["),
        let close = tag.lastIndex(of: "]"), open < close,
        let count = Int(tag[tag.index(after: open)..<close])
      else { return tag }
      return tag[...open] + change(count) + tag[close...]
    }
  }

  private static func indent(_ pieces: inout [EnvelopePiece]) {
    var result: [EnvelopePiece] = []
    var depth = 0
    var previous: EnvelopePiece?
    for piece in pieces {
      if piece.isClosing { depth -= 1 }
      if case .tag = piece, case .tag = previous,
        !(piece.isClosing && !(previous?.isClosing ?? true))
      {
        result.append(.text("\n" + String(repeating: "  ", count: max(0, depth))))
      }
      result.append(piece)
      if case .tag = piece, !piece.isClosing, piece.name != nil { depth += 1 }
      previous = piece
    }
    pieces = result
  }

  /// Names and values of parameters.
  private func alterValues(_ pieces: inout [EnvelopePiece]) {
    switch self {
    case .noTypes:
      pieces.changeTags { tag in
        guard tag.hasPrefix("<Value "), let end = tag.firstIndex(of: " ") else { return tag }
        return tag[..<end] + ">"
      }
    case .typesEverywhere: Self.addTypes(&pieces)
    case .selfClosing: Self.closeEmptyElements(&pieces)
    case .noValueElement:
      var result: [EnvelopePiece] = []
      for piece in pieces {
        if piece.closes("Value"), result.last?.opens("Value") ?? false {
          result.removeLast()
        } else {
          result.append(piece)
        }
      }
      pieces = result
    case .cdata:
      pieces.changeTexts(of: ["Name", "Value"]) { text in
        text.contains("&") ? text : "<![CDATA[\(text)]]>"
      }
    case .surroundingSpace:
      pieces.changeTexts(of: ["Name", "Value"]) { text in
        text.isEmpty ? text : "\n        \(text)\n      "
      }
    case .partialPathObject:
      for index in pieces.indices.dropFirst(3) where pieces[index].opens("Value") {
        guard case .text(let name) = pieces[index - 2], name.hasSuffix(".") else { continue }
        pieces[index] = .tag("<Value xsi:type=\"object\">")
      }
    default: break
    }
  }

  /// Elements with a text, or with nothing in them, are strings as long as they say nothing else.
  private static func addTypes(_ pieces: inout [EnvelopePiece]) {
    for index in pieces.indices.dropLast() where !pieces[index].isClosing {
      guard case .tag(let tag) = pieces[index], pieces[index].name != nil, !tag.contains(" "),
        !tag.hasSuffix("/>")
      else { continue }
      if case .tag = pieces[index + 1], !pieces[index + 1].isClosing { continue }
      pieces[index] = .tag(tag.dropLast() + " xsi:type=\"xsd:string\">")
    }
  }

  private static func closeEmptyElements(_ pieces: inout [EnvelopePiece]) {
    var result: [EnvelopePiece] = []
    for piece in pieces {
      if let name = piece.name, piece.isClosing, case .tag(let tag) = result.last,
        result.last?.opens(String(name)) ?? false, !tag.hasSuffix("/>")
      {
        result[result.count - 1] = .tag(tag.dropLast() + "/>")
      } else {
        result.append(piece)
      }
    }
    pieces = result
  }

  private func alterFaults(_ pieces: inout [EnvelopePiece]) {
    switch self {
    case .malformedFault:
      guard let open = pieces.firstIndex(where: { $0.opens("faultstring") }),
        let close = pieces.firstIndex(where: { $0.closes("faultstring") }),
        let end = pieces.firstIndex(where: { $0.closes("detail") }), close < end
      else { return }
      let closing = pieces[close]
      pieces.insert(closing, at: end + 1)
      pieces.removeSubrange((open + 1)...close)
    case .faultStructLast:
      guard let start = pieces.firstIndex(where: { $0.opens("FaultStruct") }),
        let end = pieces.firstIndex(where: { $0.closes("FaultStruct") }),
        let last = pieces.firstIndex(where: { $0.closes("TransferComplete") }), start < end,
        end < last
      else { return }
      let fault = pieces[start...end]
      pieces.insert(contentsOf: fault, at: last)
      pieces.removeSubrange(start...end)
    case .unitFaultStruct:
      guard pieces.contains(where: { $0.opens("DUStateChangeComplete") }) else { return }
      for name in ["Resolved", "ExecutionUnitRefList", "StartTime", "CompleteTime"] {
        pieces.removeElements(name)
      }
      pieces.changeTags { tag in
        tag == "<Fault>" ? "<FaultStruct>" : tag == "</Fault>" ? "</FaultStruct>" : tag
      }
    default: break
    }
  }
}
