import Hummingbird
import Metrics

/// Counts the requests to the API, by the class of their answer, and how long it took until that began.
struct RequestMetrics: RouterMiddleware {
  typealias Context = APIContext

  private static let time = Metrics.Timer(label: "fairlead_api_request_seconds")
  private static let answers = (1...5).map { digit in
    Counter(label: "fairlead_api_requests_total", dimensions: [("status", "\(digit)xx")])
  }

  func handle(
    _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    let start = ContinuousClock.now
    let response = try await next(request, context)
    Self.time.record(duration: ContinuousClock.now - start)
    Self.answers[min(max(response.status.code / 100, 1), 5) - 1].increment()
    return response
  }
}
