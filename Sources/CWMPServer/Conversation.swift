import CWMP
import Cryptography
import Fleet
import FleetStore
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// One CWMP session as the door conducts it: drives ``Session``, asks the store, and runs operations.
///
/// `@unchecked Sendable`: all of its state is touched on its event loop only. What other threads hold is the reference; every entry
/// point is either called on the loop or hops onto it first.
final class Conversation: @unchecked Sendable {
  /// What the present operation is for.
  enum Purpose {
    case reading
    case credential
    case task(DeviceTask, TaskPolicy)
  }

  let loop: any EventLoop
  /// The text that the device returns in its cookie; it can't be guessed, and whoever has it goes on with the session.
  let cookie = SecureRandom.token(bytes: 16)
  let token = Int64.random(in: 1...Int64.max)
  let door: Door
  let principal: String?
  let isAuthenticated: Bool
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
  var isReadDue = false
  var isCredentialDue = false

  init(
    door: Door, loop: any EventLoop, principal: String?, isAuthenticated: Bool, peer: String,
    localAddress: String
  ) {
    self.door = door
    self.loop = loop
    self.principal = principal
    self.isAuthenticated = isAuthenticated
    self.peer = peer
    self.localAddress = localAddress
    session = Session(limits: door.settings.session)
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
    guard self.reply == nil else {
      // The device did not wait for the answer to its last message; that answer must not go to the wrong request.
      reply(.refused(.badRequest))
      return
    }
    self.reply = reply
    perform(session.received(input))
  }

  /// The device has given up on this session and begins another over the same connection or with the same cookie.
  func startAgain(_ input: Session.Input, reply: @escaping (DoorReply) -> Void) {
    let next = Conversation(
      door: door, loop: loop, principal: principal, isAuthenticated: isAuthenticated, peer: peer,
      localAddress: localAddress)
    perform(session.superseded())
    guard door.table.add(next) else {
      reply(.busy(retryAfter: door.retryDelay()))
      return
    }
    successor = next
    next.received(input, reply: reply)
  }

  /// Work for the device has been ordered while its session is open; may be called on any thread.
  func noteWork() { hasNewWork.withLockedValue { $0 = true } }

  /// Ends the session because the device has begun a newer one.
  func supersede() {
    loop.execute { [self] in perform(session.superseded()) }
  }

  /// Ends the session if the device has been silent for too long, or the session goes on for too long.
  func expire(now: NIODeadline) {
    loop.preconditionInEventLoop()
    guard !session.isOver, reply == nil else { return }
    if now - lastActivity > door.settings.sessionTimeout
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
    case .commitContact(let inform, _): commit(inform)
    case .commitNotice(let request): commit(request)
    case .askNext: startNext()
    case .deliver(let answer): deliver(answer)
    case .reply(let envelope): send(envelope)
    case .finish:
      breakOff(reason: "the session has reached its limit of requests")
      end()
      answer(.empty)
    case .reject(let reason):
      door.logger.notice(
        "a message was refused",
        metadata: ["device": "\(name)", "peer": "\(peer)", "reason": "\(reason)"])
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
    answer(DoorReply(status: .ok, body: door.encoded(envelope)))
  }

  func end() {
    door.table.remove(self, device: device?.deviceID)
  }
}
