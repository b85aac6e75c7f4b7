import CWMP
import ContentCoding
import DeviceModel
import Fleet
import STUN

/// The smaller parsers of what comes from outside, by the first byte of the input; the rest is for the parser.
///
/// Those that are in modules with sockets are compiled into this one.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let data, count > 1 else { return 0 }
  let bytes = Array(UnsafeBufferPointer(start: data + 1, count: count - 1))
  let text = String(decoding: bytes, as: UTF8.self)
  switch data[0] % 10 {
  case 0: datagram(bytes)
  case 1: packet(bytes)
  case 2: connectionRequestURL(text)
  case 3: addresses(text)
  case 4: header(text)
  case 5: compressed(bytes, by: 1 + Int(data[0]) % 7)
  case 6: times(text)
  case 7: selector(text)
  case 8: resources(text)
  default: jabberID(text)
  }
  return 0
}

// MARK: - Datagrams

private let password = "secret"
private let responder = STUNResponder { $0 == "cpe" ? password : nil }

private func datagram(_ bytes: [UInt8]) {
  guard let source = TransportAddress(address: [192, 0, 2, 1], port: 3478) else { return }
  switch responder.respond(to: bytes, from: source) {
  case .ignored: break
  case .answer(let answer, let learned):
    precondition(answer.destination.address == source.address, "a third party is hit")
    precondition(answer.datagram.count <= bytes.count + 64, "an answer larger than its request")
    precondition((try? STUNMessage(decoding: answer.datagram)) != nil)
    if let learned { precondition(learned.username == "cpe" && learned.isSigned) }
  }
  guard let message = try? STUNMessage(decoding: bytes) else { return }
  _ = (message.username, message.mappedAddress, message.errorCode)
  let written = message.encoded()
  if written.count <= STUNMessage.maximumSize {
    precondition((try? STUNMessage(decoding: written)) == message, "a message changes on its way")
  }
  let signed = message.signed(key: Array(password.utf8))
  let hasOwn = message.value(STUNAttribute.Kind.messageIntegrity) != nil
  if !hasOwn, signed.count <= STUNMessage.maximumSize,
    message.attributes.count < STUNMessage.maximumAttributes
  {
    precondition(
      (try? STUNMessage.integrity(of: signed, key: Array(password.utf8))) == .right(.filled))
  }
}

private func packet(_ bytes: [UInt8]) {
  guard let received = try? UDPConnectionRequest.Received(decoding: bytes) else { return }
  precondition(
    !received.isSigned(password: "a password that nobody has written into a file"))
  let packet = received.request.encoded(host: "h", port: 80, password: password)
  guard packet.count <= 1_000 else { return }
  let again = try? UDPConnectionRequest.Received(decoding: packet)
  precondition(again?.request == received.request, "a request changes on its way")
  precondition(again?.isSigned(password: password) ?? false)
}

// MARK: - Texts

private func connectionRequestURL(_ text: String) {
  do {
    let url = try ConnectionRequestURL(text)
    let written = url.origin + url.target
    precondition(written.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "a request could be split")
    precondition(url.target.hasPrefix("/") && !url.host.isEmpty && url.port > 0)
    precondition(!url.host.contains("@") && !url.host.contains("/"))
    precondition((try? ConnectionRequestURL(written)) == url, "a URL is read in two ways")
  } catch {
    precondition(error.description.utf8.count <= 200)
  }
}

private func addresses(_ text: String) {
  if let address = IPAddress(text) {
    precondition(IPAddress(address.description) == address, "an address changes on its way")
  }
  if let block = AddressBlock(text) {
    precondition(block.contains(block.base))
    precondition(AddressBlock(block.description) == block, "a block changes on its way")
  }
}

private func jabberID(_ text: String) {
  let domain = JabberID.domain(of: text)
  guard JabberID.isAddressable(text) else { return }
  precondition(!domain.isEmpty && !domain.contains("@") && !domain.contains("/"))
  precondition(text.utf8.allSatisfy { $0 > 0x20 })
}

private func header(_ text: String) {
  for token in SessionCookie.tokens(in: text) {
    precondition(!token.utf8.contains { $0 == 0x3B || $0 == 0x2C || $0 == 0x20 || $0 == 0x22 })
  }
  _ = ContentCoding.read([text])
  _ = ContentCoding.acceptsGzip([text])
  for size in [Int64(0), 1, 1_000, .max] {
    if case .part(let range) = ByteRange(header: text, size: size) {
      precondition(range.lowerBound >= 0 && range.upperBound <= size && !range.isEmpty)
    }
  }
}

private func times(_ text: String) {
  if let seconds = CWMPTime.parse(text) {
    precondition(CWMPTime.parse(CWMPTime.format(seconds)) == seconds.rounded(.down))
  }
  for digits in [0, 3] {
    let changed = CWMPTime.withFraction(ofDigits: digits, text)
    precondition(CWMPTime.withFraction(ofDigits: digits, changed) == changed)
  }
  if let seconds = TimestampText.seconds(text) { precondition(seconds.isFinite) }
  if let seconds = DurationText.seconds(text) { precondition(seconds.isFinite && seconds >= 0) }
  _ = ParameterPath.isSecret(text)
}

private func selector(_ text: String) {
  do throws(FleetError) {
    let selector = try Selector(parsing: text)
    let written = selector.description
    guard let again = try? Selector(parsing: written) else {
      preconditionFailure("a selector that was written cannot be read")
    }
    precondition(again == selector, "a selector changes on its way")
    _ = selector.matches(
      name: text, tags: [text], facts: ["DeviceInfo.Manufacturer": text, "a": "b"])
  } catch {
    precondition(!error.diagnostics.isEmpty)
  }
}

private func resources(_ text: String) {
  let file = ResourceFile(text)
  precondition(file.resources.count <= text.utf8.count)
  for resource in file.resources {
    precondition(ResourceFile.isName(resource.name))
    guard case .deviceSwitches(let spec) = resource.content else { continue }
    // What is kept is read again from its source.
    let again = ResourceFile(resource.source)
    precondition(again.resources.first?.content == .deviceSwitches(spec), "a document changes")
  }
}

// MARK: - Bodies

private let limit = 64 << 10

private func compressed(_ bytes: [UInt8], by length: Int) {
  for coding in [ContentCoding.gzip, .deflate] {
    let whole = inflate(bytes, coding, by: bytes.count)
    let cut = inflate(bytes, coding, by: length)
    precondition((whole == nil) == (cut == nil) && (whole ?? []) == (cut ?? []))
  }
  guard let packed = bytes.withUnsafeBytes({ Gzip.compress($0) }) else { return }
  precondition(inflate(packed, .gzip, by: packed.count) == bytes)
}

private func inflate(_ bytes: [UInt8], _ coding: ContentCoding, by length: Int) -> [UInt8]? {
  let inflater = Inflater(coding, limits: .init(size: limit, ratio: 100))
  var inflated: [UInt8] = []
  do throws(Inflater.Problem) {
    var start = 0
    while start < bytes.count {
      let end = min(start + length, bytes.count)
      let piece = Array(bytes[start..<end])
      let problem = piece.withUnsafeBytes { piece -> Inflater.Problem? in
        do throws(Inflater.Problem) {
          try inflater.inflate(piece) { inflated.append(contentsOf: $0) }
          return nil
        } catch { return error }
      }
      if let problem { throw problem }
      start = end
    }
    try inflater.finish()
    precondition(inflated.count <= limit, "more than the limit")
    return inflated
  } catch {
    precondition(inflated.count <= limit, "more than the limit")
    return nil
  }
}
