import NIOCore

/// Files that an agent fetches and puts.
extension AgentHost {
  func fetch(_ transfer: USPAgent.AgentTransfer) {
    fetch(transfer, authorization: nil) { [weak self] outcome in
      guard let self, !self.loop.isStopping else { return }
      self.perform(self.agent.fetched(outcome, for: transfer, at: self.now))
      self.wake()
    }
  }

  private func fetch(
    _ transfer: USPAgent.AgentTransfer, authorization: String?,
    done: @escaping (DownloadOutcome) -> Void
  ) {
    guard let target = HTTPTarget(transfer.url) else { return done(.unreachable) }
    let fetcher = FileFetcher(target: target, authorization: authorization) { [weak self] result in
      switch result {
      case .ended(let outcome): done(outcome)
      case .challenged(let challenges):
        guard authorization == nil,
          let header = Self.header(transfer, challenges, method: "GET", target: target)
        else { return done(.refused(status: 401)) }
        self?.fetch(transfer, authorization: header, done: done)
      }
    }
    loop.connector.connect(to: target, idleTimeout: FileFetcher.idleTimeout, handler: fetcher) {
      if case .failure = $0 { done(.unreachable) }
    }
  }

  func store(_ transfer: USPAgent.AgentTransfer, _ contents: [UInt8]) {
    store(transfer, contents, authorization: nil) { [weak self] outcome in
      guard let self, !self.loop.isStopping else { return }
      self.perform(self.agent.stored(outcome, for: transfer, at: self.now))
      self.wake()
    }
  }

  private func store(
    _ transfer: USPAgent.AgentTransfer, _ contents: [UInt8], authorization: String?,
    done: @escaping (UploadOutcome) -> Void
  ) {
    guard let target = HTTPTarget(transfer.url) else { return done(.unreachable) }
    let sender = FileSender(target: target, contents: contents, authorization: authorization) {
      [weak self] result in
      switch result {
      case .ended(let outcome): done(outcome)
      case .challenged(let challenges):
        guard authorization == nil,
          let header = Self.header(transfer, challenges, method: "PUT", target: target)
        else { return done(.refused(status: 401)) }
        self?.store(transfer, contents, authorization: header, done: done)
      }
    }
    loop.connector.connect(to: target, idleTimeout: FileFetcher.idleTimeout, handler: sender) {
      if case .failure = $0 { done(.unreachable) }
    }
  }

  /// The value of Authorization for challenges that can be answered.
  private static func header(
    _ transfer: USPAgent.AgentTransfer, _ challenges: [String], method: String, target: HTTPTarget
  ) -> String? {
    guard !transfer.username.isEmpty else { return nil }
    var credentials = SessionCredentials(
      username: transfer.username, password: transfer.password)
    guard credentials.receive(challenges) else { return nil }
    return credentials.header(method: method, uri: target.path)
  }
}
