import HTTPClient

extension ConnectionRequestChannel {
  /// GETs to ConnectionRequestURL (TR-069 Amendment 6, 3.2.2).
  ///
  /// - Parameter maximumConcurrent: How many exchanges there will be at a time.
  package static func http(
    rules: AddressRules, options: ConnectionRequestExchange.Options, maximumConcurrent: Int
  ) -> ConnectionRequestChannel {
    var configuration = HTTPClient.Configuration()
    // A device is asked once in a while: no connection is worth keeping.
    configuration.maximumIdleConnections = maximumConcurrent
    configuration.userAgent = ""
    let exchange = ConnectionRequestExchange(
      client: HTTPClient(configuration: configuration), rules: rules, options: options)
    return ConnectionRequestChannel(
      isPossible: { !$0.url.isEmpty }, send: { await exchange.run($0) })
  }
}
