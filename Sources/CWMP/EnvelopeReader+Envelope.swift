extension EnvelopeReader {
  /// The whole envelope.
  func envelope() throws(CWMPError) -> Envelope {
    guard let root = nodes.first, root.name == .envelope else {
      throw CWMPError(.notSOAP, "the root element is no SOAP Envelope")
    }
    var envelope = Envelope(namespace: namespace ?? .v1_0, message: nil)
    var hasBody = false
    for part in children(of: 0) {
      switch nodes[part].name {
      case .header:
        readHeader(part, into: &envelope)
      case .body where !hasBody:
        hasBody = true
        if let element = children(of: part).first(where: { _ in true }) {
          envelope.message = try message(element)
        }
      default:
        break
      }
    }
    guard hasBody else { throw CWMPError(.notSOAP, "the SOAP Envelope has no Body") }
    return envelope
  }

  private func readHeader(_ header: Int, into envelope: inout Envelope) {
    for entry in children(of: header) {
      switch nodes[entry].name {
      case .id: envelope.id = string(entry)
      case .holdRequests: envelope.holdRequests = boolean(entry) ?? false
      case .noMoreRequests: envelope.noMoreRequests = boolean(entry) ?? false
      case .sessionTimeout:
        envelope.sessionTimeout = UInt32(trimmed(entry)).flatMap { $0 > 0 ? Int($0) : nil }
      case .supportedCWMPVersions:
        envelope.supportedVersions = string(entry).split(separator: ",").compactMap { version in
          let version = version.filter { !$0.isWhitespace }
          return version.isEmpty ? nil : version
        }
      case .useCWMPVersion: envelope.useVersion = trimmed(entry)
      default: break
      }
    }
  }

  private func message(_ element: Int) throws(CWMPError) -> Message {
    if nodes[element].name == .fault { return .fault(fault(element)) }
    let method = String(decoding: methodName, as: UTF8.self)
    if method.hasSuffix("Response") {
      return .response(try response(to: String(method.dropLast("Response".count)), element))
    }
    return .request(try request(method, element))
  }
}

// MARK: - Faults

extension EnvelopeReader {
  /// A SOAP Fault; the CWMP Fault may stand anywhere below it.
  private func fault(_ element: Int) -> Fault {
    let below = (element + 1)..<Int(nodes[element].end)
    let known = [ElementName.fault, .faultStruct]
    let cwmpFault =
      below.first { node in
        nodes[node].name.map(known.contains) ?? false && child(of: node, named: .faultCode) != nil
      } ?? (child(of: element, named: .faultCode) == nil ? nil : element)
    guard let cwmpFault else {
      // A SOAP fault that is not CWMP's: the device has failed in a way it has no code for.
      let text = below.first { nodes[$0].name == .soapFaultString }.map(trimmed) ?? ""
      return Fault(code: Self.internalError, text: text)
    }
    let parameterFaults = children(of: cwmpFault, named: .setParameterValuesFault).map {
      ParameterFault(
        name: child(of: $0, named: .parameterName).map(name) ?? "", detail: faultDetail($0))
    }
    return Fault(faultDetail(cwmpFault), parameterFaults: parameterFaults)
  }

  private static var internalError: Int { 9002 }

  /// FaultCode and FaultString; a code that is no number counts as the CPE's internal error.
  func faultDetail(_ element: Int) -> FaultDetail {
    FaultDetail(
      code: integer(of: .faultCode, in: element) ?? Self.internalError,
      text: string(of: .faultString, in: element))
  }

  /// The fault of a result, under either of its names; nil where it is absent or has code 0.
  func resultFault(in parent: Int) -> FaultDetail? {
    guard
      let element = child(of: parent, named: .faultStruct) ?? child(of: parent, named: .fault),
      child(of: element, named: .faultCode) != nil
    else { return nil }
    let detail = faultDetail(element)
    return detail.code == 0 ? nil : detail
  }
}
