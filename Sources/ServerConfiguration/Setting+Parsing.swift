import USP

extension Setting {
  /// What is wrong with a value, and what to write instead; never the value of a secret.
  package struct Problem: Error, Equatable {
    package var message: String
    package var suggestion: String?

    init(_ message: String, suggestion: String? = nil) {
      self.message = message
      self.suggestion = suggestion
    }
  }

  /// Reads a value as it stands in a flag or an environment variable; the elements of a list are separated by commas.
  package func parse(_ text: String) throws(Problem) -> SettingValue {
    switch kind {
    case .list:
      let elements = text.split(separator: ",").map { String($0.trimmingBlanks) }
      return try parse(elements: elements.filter { !$0.isEmpty })
    case .text(let form):
      try form.check(text)
      return .text(form == .baseURL ? text.withoutFinalSlashes : text)
    case .choice(let names):
      guard names.contains(text) else {
        throw Problem(
          "must be one of \(names.joined(separator: ", ")), not \(quoted(text))",
          suggestion: nearest(to: text, among: names).map { "did you mean \($0)?" })
      }
      return .text(text)
    case .boolean:
      switch text.lowercased() {
      case "true", "yes", "on": return .boolean(true)
      case "false", "no", "off": return .boolean(false)
      default: throw Problem("must be true or false, not \(quoted(text))")
      }
    case .count(let range):
      guard let value = Int(text) else {
        throw Problem("must be a whole number, not \(quoted(text))")
      }
      return try bounded(value, range)
    case .size(let range):
      guard
        let value = quantity(
          text, length: { $0.isEmpty ? 1 : SizeUnit.length(of: $0) })
      else {
        throw Problem(
          "must be a size, not \(quoted(text))",
          suggestion: "write a number of bytes, or a number with KiB, MiB or GiB")
      }
      return try bounded(value, range)
    case .duration(let range, let unit):
      guard
        let value = quantity(
          text, length: { $0.isEmpty ? unit.length : DurationUnit(rawValue: $0)?.length })
      else {
        throw Problem(
          "must be a duration, not \(quoted(text))",
          suggestion: "write a number of \(unit), or a number with ms, s, m, h or d")
      }
      return try bounded(value, range)
    }
  }

  /// Reads the elements of a list.
  package func parse(elements: [String]) throws(Problem) -> SettingValue {
    guard case .list(let form) = kind else {
      throw Problem("takes a single value, not a list")
    }
    for element in elements { try form.check(element) }
    return .list(elements)
  }

  /// The range in words, for example `1 to 65535`; nil where there is none.
  package var rangeText: String? {
    switch kind {
    case .count(let range), .size(let range), .duration(let range, _):
      "\(SettingValue.number(range.lowerBound).text(as: kind)) to "
        + SettingValue.number(range.upperBound).text(as: kind)
    case .choice(let names): names.joined(separator: ", ")
    case .text, .boolean, .list: nil
    }
  }

  private func bounded(_ value: Int, _ range: ClosedRange<Int>) throws(Problem) -> SettingValue {
    guard range.contains(value) else {
      let written = SettingValue.number(value).text(as: kind)
      throw Problem(
        "is out of range: \(written)", suggestion: rangeText.map { "it may be \($0)" })
    }
    return .number(value)
  }

  /// A whole number and a unit, with or without a space between; nil where it is neither or too large.
  private func quantity(_ text: String, length: (String) -> Int?) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let unit = text.dropFirst(digits.count).trimmingBlanks
    guard let number = Int(digits), let length = length(String(unit)) else { return nil }
    let (value, overflow) = number.multipliedReportingOverflow(by: length)
    return overflow ? nil : value
  }

  private func quoted(_ text: String) -> String {
    text.isEmpty ? "empty" : isSecret ? "what is written there" : "\"\(text.prefix(80))\""
  }
}

extension Setting.TextForm {
  fileprivate func check(_ text: String) throws(Setting.Problem) {
    if text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) {
      throw Setting.Problem("must not hold control characters")
    }
    switch self {
    case .any, .connectionString, .directory, .file: break
    case .digestAlgorithm:
      guard ["md5", "sha-256"].contains(text) else {
        throw Setting.Problem("must be md5 or sha-256, not \"\(text)\"")
      }
    case .host:
      guard AddressSyntax.isHost(text) else {
        throw Setting.Problem(
          "must be an IP address or a host name, not \"\(text)\"",
          suggestion: "0.0.0.0 is every IPv4 address, :: every address")
      }
    case .optionalHost:
      if !text.isEmpty { try Setting.TextForm.host.check(text) }
    case .domain:
      guard AddressSyntax.isHost(text) else {
        throw Setting.Problem(
          "must be a domain, not \"\(text)\"", suggestion: "for example devices.example.net")
      }
    case .endpointID:
      guard EndpointID(text) != nil else {
        throw Setting.Problem(
          "must be an endpoint ID, not \"\(text)\"",
          suggestion: "for example self::fairlead or fqdn::acs.example.net")
      }
    case .urlPath:
      guard text.hasPrefix("/"), text.utf8.count <= 256,
        text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && !"?#\"<>".utf8.contains($0) })
      else {
        throw Setting.Problem("must be a path, not \"\(text)\"", suggestion: "for example /usp")
      }
    case .fileMode:
      guard (3...4).contains(text.utf8.count), let mode = Int(text, radix: 8), mode <= 0o777 else {
        throw Setting.Problem(
          "must be the mode of a file, not \"\(text)\"", suggestion: "for example 0660")
      }
    case .webSocketURL:
      guard AddressSyntax.isWebSocketURL(text) else {
        throw Setting.Problem(
          "must be the URL of a WebSocket, not \"\(text)\"",
          suggestion: "for example wss://192.0.2.1:8443/usp")
      }
    case .connectionRequestMethod:
      let names = ["http", "udp", "xmpp"]
      guard names.contains(text) else {
        throw Setting.Problem(
          "must be one of \(names.joined(separator: ", ")), not \"\(text)\"",
          suggestion: nearest(to: text, among: names).map { "did you mean \($0)?" })
      }
    case .jabberID:
      guard text.isEmpty || AddressSyntax.isJabberID(text) else {
        throw Setting.Problem(
          "must be an XMPP account, not \"\(text)\"", suggestion: "for example acs@example.net/acs")
      }
    case .realm:
      guard !text.isEmpty, text.utf8.count <= 64,
        text.unicodeScalars.allSatisfy({ $0.isASCII && $0 != "\"" && $0 != "\\" && $0 != ":" })
      else {
        throw Setting.Problem(
          "must be 1 to 64 ASCII characters without quotes, backslashes and colons")
      }
    case .baseURL:
      guard text.isEmpty || AddressSyntax.isBaseURL(text) else {
        throw Setting.Problem(
          "must be a URL without query and fragment, not \"\(text)\"",
          suggestion: "for example https://files.example.net/acs")
      }
    case .addressRange:
      guard AddressSyntax.isRange(text) else {
        throw Setting.Problem(
          "must be an address range, not \"\(text)\"",
          suggestion: "for example 192.0.2.0/24 or 2001:db8::/32")
      }
    case .parameterName:
      let parts = text.split(separator: ".", omittingEmptySubsequences: false)
      guard text.utf8.count <= 256, !text.isEmpty,
        parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(\.isParameterNameByte) })
      else {
        throw Setting.Problem(
          "must be the full name of a parameter, not \"\(text)\"",
          suggestion: "for example DeviceInfo.SoftwareVersion")
      }
      if let root = ["Device", "InternetGatewayDevice"].first(where: { $0 == parts.first ?? "" }) {
        throw Setting.Problem(
          "\"\(text)\" must be written without its root",
          suggestion: "write \(text.dropFirst(root.count + 1))")
      }
    }
  }
}

extension UInt8 {
  fileprivate var isParameterNameByte: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}

extension StringProtocol {
  fileprivate var trimmingBlanks: SubSequence {
    let start = drop { $0 == " " || $0 == "\t" }
    guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else {
      return start[start.endIndex...]
    }
    return start[...last]
  }

  fileprivate var withoutFinalSlashes: String {
    var text = String(self)
    while text.hasSuffix("/") { text.removeLast() }
    return text
  }
}
