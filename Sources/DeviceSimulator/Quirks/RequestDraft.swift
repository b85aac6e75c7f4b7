/// One POST before it goes out, in the form in which quirks change it.
struct RequestDraft: Equatable {
  /// Names and values, in their order.
  var fields: [(name: String, value: String)]
  var body: [UInt8]
  /// The element in the Body, such as `Inform`; nil for an empty POST.
  var method: String?
  /// Whether the body waits for `100 Continue`.
  var expectsContinue = false
  var isChunked = false
  /// The HTTP version in the request line.
  var version = "1.1"
  /// What Content-Length says, where that is not the length.
  var claimedLength: Int?

  subscript(name: String) -> String? {
    get { fields.first { $0.name == name }?.value }
    set {
      guard let newValue else { return fields.removeAll { $0.name == name } }
      if let index = fields.firstIndex(where: { $0.name == name }) {
        fields[index].value = newValue
      } else {
        fields.append((name, newValue))
      }
    }
  }

  static func == (left: RequestDraft, right: RequestDraft) -> Bool {
    left.fields.elementsEqual(right.fields) { $0 == $1 } && left.body == right.body
      && left.method == right.method && left.expectsContinue == right.expectsContinue
      && left.isChunked == right.isChunked && left.version == right.version
      && left.claimedLength == right.claimedLength
  }
}

extension Quirk {
  /// The hook that changes a POST; compression comes before it.
  func alter(_ draft: inout RequestDraft) {
    switch self {
    case .emptyPostContentType where draft.method == nil:
      draft["Content-Type"] = "text/xml; charset=\"utf-8\""
      draft["SOAPAction"] = ""
    case .emptyPostBlankContentType where draft.method == nil: draft["Content-Type"] = ""
    case .emptyPostGzip where draft.method == nil: draft["Content-Encoding"] = "gzip"
    case .contentTypeBare where draft.method != nil: draft["Content-Type"] = "text/xml"
    case .contentTypeHTML where draft.method != nil: draft["Content-Type"] = "text/html"
    case .contentTypeEncoding where draft.method != nil:
      draft["Content-Type"] = "text/xml; encoding=utf-8"
    case .contentTypeMissing: draft["Content-Type"] = nil
    case .soapActionMissing: draft["SOAPAction"] = nil
    case .soapActionMethod where draft.method != nil:
      draft["SOAPAction"] = "cwmp:" + (draft.method ?? "")
    case .expectContinue where draft.method != nil:
      draft["Expect"] = "100-continue"
      draft.expectsContinue = true
    case .http10: draft.version = "1.0"
    case .digestQuoted:
      guard let value = draft["Authorization"], value.hasPrefix("Digest ") else { return }
      draft["Authorization"] = Self.quoted(value)
    case .chunkedBody where draft.method != nil: draft.isChunked = true
    case .contentLengthCharacters where draft.method != nil:
      // Of UTF-8, each byte that goes on is not counted.
      draft.claimedLength = draft.body.count { $0 & 0xC0 != 0x80 }
    case .lowerCaseFields: draft.fields = draft.fields.map { ($0.name.lowercased(), $0.value) }
    case .cookieWithAttributes, .cookieAttributeFirst, .cookieQuoted, .cookieNever:
      guard let cookie = draft["Cookie"] else { return }
      draft["Cookie"] = changedCookie(cookie)
    default: break
    }
  }

  /// Every directive in quotes, and no space behind the commas.
  private static func quoted(_ authorization: String) -> String {
    let directives = authorization.dropFirst("Digest ".count).split(separator: ", ").map {
      directive in
      guard let equals = directive.firstIndex(of: "="), !directive.hasSuffix("\"") else {
        return String(directive)
      }
      return directive[...equals] + "\"" + directive[directive.index(after: equals)...] + "\""
    }
    return "Digest " + directives.joined(separator: ",")
  }

  private func changedCookie(_ cookie: String) -> String? {
    switch self {
    case .cookieWithAttributes: cookie + "; Path=/"
    case .cookieAttributeFirst: "Path=/; " + cookie
    case .cookieQuoted:
      cookie.split(separator: "; ").map { pair in
        guard let equals = pair.firstIndex(of: "=") else { return String(pair) }
        return pair[...equals] + "\"" + pair[pair.index(after: equals)...] + "\""
      }.joined(separator: ", ")
    default: nil
    }
  }
}
