import CWMP
import Cryptography
import Fleet
import FleetStore
import Logging
import Metrics
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import Refusals

/// One CWMP session as the door conducts it: drives ``Session``, asks the store, and runs operations.
///
/// `@unchecked Sendable`: all of its state is touched on its event loop only. What other threads hold is the reference; every entry
/// point is either called on the loop or hops onto it first.
final class Conversation: @unchecked Sendable {
  /// What the present operation is for.
  enum Purpose {
    case reading
    /// The reading of an object whose stored form is out of date.
    case repair(String)
    case credential
    case ownCredential
    /// The credential for the STUN server.
    case bindingCredential
    case task(DeviceTask, TaskPolicy)
  }

  let loop: any EventLoop
  /// The text that the device returns in its cookie; it can't be guessed, and whoever has it goes on with the session.
  let cookie = SecureRandom.token(bytes: 16)
  let token = Int64.random(in: 1...Int64.max)
  let door: Door
  let caller: Caller
  let peer: String
  /// The server's own address as the device reached it.
  let localAddress: String
  let began: NIODeadline
  private(set) var lastActivity: NIODeadline

  var session: Session
  var device: AdmittedContact?
  var name = ""
  /// The session that the device began in the midst of this one.
  private(set) var successor: Conversation?
  var reply: ((DoorReply) -> Void)?
  var hasSentCookie = false
  var run: OperationRun?
  var purpose: Purpose?
  /// The one thing that other threads write.
  let hasNewWork = NIOLockedValueBox(false)
  /// The connection over which the latest message came, and whether it has closed since.
  private var latestConnection: UInt64?
  private var hasBroken = false
  var isReadDue = false
  var repairs = TreeRepairs()
  /// Values that may show that the stored tree is out of date.
  var doubts: [ReportedValue] = []
  var isCredentialDue = false
  var isOwnCredentialDue = false
  var isBindingCredentialDue = false
  var switches = DeviceSwitches()
  var style: EnvelopeEncoder.Style
  /// Seconds of silence that the device asks to be borne.
  var wantedPatience: Int?

  init(
    door: Door, loop: any EventLoop, caller: Caller, peer: String, localAddress: String
  ) {
    self.door = door
    self.loop = loop
    self.caller = caller
    self.peer = peer
    self.localAddress = localAddress
    session = Session(limits: door.settings.session)
    style = door.settings.style
    began = .now()
    lastActivity = began
  }

  var isOver: Bool { session.isOver }

  /// Takes what one POST carried.
  /// - Parameter reply: called once, on the loop, when the answer may leave.
  func received(_ input: Session.Input, reply: @escaping (DoorReply) -> Void) {
    loop.preconditionInEventLoop()
    lastActivity = .now()
    if case .envelope(let envelope) = input, session.isOtherInform(envelope) {
      startAgain(input, reply: reply)
      return
    }
    guard self.reply == nil || hasBroken else {
      // The device did not wait for the answer to its last message; that answer must not go to the wrong request.
      reply(.refused(.badRequest))
      return
    }
    // Where the connection broke before the answer was there, a message that comes again gets it over the new one.
    hasBroken = false
    self.reply = reply
    perform(session.received(input))
  }

  /// The connection that carried the device's latest message has closed; the device may come back over another.
  /// - Parameter connection: another than the latest is of no account.
  func connectionBroke(_ connection: UInt64) {
    loop.preconditionInEventLoop()
    guard connection == latestConnection, !isOver else { return }
    hasBroken = true
    session.connectionBroke()
  }

  /// A message comes over a connection. Where it is another than before, that one has broken, seen or unseen.
  func arrived(over connection: UInt64) {
    if let latestConnection, latestConnection != connection { connectionBroke(latestConnection) }
    latestConnection = connection
  }

  /// A piece of a message has come: the device is not silent. May be called on any thread.
  func noteArrival() {
    if loop.inEventLoop {
      lastActivity = .now()
    } else {
      loop.execute { [self] in lastActivity = .now() }
    }
  }

  /// The device has given up on this session and begins another over the same connection or with the same cookie.
  func startAgain(_ input: Session.Input, reply: @escaping (DoorReply) -> Void) {
    // What let this session in lets its successor in.
    var caller = caller
    caller.answer = nil
    let next = Conversation(
      door: door, loop: loop, caller: caller, peer: peer, localAddress: localAddress)
    // The older session makes room for the newer one.
    perform(session.superseded())
    guard !door.isClosing, door.table.add(next) else {
      reply(door.postponed())
      return
    }
    successor = next
    next.received(input, reply: reply)
  }

  /// Work for the device has been ordered while its session is open; may be called on any thread.
  func noteWork() { hasNewWork.withLockedValue { $0 = true } }

  /// Ends the session because the device has begun a newer one, which takes over what this one has learned.
  /// - Parameter goOn: called on the newer one's loop once it knows what this one has learned.
  func supersede(by next: Conversation, then goOn: @escaping @Sendable () -> Void) {
    loop.execute { [self] in
      var learned: SessionWrite?
      if !isOver {
        learned = write(for: .interrupted(reason: "the device has begun another session"))
        run = nil
        purpose = nil
        perform(session.superseded())
      }
      next.loop.execute { [learned] in
        if let learned { next.adopt(learned) }
        goOn()
      }
    }
  }

  /// Ends the session if the device has been silent for too long, or the session goes on for too long.
  func expire(now: NIODeadline) {
    loop.preconditionInEventLoop()
    guard !session.isOver, reply == nil else { return }
    if now - lastActivity > patience
      || now - began > door.settings.maxSessionLength
    {
      door.logger.info(
        "a session timed out", metadata: ["device": "\(name)", "peer": "\(peer)"])
      perform(session.timedOut())
    }
  }

  // MARK: - Actions

  func perform(_ action: Session.Action) {
    switch action {
    case .commitContact(let inform, let envelope):
      wantedPatience = envelope.sessionTimeout
      commit(inform)
    case .commitNotice(let request): commit(request)
    case .askNext: startNext()
    case .deliver(let answer): deliver(answer)
    case .reply(let envelope): send(envelope)
    case .finish:
      breakOff(reason: "the session has reached its limit of requests")
      end()
      answer(.empty)
    case .reject(let reason):
      door.refusals.note(
        "a message was refused", peer: peer, ["device": "\(name)", "reason": "\(reason)"])
      breakOff(reason: "the device sent a message that could not be taken: \(reason)")
      end()
      answer(.refused(.badRequest))
    case .abandoned:
      breakOff(reason: "the session ended before the device answered")
      end()
      answer(.refused(.badRequest))
    case .none:
      break
    }
  }

  func answer(_ reply: DoorReply) {
    guard let waiting = self.reply else { return }
    self.reply = nil
    lastActivity = .now()
    var reply = reply
    if !hasSentCookie, !session.isOver {
      reply.cookie = cookie
      hasSentCookie = true
    }
    waiting(reply)
  }

  func send(_ envelope: Envelope) {
    if session.isOver { end() }
    answer(DoorReply(status: .ok, body: door.encoded(envelope, style)))
  }

  func end() {
    if door.table.remove(self, device: device?.deviceID) {
      Self.time.recordNanoseconds((NIODeadline.now() - began).nanoseconds)
    }
  }

  private static let time = Metrics.Timer(label: "fairlead_cwmp_session_seconds")
}
