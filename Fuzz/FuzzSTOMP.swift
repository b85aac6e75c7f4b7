import STOMP

private let limits: STOMPDecoder.Limits = {
  var limits = STOMPDecoder.Limits()
  limits.headBytes = 2048
  limits.headers = 16
  limits.bodyBytes = 2048
  return limits
}()

/// What a STOMP server may send: the first byte tells the length of the pieces in which it comes, the second what this side is like.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let data, count > 2 else { return 0 }
  let bytes = [UInt8](UnsafeBufferPointer(start: data + 2, count: count - 2))
  let length = Int(data[0]) % 61 + 1

  let (once, isSound) = decode(bytes, by: bytes.count)
  let (cut, isCutSound) = decode(bytes, by: length)
  precondition(isSound == isCutSound, "whether it can be read depends on the pieces")
  // Before what can't be read there may be frames, which come only in pieces.
  precondition(!isSound || once == cut, "what is read depends on the pieces")
  for frame in cut {
    precondition(frame.headers.count <= limits.headers && frame.body.count <= limits.bodyBytes)
    // What was read is written such that it is read again: CONNECTED can't say everything.
    guard frame.command != "CONNECT", frame.command != "CONNECTED" else { continue }
    guard !frame.headers.contains(where: { $0.name.isEmpty }) else { continue }
    let (again, isAgainSound) = decode(frame.encoded(), by: length)
    let hasLength = frame["content-length"] != nil || frame.body.isEmpty
    if isAgainSound {
      precondition(again.count == 1)
      precondition(again[0].command == frame.command && again[0].body == frame.body)
      precondition(!hasLength || again[0].headers == frame.headers)
    } else {
      // It has grown: by its escapes, or by its length.
      precondition(frame.encoded().count > frame.body.count + 1000 || frame.headers.count > 14)
    }
  }
  converse(bytes, by: length, kind: data[1])
  if let record = BrokerRecord(bytes) {
    precondition(!record.sender.isEmpty && record.sender.utf8.count <= 256)
    precondition(!record.recipient.isEmpty && record.recipient.utf8.count <= 256)
  }
  return 0
}

private func decode(_ bytes: [UInt8], by length: Int) -> ([STOMPFrame], isSound: Bool) {
  var decoder = STOMPDecoder(limits: limits)
  var frames: [STOMPFrame] = []
  var rest = bytes[...]
  while !rest.isEmpty {
    do { frames += try decoder.decode(rest.prefix(length)) } catch { return (frames, false) }
    rest = rest.dropFirst(length)
  }
  return (frames, true)
}

/// Whatever comes, at most one end is told, and nothing after it.
private func converse(_ bytes: [UInt8], by length: Int, kind: UInt8) {
  var configuration = STOMPSession.Configuration(
    virtualHost: "h", destination: kind & 1 == 0 ? "/queue/own" : "", contentType: "t")
  configuration.outgoingHeartBeat = kind & 2 == 0 ? 0 : 1
  configuration.incomingHeartBeat = kind & 4 == 0 ? 0 : 1
  configuration.limits = limits
  if kind & 8 != 0 { configuration.furtherDestinations = ["/queue/shared"] }
  var session = STOMPSession(configuration)
  var hasEnded = false
  var time = 0.0
  func look(_ actions: [STOMPSession.Action]) {
    for action in actions {
      precondition(!hasEnded, "something is to be done after the end")
      if case .close = action { hasEnded = true }
      if case .ready(let destination) = action { precondition(!destination.isEmpty) }
    }
  }
  look(session.begin(now: time))
  // As a server would begin, so that there is more to come to.
  if kind & 16 != 0 {
    look(
      session.received(
        Array("CONNECTED\nversion:1.2\nheart-beat:100,100\n\n\0".utf8), now: time))
  }
  if kind & 32 != 0 {
    look(
      session.received(
        Array(
          "RECEIPT\nreceipt-id:subscribed-0\n\n\0RECEIPT\nreceipt-id:subscribed-1\n\n\0".utf8),
        now: time))
  }
  var rest = bytes[...]
  while !rest.isEmpty {
    look(session.received(Array(rest.prefix(length)), now: time))
    rest = rest.dropFirst(length)
    time += 0.3
    if let due = session.nextTimer, due <= time { look(session.timerFired(now: time)) }
    let sent = session.message([1], to: "/queue/x", now: time)
    precondition(sent == nil || session.isReady)
  }
  if kind & 64 != 0 { look(session.disconnect(now: time)) }
}
