import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// The taking of files that devices send because a task asks them to (TR-069 A.4.1.5).
extension FileServer {
  /// PUT as the standard says, and POST as some devices do, to `/uploads/…`; credentials in the request are not looked at,
  /// the URL is one.
  func receive(_ request: Request, for segment: Substring, into intake: UploadIntake) async
    -> Response
  {
    guard request.method == .put || request.method == .post else {
      return refusal(.methodNotAllowed, headers: [.allow: "PUT, POST", .connection: "close"])
    }
    let target: UploadLink.Target
    switch intake.link.check(segment, now: now()) {
    case .forged: return refusedUpload(.forbidden)
    case .expired: return refusedUpload(.gone)
    case .valid(let valid): target = valid
    }
    let limit = configuration.maximumUploadSize
    if let length = request.headers[.contentLength].flatMap(Int64.init), length > limit {
      return refusedUpload(.contentTooLarge)
    }
    guard arriving.begin(target) else { return refusedUpload(.tooManyRequests) }
    defer { arriving.end(target) }
    do {
      guard try await intake.isAwaited(target) else { return refusedUpload(.gone) }
      let content = try await files.receive(request.body, limit: limit)
      // Whatever was not recorded is not kept; what is in place by now stays.
      defer { content.discard() }
      switch try await intake.record(target, content) {
      case .created: return Response(status: .created, headers: [.contentLength: "0"])
      case .replaced: return Response(status: .noContent)
      case .refused: return refusedUpload(.gone)
      }
    } catch let error as FileStoreError where error.code == .tooLarge {
      return refusedUpload(.contentTooLarge)
    } catch is UploadIntake.Unavailable {
      return refusal(
        .serviceUnavailable, headers: [.retryAfter: Self.retryPause, .connection: "close"])
    } catch {
      logger.error(
        "a file that a device sent can't be kept",
        metadata: [
          "device": "\(target.device)", "task": "\(target.task)", "error": "\(error)",
        ])
      return refusedUpload(.internalServerError)
    }
  }

  /// Seconds after which a device may try again.
  private static let retryPause = "30"

  /// What is left of the body is not waited for.
  private func refusedUpload(_ status: HTTPResponse.Status) -> Response {
    refusal(status, headers: [.connection: "close"])
  }
}
