import CWMP

private let charsets: [String?] = [nil, "utf-8", "iso-8859-1", "gb2312"]
private let limits = EnvelopeDecoder.Limits(
  bytes: 64 << 10, parameters: 200, valueLength: 32 << 10)
// Used again and again, as a server's are.
nonisolated(unsafe) private let whole = EnvelopeDecoder(limits: limits)
nonisolated(unsafe) private let pieces = EnvelopeDecoder(limits: limits)
nonisolated(unsafe) private let reader = EnvelopeDecoder()
nonisolated(unsafe) private var buffer: [UInt8] = []

/// The first byte chooses a charset and a style, the second the length of the pieces; the rest is the body.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let data, count > 2 else { return 0 }
  let body = UnsafeRawBufferPointer(start: data + 2, count: count - 2)
  let charset = charsets[Int(data[0]) % charsets.count]
  let once = decode(body, charset, by: body.count, with: whole)
  let cut = decode(body, charset, by: Int(data[1]) % 97 + 1, with: pieces)
  precondition(once == cut, "what is read depends on the pieces")
  guard let once else { return 0 }

  let style = EnvelopeEncoder.Style(
    xmlDeclaration: data[0] & 0x10 != 0, booleans: data[0] & 0x20 != 0 ? .words : .digits,
    dateTimes: data[0] & 0x40 != 0
      ? .withoutFraction : data[0] & 0x80 != 0 ? .milliseconds : .asWritten)
  // What was read, written in the style of a device, is read again, and then nothing changes any more.
  let second = reencoded(once, style)
  let third = reencoded(second, style)
  precondition(second == third, "an envelope changes on its way")
  precondition(once.id == second.id, "the ID is not echoed as it came")
  precondition(once.namespace == second.namespace, "the namespace is not mirrored")

  var session = Session()
  if case .reply(let reply) = session.received(.envelope(once)) { _ = reencoded(reply, style) }
  if case .reply(let reply) = session.contactCommitted() {
    precondition(reencoded(reply, style).id == once.id, "the ID is not echoed in a reply")
  }
  return 0
}

private func decode(
  _ body: UnsafeRawBufferPointer, _ charset: String?, by length: Int, with decoder: EnvelopeDecoder
) -> Envelope? {
  do throws(CWMPError) {
    decoder.begin(charset: charset)
    var start = 0
    while start < body.count {
      let end = min(start + length, body.count)
      try decoder.feed(UnsafeRawBufferPointer(rebasing: body[start..<end]))
      start = end
    }
    return try decoder.finish()
  } catch {
    precondition(error.description.utf8.count <= 400, "a long message")
    return nil
  }
}

private func reencoded(_ envelope: Envelope, _ style: EnvelopeEncoder.Style) -> Envelope {
  EnvelopeEncoder(style: style).encode(envelope, into: &buffer)
  precondition(buffer.allSatisfy { $0 == 9 || $0 == 10 || (0x20...0x7E).contains($0) })
  do throws(CWMPError) {
    return try reader.decode(buffer)
  } catch {
    preconditionFailure("what was written cannot be read: \(error)")
  }
}
