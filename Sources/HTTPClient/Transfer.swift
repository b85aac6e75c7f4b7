import CLibCurl
import Glibc
import Synchronization

/// One exchange: its libcurl handle and what has come back so far.
///
/// `@unchecked Sendable`: made by the caller, handed over to the loop's thread once and from then on touched by
/// that thread alone, including libcurl's callbacks; only the cancellation flag, an atomic, and the immutable
/// request are used elsewhere.
final class Transfer: @unchecked Sendable {
  let request: HTTPClient.Request
  let configuration: HTTPClient.Configuration
  private let cancellation = Atomic(false)

  var handle: UnsafeMutableRawPointer?
  var headerList: UnsafeMutablePointer<curl_slist>?
  var source: BodySource

  private(set) var status = 0
  private var headers: [HTTPField] = []
  private var body: [UInt8] = []
  private var received = 0
  private var lastSign = ContinuousClock.now
  /// What a callback found wrong; it says more than libcurl's code for an aborted transfer.
  private var failure: HTTPClientError.Code?
  private var failureDetail = ""

  init(request: HTTPClient.Request, configuration: HTTPClient.Configuration)
    throws(HTTPClientError)
  {
    self.request = request
    self.configuration = configuration
    for field in request.headers where !Self.isSendable(field) {
      throw HTTPClientError(
        code: .invalidRequest, url: request.url,
        detail: "the header field \(field.name.debugDescription) cannot be sent")
    }
    guard request.method.utf8.allSatisfy({ (0x41...0x5A).contains($0) }), !request.method.isEmpty
    else {
      throw HTTPClientError(
        code: .invalidRequest, url: request.url,
        detail: "the method \(request.method.debugDescription) cannot be sent")
    }
    source = try BodySource(request.body, url: request.url)
  }

  func requestCancellation() { cancellation.store(true, ordering: .relaxed) }
  var isCancellationRequested: Bool { cancellation.load(ordering: .relaxed) }

  /// Whether nothing has come for longer than the request bears.
  var isSilent: Bool {
    request.silenceTimeout.map { ContinuousClock.now - lastSign > $0 } ?? false
  }

  func error(_ code: HTTPClientError.Code, _ detail: String? = nil) -> HTTPClientError {
    HTTPClientError(code: code, url: request.url, detail: detail ?? Self.sentence(code))
  }

  func releaseHandle() {
    if let handle { curl_easy_cleanup(handle) }
    handle = nil
    curl_slist_free_all(headerList)
    headerList = nil
    source.close()
  }

  // MARK: Callbacks

  func receiveHeader(_ line: String) {
    lastSign = .now
    if line.hasPrefix("HTTP/") {
      // A new response: the one before was a 100, a challenge or a redirect.
      let fields = line.split(separator: " ", maxSplits: 2)
      status = fields.count > 1 ? Int(fields[1].trimmingSpaces()) ?? 0 : 0
      headers = []
      body = []
      received = 0
      return
    }
    guard headers.count < Self.maximumHeaderCount, let colon = line.firstIndex(of: ":") else {
      return
    }
    headers.append(
      HTTPField(
        String(line[..<colon].trimmingSpaces()),
        String(line[line.index(after: colon)...].trimmingSpaces())))
  }

  /// Whether the piece was taken; if not, the transfer ends.
  func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    received += bytes.count
    lastSign = .now
    guard received <= request.maximumResponseBytes else {
      failure = .responseTooLarge
      failureDetail = "the response has more than \(request.maximumResponseBytes) bytes"
      return false
    }
    guard let onBody = request.onBody, (200..<300).contains(status) else {
      body += bytes
      return true
    }
    guard onBody(Array(bytes)) else {
      failure = .bodyAborted
      failureDetail = "the receiver wanted no more"
      return false
    }
    return true
  }

  func acceptsAddress(_ address: IPAddress) -> Bool {
    guard let accepts = request.acceptsAddress, !accepts(address) else { return true }
    failure = .addressRefused
    failureDetail = "the address \(address) is not allowed"
    return false
  }

  func failSource() {
    failure = .bodyAborted
    failureDetail = "the file to send cannot be read"
  }

  // MARK: End

  func result(of code: CURLcode) -> Result<HTTPClient.Response, HTTPClientError> {
    if code == CURLE_OK { return .success(response(endedAbruptly: false)) }
    if request.bearsAbruptEnd, failure == nil, status >= 200,
      [CURLE_RECV_ERROR, CURLE_PARTIAL_FILE, CURLE_SEND_ERROR].contains(code)
    {
      return .success(response(endedAbruptly: true))
    }
    // A refused address among several is no failure if another one served: only here does it count.
    if let failure { return .failure(error(failure, failureDetail)) }
    return .failure(error(errorCode(of: code), String(cString: curl_easy_strerror(code))))
  }

  func closeConnectionIfWanted(after result: Result<HTTPClient.Response, HTTPClientError>) {
    switch request.connectionClosing {
    case .never: return
    case .unless(let status):
      if case .success(let response) = result, response.status == status { return }
    case .always: break
    }
    // libcurl keeps the connection; without this a CPE that serves one connection at a time would wait for it.
    var socket = acs_curl_no_socket
    guard let handle, acs_curl_get_socket(handle, &socket) == CURLE_OK,
      socket != acs_curl_no_socket
    else { return }
    shutdown(socket, Int32(SHUT_RDWR))
  }

  private func response(endedAbruptly: Bool) -> HTTPClient.Response {
    HTTPClient.Response(
      status: status, headers: headers, body: body, remoteAddress: remoteAddress,
      endedAbruptly: endedAbruptly)
  }

  private var remoteAddress: IPAddress? {
    var text: UnsafePointer<CChar>?
    guard let handle, acs_curl_get_text(handle, CURLINFO_PRIMARY_IP, &text) == CURLE_OK, let text
    else { return nil }
    return IPAddress(String(cString: text))
  }

  private func errorCode(of code: CURLcode) -> HTTPClientError.Code {
    switch code {
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_FUNCTION_ARGUMENT:
      return .invalidRequest
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: return .nameNotResolved
    case CURLE_COULDNT_CONNECT:
      var number = 0
      if let handle { _ = acs_curl_get_long(handle, CURLINFO_OS_ERRNO, &number) }
      return number == Int(ECONNREFUSED) ? .connectionRefused : .connectFailed
    case CURLE_OPERATION_TIMEDOUT: return .timedOut
    case CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE:
      return .connectionReset
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
      CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR:
      return .tls
    case CURLE_READ_ERROR, CURLE_ABORTED_BY_CALLBACK: return .bodyAborted
    default: return .protocolFailure
    }
  }

  private static let maximumHeaderCount = 200

  private static func sentence(_ code: HTTPClientError.Code) -> String {
    switch code {
    case .cancelled: "the request was cancelled"
    case .shutDown: "the client has been shut down"
    default: "the exchange failed"
    }
  }

  /// Whether a field can leave without smuggling in another one.
  private static func isSendable(_ field: HTTPField) -> Bool {
    !field.name.isEmpty
      && field.name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
      && field.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
  }
}

extension StringProtocol {
  fileprivate func trimmingSpaces() -> SubSequence {
    var text = self[...]
    while let last = text.last, last.isWhitespace { text = text.dropLast() }
    return text.drop { $0.isWhitespace }
  }
}
