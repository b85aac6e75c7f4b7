/// The CPE's latest message in a session, and the answer to it: whoever sends the same once more has not got the answer.
struct LatestExchange: Sendable {
  /// Entries of a list above which a message is not kept, so that open sessions stay small.
  private static let entries = 256

  private let input: Session.Input
  /// Nil while the answer is being made.
  var reply: Envelope?
  /// Whether it was the answer to a request, and has not come again since.
  private var isFirstAnswer = false

  /// Nil where the message is too large to be kept.
  ///
  /// - Parameter action: what was done about it.
  init?(_ input: Session.Input, _ action: Session.Action) {
    guard Self.keeps(input) else { return nil }
    self.input = input
    switch action {
    case .reply(let reply): self.reply = reply
    case .deliver(.response): isFirstAnswer = true
    default: break
    }
  }

  func isOf(_ input: Session.Input) -> Bool {
    self.input == input
  }

  /// The answer once more; nil where the same message means something new, or has no answer yet.
  ///
  /// A request that comes again always means the same. An answer or an empty message may well come twice in a row; it is the old one only after the connection broke, or where it cannot be the answer to what is outstanding, and then only once.
  mutating func replyAgain(afterBreak: Bool, outstanding: Request?) -> Envelope? {
    guard let reply else { return nil }
    var isRequest = false
    if case .envelope(let envelope) = input, case .request = envelope.message { isRequest = true }
    guard isRequest || afterBreak || (isFirstAnswer && !answers(outstanding)) else { return nil }
    isFirstAnswer = false
    return reply
  }

  private func answers(_ request: Request?) -> Bool {
    guard let request, case .envelope(let envelope) = input,
      case .response(let response) = envelope.message
    else { return true }
    return response.answers(request)
  }

  private static func keeps(_ input: Session.Input) -> Bool {
    guard case .envelope(let envelope) = input, case .response(let response) = envelope.message
    else { return true }
    switch response {
    case .getParameterValues(let values): return values.count <= entries
    case .getParameterNames(let infos): return infos.count <= entries
    case .getParameterAttributes(let attributes): return attributes.count <= entries
    default: return true
    }
  }
}
