/// How requests of one method are sent.
package struct ConnectionRequestChannel: Sendable {
  /// Whether the device has told enough to be asked this way.
  package var isPossible: @Sendable (ConnectionRequestTarget) -> Bool
  /// Sends one request; for a method that is not confirmed, `accepted` means sent.
  package var send: @Sendable (ConnectionRequestTarget) async -> ConnectionRequestResult

  package init(
    isPossible: @escaping @Sendable (ConnectionRequestTarget) -> Bool,
    send: @escaping @Sendable (ConnectionRequestTarget) async -> ConnectionRequestResult
  ) {
    self.isPossible = isPossible
    self.send = send
  }
}
