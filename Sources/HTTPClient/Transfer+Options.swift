import CLibCurl

extension Transfer {
  /// Makes the libcurl handle; the loop's thread calls it once.
  func makeHandle() throws(HTTPClientError) -> UnsafeMutableRawPointer {
    guard let handle = curl_easy_init() else { throw error(.protocolFailure, "out of memory") }
    self.handle = handle
    try set(CURLOPT_URL, request.url)
    try set(CURLOPT_PROTOCOLS_STR, "http,https")
    try set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
    try set(CURLOPT_FOLLOWLOCATION, request.followsRedirects ? 1 : 0)
    try set(CURLOPT_MAXREDIRS, 5)
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_PATH_AS_IS, 1)
    try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    try set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.milliseconds)
    try set(CURLOPT_TIMEOUT_MS, request.totalTimeout?.milliseconds ?? 0)
    try set(CURLOPT_SSL_VERIFYPEER, request.verifiesServer ? 1 : 0)
    try set(CURLOPT_SSL_VERIFYHOST, request.verifiesServer ? 2 : 0)
    try set(CURLOPT_FRESH_CONNECT, request.needsNewConnection ? 1 : 0)
    if !configuration.usesProxyOfEnvironment { try set(CURLOPT_PROXY, "") }
    if !configuration.userAgent.isEmpty { try set(CURLOPT_USERAGENT, configuration.userAgent) }
    if let target = request.target { try set(CURLOPT_REQUEST_TARGET, target) }
    if let file = request.certificateAuthorities { try set(CURLOPT_CAINFO, file) }
    try setCredentials()
    try setBody(handle)
    try setHeaders(handle)
    try check(TransferCallbacks.install(on: handle, for: self))
    return handle
  }

  private func setCredentials() throws(HTTPClientError) {
    switch request.credentials {
    case .none: break
    case .basic(let username, let password):
      try set(CURLOPT_HTTPAUTH, acs_curl_auth_basic)
      try set(CURLOPT_USERNAME, username)
      try set(CURLOPT_PASSWORD, password)
    case .digest(let username, let password):
      try set(CURLOPT_HTTPAUTH, acs_curl_auth_digest)
      try set(CURLOPT_USERNAME, username)
      try set(CURLOPT_PASSWORD, password)
    }
  }

  private func setBody(_ handle: UnsafeMutableRawPointer) throws(HTTPClientError) {
    if let length = source.length {
      try set(CURLOPT_UPLOAD, 1)
      try check(acs_curl_set_size(handle, CURLOPT_INFILESIZE_LARGE, Int64(length)))
    } else if ["POST", "PUT", "PATCH"].contains(request.method) {
      // Without this libcurl would send no Content-Length, which some servers refuse with 411.
      try set(CURLOPT_UPLOAD, 1)
      try check(acs_curl_set_size(handle, CURLOPT_INFILESIZE_LARGE, 0))
    } else if request.method == "HEAD" {
      try set(CURLOPT_NOBODY, 1)
    }
    try set(CURLOPT_CUSTOMREQUEST, request.method)
  }

  private func setHeaders(_ handle: UnsafeMutableRawPointer) throws(HTTPClientError) {
    // A name followed by a colon alone keeps libcurl from adding its own: few servers answer an Expect.
    var lines = ["Expect:"]
    for field in request.headers {
      lines.append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
    }
    for line in lines {
      guard let list = curl_slist_append(headerList, line) else {
        throw error(.protocolFailure, "out of memory")
      }
      headerList = list
    }
    try check(acs_curl_set_list(handle, CURLOPT_HTTPHEADER, headerList))
  }

  private func set(_ option: CURLoption, _ value: String) throws(HTTPClientError) {
    guard let handle, !value.utf8.contains(0) else {
      throw error(.invalidRequest, "a text with a zero byte cannot be sent")
    }
    try check(acs_curl_set_text(handle, option, value))
  }

  private func set(_ option: CURLoption, _ value: Int) throws(HTTPClientError) {
    guard let handle else { return }
    try check(acs_curl_set_long(handle, option, value))
  }

  private func check(_ code: CURLcode) throws(HTTPClientError) {
    guard code == CURLE_OK else {
      throw error(.invalidRequest, String(cString: curl_easy_strerror(code)))
    }
  }
}

extension Duration {
  /// Whole milliseconds, at least 1 and at most a day: 0 would mean "no limit" to libcurl.
  fileprivate var milliseconds: Int {
    let (seconds, attoseconds) = components
    guard seconds < 86_400 else { return 86_400_000 }
    return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
  }
}
