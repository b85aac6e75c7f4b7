/// The server's side of STUN: what to answer to a datagram, and what it says about a device.
///
/// No socket, no clock: a datagram and its source go in, a datagram and its destination come out. An answer is never
/// larger than its request by more than a bare mapped address, so that a forged source gains nothing.
package struct STUNResponder: Sendable {
  package struct Configuration: Sendable {
    /// Whether a request that names a USERNAME must be signed; it is answered 401 otherwise (Annex G.2.2.2).
    package var requiresSignature = true

    package init() {}
  }

  /// A device's address, as a Binding Request shows it.
  package struct Binding: Sendable, Equatable {
    package var username: String
    package var address: TransportAddress
    /// Whether the device proved that it knows STUNPassword.
    package var isSigned: Bool
    /// Whether the device says that its address has changed.
    package var isChanged: Bool

    package init(username: String, address: TransportAddress, isSigned: Bool, isChanged: Bool) {
      self.username = username
      self.address = address
      self.isSigned = isSigned
      self.isChanged = isChanged
    }
  }

  package struct Answer: Sendable, Equatable {
    package var datagram: [UInt8]
    package var destination: TransportAddress
  }

  package enum Outcome: Sendable, Equatable {
    case answer(Answer, learned: Binding?)
    /// No answer; the reason is for counters and tests.
    case ignored(Reason)

    package enum Reason: Sendable, Equatable {
      case malformed(STUNError)
      case notABindingRequest
      /// RESPONSE-ADDRESS names another host than the source.
      case reflection
    }
  }

  private typealias Kind = STUNAttribute.Kind

  /// Mandatory attributes that are understood, or that a request may carry without effect.
  private static let known: Set<UInt16> = [
    Kind.responseAddress, Kind.changeRequest, Kind.username, Kind.messageIntegrity,
  ]

  private let configuration: Configuration
  /// STUNPassword of a username; nil if there is no such user.
  private let password: @Sendable (_ username: String) -> String?

  package init(
    configuration: Configuration = Configuration(),
    password: @escaping @Sendable (_ username: String) -> String?
  ) {
    self.configuration = configuration
    self.password = password
  }

  /// - Parameter source: Where the datagram came from, which is the device's mapped address.
  package func respond(to datagram: [UInt8], from source: TransportAddress) -> Outcome {
    let request: STUNMessage
    do { request = try STUNMessage(decoding: datagram) } catch {
      return .ignored(.malformed(error))
    }
    guard request.type == STUNMessage.Kind.bindingRequest else {
      return .ignored(.notABindingRequest)
    }
    let unknown = request.attributes.filter { $0.isMandatory && !Self.known.contains($0.type) }
    // There is no second address or port to answer from (RFC 3489, 11.2.4).
    let wantsChange = request.value(Kind.changeRequest).map { $0.contains { $0 != 0 } } ?? false
    if !unknown.isEmpty || wantsChange {
      return refuse(
        request, 420, "Unknown Attribute", to: source,
        unknown: unknown.map(\.type) + (wantsChange ? [Kind.changeRequest] : []))
    }
    let isSigned = request.value(Kind.messageIntegrity) != nil
    let username = request.username.flatMap { $0.isEmpty ? nil : $0 }
    if isSigned, username == nil { return refuse(request, 432, "Missing Username", to: source) }
    var signature: (key: [UInt8], form: STUNMessage.IntegrityForm)?
    if isSigned, let username {
      guard let password = password(username) else {
        return refuse(request, 436, "Unknown Username", to: source)
      }
      let key = Array(password.utf8)
      guard case .right(let form) = try? STUNMessage.integrity(of: datagram, key: key) else {
        return refuse(request, 431, "Integrity Check Failure", to: source)
      }
      signature = (key, form)
    } else if username != nil, configuration.requiresSignature {
      return refuse(request, 401, "Unauthorized", to: source)
    }
    var destination = source
    if let wanted = request.address(Kind.responseAddress), wanted != source {
      // A CPE probes another port of its own (Annex G.2.1.2); anything else would make this server throw packets
      // at a third party.
      guard wanted.address == source.address, wanted.port != 0 else {
        return .ignored(.reflection)
      }
      destination = wanted
    }
    var learned: Binding?
    if let username, request.offersConnectionRequestBinding {
      learned = Binding(
        username: username, address: source, isSigned: signature != nil,
        isChanged: request.value(Kind.bindingChange) != nil)
    }
    return .answer(
      Answer(
        datagram: response(
          to: request, of: datagram.count, from: source, to: destination, signature),
        destination: destination), learned: learned)
  }

  private func response(
    to request: STUNMessage, of size: Int, from source: TransportAddress,
    to destination: TransportAddress, _ signature: (key: [UInt8], form: STUNMessage.IntegrityForm)?
  ) -> [UInt8] {
    var response = STUNMessage(
      type: STUNMessage.Kind.bindingResponse, transactionID: request.transactionID)
    response.attributes.append(STUNAttribute(Kind.mappedAddress, source))
    if destination != source {
      response.attributes.append(STUNAttribute(Kind.reflectedFrom, source))
    }
    if request.transactionID.starts(with: STUNMessage.magicCookie) {
      // Newer clients want it; some of them read the old form only, so both are sent where the request pays for it.
      let value = STUNMessage.masked(source.attributeValue, transactionID: request.transactionID)
      let attribute = STUNAttribute(Kind.xorMappedAddress, value)
      if size >= response.encoded().count + value.count + 4 {
        response.attributes.append(attribute)
      } else {
        response.attributes[0] = attribute
      }
    }
    guard let signature else { return response.encoded() }
    return response.signed(key: signature.key, form: signature.form)
  }

  private func refuse(
    _ request: STUNMessage, _ code: Int, _ reason: String, to source: TransportAddress,
    unknown: [UInt16] = []
  ) -> Outcome {
    var response = STUNMessage(
      type: STUNMessage.Kind.bindingErrorResponse, transactionID: request.transactionID,
      attributes: [.errorCode(code, reason: reason)])
    if !unknown.isEmpty {
      // A few are enough to tell what is wrong; the list has an even number of entries (RFC 3489, 11.2.10).
      var list = Array(unknown.prefix(4))
      if !list.count.isMultiple(of: 2) { list.append(list[0]) }
      var value: [UInt8] = []
      for type in list { STUNMessage.append(type, to: &value) }
      response.attributes.append(STUNAttribute(Kind.unknownAttributes, value))
    }
    var bytes = response.encoded()
    if bytes.count > request.encoded().count {
      response.attributes[0] = .errorCode(code, reason: "")
      bytes = response.encoded()
    }
    return .answer(Answer(datagram: bytes, destination: source), learned: nil)
  }
}
