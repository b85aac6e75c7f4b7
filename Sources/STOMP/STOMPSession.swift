/// What a client of a STOMP 1.2 server says and does, from TCP connection to its end (TR-369, 4.6). No I/O; times are in seconds of any
/// one clock.
package struct STOMPSession: Sendable {
  package struct Configuration: Sendable, Equatable {
    /// The `host` header.
    package var virtualHost: String
    /// Both empty: neither is sent.
    package var login = ""
    package var passcode = ""
    /// Further headers of the STOMP frame.
    package var headers: [STOMPFrame.Header] = []
    /// Seconds between heart-beats that this side can send, and wants; 0: none.
    package var outgoingHeartBeat = 0.0
    package var incomingHeartBeat = 0.0
    /// Where others answer; the server's `subscribe-dest` takes its place. Empty: only that.
    package var destination: String
    /// What to subscribe to besides.
    package var furtherDestinations: [String] = []
    package var contentType: String
    package var limits = STOMPDecoder.Limits()

    package init(virtualHost: String, destination: String, contentType: String) {
      self.virtualHost = virtualHost
      self.destination = destination
      self.contentType = contentType
    }
  }

  /// A body that came.
  package struct Message: Sendable, Equatable {
    package var destination: String
    package var replyDestination: String?
    package var contentType: String?
    package var body: [UInt8]

    package init(
      destination: String, replyDestination: String?, contentType: String?, body: [UInt8]
    ) {
      self.destination = destination
      self.replyDestination = replyDestination
      self.contentType = contentType
      self.body = body
    }

    /// What counts for limits on messages that are kept.
    package var cost: Int {
      256 + body.count + destination.utf8.count + (replyDestination?.utf8.count ?? 0)
        + (contentType?.utf8.count ?? 0)
    }
  }

  /// What must be done now.
  package enum Action: Sendable, Equatable {
    case send([UInt8])
    /// Every subscription stands; bodies may be sent.
    case ready(destination: String)
    case message(Message)
    /// The connection is to be closed once what was to be sent has left; nothing comes after it.
    case close(STOMPError)
  }

  private enum State: Equatable {
    case new
    /// The STOMP frame has been sent.
    case connecting
    /// - Parameter missing: the receipts that have not come.
    case subscribing(missing: Set<String>)
    case ready
    /// DISCONNECT has been sent.
    case disconnecting
    case closed
  }

  /// How often what was agreed on may be exceeded, for what delays there are on the way.
  private static let tolerance = 2.0
  private static let farewell = "bye"

  private let configuration: Configuration
  private var decoder: STOMPDecoder
  private var state = State.new
  /// Where others answer; empty until the server has told.
  private var destination = ""
  /// Seconds; 0: none.
  private var sendInterval = 0.0
  private var expectInterval = 0.0
  private var lastSent = 0.0
  private var lastReceived = 0.0

  package init(_ configuration: Configuration) {
    self.configuration = configuration
    decoder = STOMPDecoder(limits: configuration.limits)
  }

  package var isReady: Bool { state == .ready }

  // MARK: Beginning and end

  /// The connection stands.
  package mutating func begin(now: Double) -> [Action] {
    guard state == .new else { return [] }
    state = .connecting
    lastReceived = now
    var headers = [
      STOMPFrame.Header("accept-version", "1.2"),
      STOMPFrame.Header("host", configuration.virtualHost),
      STOMPFrame.Header(
        "heart-beat",
        "\(Self.milliseconds(configuration.outgoingHeartBeat)),\(Self.milliseconds(configuration.incomingHeartBeat))"
      ),
    ]
    if !configuration.login.isEmpty || !configuration.passcode.isEmpty {
      headers.append(STOMPFrame.Header("login", configuration.login))
      headers.append(STOMPFrame.Header("passcode", configuration.passcode))
    }
    return [send(STOMPFrame("STOMP", headers + configuration.headers), now)]
  }

  /// Asks the server to end the connection, which it does once it has taken everything before.
  package mutating func disconnect(now: Double) -> [Action] {
    switch state {
    case .new, .connecting:
      return end(STOMPError(.closed, "the connection was ended by this side"))
    case .subscribing, .ready:
      state = .disconnecting
      return [
        send(STOMPFrame("DISCONNECT", [STOMPFrame.Header("receipt", Self.farewell)]), now)
      ]
    case .disconnecting, .closed: return []
    }
  }

  private mutating func end(_ error: STOMPError) -> [Action] {
    guard state != .closed else { return [] }
    state = .closed
    return [.close(error)]
  }

  // MARK: Bodies

  /// The bytes that send a body; nil while nothing may be sent.
  package mutating func message(_ body: [UInt8], to destination: String, now: Double) -> [UInt8]? {
    guard state == .ready else { return nil }
    lastSent = now
    return STOMPFrame(
      "SEND",
      [
        STOMPFrame.Header("content-length", "\(body.count)"),
        STOMPFrame.Header("content-type", configuration.contentType),
        STOMPFrame.Header("reply-to-dest", self.destination),
        STOMPFrame.Header("destination", destination),
      ], body: body
    ).encoded()
  }

  // MARK: What comes

  package mutating func received(_ bytes: [UInt8], now: Double) -> [Action] {
    guard state != .closed else { return [] }
    lastReceived = now
    do {
      var actions: [Action] = []
      for frame in try decoder.decode(bytes) where state != .closed {
        actions += take(frame, now)
      }
      return actions
    } catch {
      return end(error)
    }
  }

  private mutating func take(_ frame: STOMPFrame, _ now: Double) -> [Action] {
    switch (frame.command, state) {
    case ("ERROR", _):
      // The header is short; what is wrong, servers tell in the body.
      let texts = [frame["message"] ?? "", String(decoding: frame.body.prefix(200), as: UTF8.self)]
        .map(Self.printable)
      return end(
        STOMPError(
          .refused, "the server says: \(texts.filter { !$0.isEmpty }.joined(separator: ": "))"))
    case ("CONNECTED", .connecting): return connected(frame, now)
    case ("RECEIPT", .subscribing(var missing)):
      if let id = frame["receipt-id"] { missing.remove(id) }
      state = .subscribing(missing: missing)
      guard missing.isEmpty else { return [] }
      state = .ready
      return [.ready(destination: destination)]
    case ("RECEIPT", .disconnecting):
      guard frame["receipt-id"] == Self.farewell else { return [] }
      return end(STOMPError(.closed, "the connection was ended by this side"))
    case ("RECEIPT", .ready): return []
    case ("MESSAGE", .subscribing), ("MESSAGE", .ready):
      return [
        .message(
          Message(
            destination: frame["destination"] ?? "", replyDestination: frame["reply-to-dest"],
            contentType: frame["content-type"], body: frame.body))
      ]
    case ("MESSAGE", .disconnecting): return []
    default:
      return end(
        STOMPError(.unexpected, "the server has sent \(frame.command), which has no place here"))
    }
  }

  private mutating func connected(_ frame: STOMPFrame, _ now: Double) -> [Action] {
    guard frame["version"] == "1.2" else {
      return end(STOMPError(.version, "the server does not speak STOMP 1.2"))
    }
    agreeOnHeartBeats(frame["heart-beat"])
    // R-STOMP.14 and following
    let told = frame["subscribe-dest"] ?? ""
    destination = told.isEmpty ? configuration.destination : told
    guard !destination.isEmpty else {
      return end(
        STOMPError(.noDestination, "neither the settings nor the server name a destination"))
    }
    var destinations = [destination]
    for further in configuration.furtherDestinations where !destinations.contains(further) {
      destinations.append(further)
    }
    var receipts: Set<String> = []
    var actions: [Action] = []
    for (index, destination) in destinations.enumerated() {
      let receipt = "subscribed-\(index)"
      receipts.insert(receipt)
      actions.append(
        send(
          STOMPFrame(
            "SUBSCRIBE",
            [
              STOMPFrame.Header("id", "\(index)"),
              STOMPFrame.Header("destination", destination),
              STOMPFrame.Header("ack", "auto"),
              STOMPFrame.Header("receipt", receipt),
            ]), now))
    }
    state = .subscribing(missing: receipts)
    return actions
  }

  // MARK: Heart-beats

  /// When ``timerFired(now:)`` is due; nil: never.
  package var nextTimer: Double? {
    guard state != .closed, state != .new else { return nil }
    var times: [Double] = []
    if sendInterval > 0 { times.append(lastSent + sendInterval) }
    if expectInterval > 0 { times.append(lastReceived + expectInterval * Self.tolerance) }
    return times.min()
  }

  package mutating func timerFired(now: Double) -> [Action] {
    guard state != .closed, state != .new else { return [] }
    if expectInterval > 0, now >= lastReceived + expectInterval * Self.tolerance {
      return end(STOMPError(.silent, "the server has sent no heart-beat"))
    }
    guard sendInterval > 0, now >= lastSent + sendInterval else { return [] }
    lastSent = now
    return [.send([STOMPByte.lineFeed])]
  }

  private mutating func agreeOnHeartBeats(_ header: String?) {
    let parts = (header ?? "0,0").split(separator: ",", omittingEmptySubsequences: false).map {
      // A day is long enough for a heart.
      min(86_400, Double(UInt32($0.drop { $0 == " " }) ?? 0) / 1000)
    }
    guard parts.count == 2 else { return }
    if configuration.outgoingHeartBeat > 0, parts[1] > 0 {
      // Earlier than agreed, since what is sent takes a while.
      sendInterval = max(configuration.outgoingHeartBeat, parts[1]) * 0.8
    }
    if configuration.incomingHeartBeat > 0, parts[0] > 0 {
      expectInterval = max(configuration.incomingHeartBeat, parts[0])
    }
  }

  // MARK: Frames

  private mutating func send(_ frame: STOMPFrame, _ now: Double) -> Action {
    lastSent = now
    return .send(frame.encoded())
  }

  private static func milliseconds(_ seconds: Double) -> Int {
    Int((max(0, min(seconds, 86_400)) * 1000).rounded())
  }

  private static func printable(_ text: String) -> String {
    let scalars = text.unicodeScalars.prefix(200).map {
      $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? " " : Character($0)
    }
    return String(scalars).split(separator: " ").joined(separator: " ")
  }
}
