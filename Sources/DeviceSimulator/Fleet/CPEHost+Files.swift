import CWMP
import NIOCore
import NIOPosix

/// Files that a device fetches and puts, and single packets that it sends.
extension CPEHost {
  /// Who a device is to a file server.
  private struct FileCredentials {
    var username: String
    var password: String

    /// The value of Authorization for challenges that can be answered.
    func header(_ challenges: [String], method: String, target: HTTPTarget) -> String? {
      guard !username.isEmpty else { return nil }
      var credentials = SessionCredentials(username: username, password: password)
      guard credentials.receive(challenges) else { return nil }
      return credentials.header(method: method, uri: target.path)
    }
  }

  func fetch(_ download: Download) {
    fetch(
      download.url, .init(username: download.username, password: download.password),
      authorization: nil
    ) { [weak self] outcome in
      guard let self, !self.loop.isStopping else { return }
      self.perform(self.cpe.downloadEnded(outcome, at: self.now))
      self.wake()
    }
  }

  func fetch(_ source: SimulatedCPE.UnitSource) {
    fetch(
      source.url, .init(username: source.username, password: source.password), authorization: nil
    ) { [weak self] outcome in
      guard let self, !self.loop.isStopping else { return }
      self.perform(self.cpe.unitFetched(outcome, at: self.now))
      self.wake()
    }
  }

  private func fetch(
    _ url: String, _ credentials: FileCredentials, authorization: String?,
    done: @escaping (DownloadOutcome) -> Void
  ) {
    guard let target = HTTPTarget(url) else { return done(.unreachable) }
    let fetcher = FileFetcher(target: target, authorization: authorization) { [weak self] result in
      switch result {
      case .ended(let outcome): done(outcome)
      case .challenged(let challenges):
        guard authorization == nil,
          let header = credentials.header(challenges, method: "GET", target: target)
        else { return done(.refused(status: 401)) }
        self?.fetch(url, credentials, authorization: header, done: done)
      }
    }
    loop.connector.connect(to: target, idleTimeout: FileFetcher.idleTimeout, handler: fetcher) {
      if case .failure = $0 { done(.unreachable) }
    }
  }

  func store(_ upload: Upload, _ contents: [UInt8]) {
    store(upload, contents, authorization: nil) { [weak self] outcome in
      guard let self, !self.loop.isStopping else { return }
      self.perform(self.cpe.uploadEnded(outcome, at: self.now))
      self.wake()
    }
  }

  private func store(
    _ upload: Upload, _ contents: [UInt8], authorization: String?,
    done: @escaping (UploadOutcome) -> Void
  ) {
    guard let target = HTTPTarget(upload.url) else { return done(.unreachable) }
    let credentials = FileCredentials(username: upload.username, password: upload.password)
    let sender = FileSender(
      target: target, contents: contents, authorization: authorization
    ) { [weak self] result in
      switch result {
      case .ended(let outcome): done(outcome)
      case .challenged(let challenges):
        guard authorization == nil,
          let header = credentials.header(challenges, method: "PUT", target: target)
        else { return done(.refused(status: 401)) }
        self?.store(upload, contents, authorization: header, done: done)
      }
    }
    loop.connector.connect(to: target, idleTimeout: FileFetcher.idleTimeout, handler: sender) {
      if case .failure = $0 { done(.unreachable) }
    }
  }

  /// Sends one UDP packet and forgets it.
  func send(_ notification: LightweightNotification) {
    guard
      let address = try? SocketAddress(ipAddress: notification.host, port: notification.port)
    else { return }
    let bindHost = address.protocol == .inet6 ? "::" : "0.0.0.0"
    let buffer = ByteBuffer(bytes: notification.packet)
    DatagramBootstrap(group: loop.eventLoop).bind(host: bindHost, port: 0).whenSuccess { channel in
      channel.writeAndFlush(AddressedEnvelope(remoteAddress: address, data: buffer))
        .whenComplete { _ in channel.close(promise: nil) }
    }
  }
}
