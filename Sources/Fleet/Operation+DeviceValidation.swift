/// What may be wrong with orders of attributes, vouchers and measurements.
extension OperationValidation {
  mutating func check(_ changes: [AttributeChange]) {
    if changes.isEmpty { problem("There is nothing to change.", field: "attributes") }
    guard checkCount(changes.count, atMost: limits.maxAssignments, field: "attributes") else {
      return
    }
    for (index, change) in changes.enumerated() {
      let field = "attributes[\(index)]"
      checkPath(change.path, field: "\(field).path")
      if change.notification == nil, change.accessList == nil {
        problem(
          "Nothing is said of “\(change.path.clipped(to: 256))”.",
          hint: "give its notification, its access list, or both", field: field)
      }
      for entity in change.accessList ?? [] {
        if entity.isEmpty { problem("An entity has no name.", field: "\(field).accessList") }
        checkText(entity, atMost: limits.maxFileTypeCharacters, field: "\(field).accessList")
      }
    }
  }

  mutating func check(_ vouchers: [String]) {
    if vouchers.isEmpty { problem("There is no voucher.", field: "vouchers") }
    guard checkCount(vouchers.count, atMost: limits.maxSoftwareChanges, field: "vouchers") else {
      return
    }
    for (index, voucher) in vouchers.enumerated() {
      let field = "vouchers[\(index)]"
      if voucher.utf8.count > limits.maxValueBytes {
        problem("The voucher has more than \(limits.maxValueBytes) bytes.", field: field)
      } else if voucher.isEmpty || !ParameterType.base64.accepts(voucher) {
        problem("A voucher is Base64.", field: field)
      }
    }
  }

  mutating func check(_ order: CommandOrder) {
    if let flaw = ParameterPath.flaw(
      ofCommand: order.command, maxCharacters: limits.maxPathCharacters)
    {
      problem(flaw.message, hint: flaw.hint, field: "command")
    }
    guard checkCount(order.arguments.count, atMost: limits.maxAssignments, field: "arguments")
    else { return }
    var bytes = 0
    for (name, value) in order.arguments.sorted(by: { $0.key < $1.key }) {
      let field = "arguments.\(name.clipped(to: 64))"
      if name.isEmpty { problem("An argument has no name.", field: "arguments") }
      checkText(name, atMost: limits.maxPathCharacters, field: field)
      bytes += value.utf8.count
      checkCharacters(value, field: field)
    }
    if bytes > limits.maxValueBytesTotal {
      problem(
        "The arguments have \(bytes) bytes together; at most \(limits.maxValueBytesTotal) are taken.",
        field: "arguments")
    }
  }

  mutating func check(_ diagnosis: Diagnosis) {
    let taken = diagnosis.kind.members
    for (name, isGiven) in [
      ("host", !diagnosis.host.isEmpty), ("url", !diagnosis.url.isEmpty),
      ("interface", !diagnosis.interface.isEmpty), ("repetitions", diagnosis.repetitions != nil),
      ("timeout", diagnosis.timeout != nil), ("dataBlockSize", diagnosis.dataBlockSize != nil),
      ("dscp", diagnosis.dscp != nil), ("maxHopCount", diagnosis.maxHopCount != nil),
      ("fileLength", diagnosis.fileLength != nil), ("server", !diagnosis.server.isEmpty),
    ] where isGiven && !taken.contains(name) {
      problem(
        "\(diagnosis.kind.rawValue) takes no \(name).",
        hint: taken.isEmpty ? nil : "it takes \(taken.joined(separator: ", "))", field: name)
    }
    if taken.contains("host") { checkHost(diagnosis.host, field: "host") }
    if !diagnosis.server.isEmpty { checkHost(diagnosis.server, field: "server") }
    if taken.contains("url") {
      checkURL(diagnosis.url, schemes: ["http", "https", "ftp"], field: "url")
      checkForShell(diagnosis.url, field: "url")
    }
    if !diagnosis.interface.isEmpty { checkPath(diagnosis.interface, field: "interface") }
    for (number, range, field) in [
      (diagnosis.repetitions, 1...1_000, "repetitions"),
      (diagnosis.timeout, 1...600_000, "timeout"),
      (diagnosis.dataBlockSize, 1...65_535, "dataBlockSize"), (diagnosis.dscp, 0...63, "dscp"),
      (diagnosis.maxHopCount, 1...64, "maxHopCount"),
      (diagnosis.fileLength, 1...Int(UInt32.max), "fileLength"),
    ] {
      if let number { check(number, in: range, field: field) }
    }
  }

  /// Devices hand such values to commands of their own, often through a shell: nothing but the letters of host names
  /// and addresses is sent, and nothing that looks like an option.
  private mutating func checkHost(_ host: String, field: String) {
    let isHost =
      !host.isEmpty && host.utf8.count <= 253 && host.utf8.first != UInt8(ascii: "-")
      && host.unicodeScalars.allSatisfy { scalar in
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
          || ("0"..."9").contains(scalar) || ".-_:".unicodeScalars.contains(scalar)
      }
    if !isHost {
      problem(
        "“\(host.clipped(to: 64))” is neither a host name nor an address.",
        hint: "write for example example.net, 192.0.2.1 or 2001:db8::1", field: field)
    }
  }

  private mutating func checkForShell(_ url: String, field: String) {
    let bad = url.unicodeScalars.first { "'`$;|&<>(){}!*".unicodeScalars.contains($0) }
    if let bad {
      problem(
        "The URL has the character \(bad), which a device's shell might take for a command.",
        hint: "percent-encode it", field: field)
    }
  }
}

extension Diagnosis.Kind {
  /// The members that a measurement takes besides.
  fileprivate var members: [String] {
    switch self {
    case .ping: ["host", "interface", "repetitions", "timeout", "dataBlockSize", "dscp"]
    case .traceRoute:
      ["host", "interface", "repetitions", "timeout", "dataBlockSize", "dscp", "maxHopCount"]
    case .download: ["url", "interface", "dscp"]
    case .upload: ["url", "interface", "dscp", "fileLength"]
    case .nsLookup: ["host", "interface", "repetitions", "timeout", "server"]
    case .wifiNeighbors: []
    }
  }
}
