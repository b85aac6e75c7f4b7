import NIOCore
import NIOPosix
import STUN

/// The STUN binding follows the settings of the ACS.
extension CPEHost {
  /// Looks at the settings after each session, and begins, changes or ends the binding.
  func updateBinding() {
    guard !loop.isStopping else { return }
    let settings = stunSettings
    guard settings != binding?.client.settings else { return }
    binding?.stop()
    binding = nil
    guard let settings else { return }
    if let server = try? SocketAddress(ipAddress: settings.host, port: settings.port) {
      return bind(settings, server)
    }
    NIOSingletons.posixBlockingThreadPool.runIfActive(eventLoop: loop.eventLoop) {
      try SocketAddress.makeAddressResolvingHost(settings.host, port: settings.port)
    }.assumeIsolated().whenSuccess { [weak self] server in
      guard let self, self.stunSettings == settings, self.binding == nil else { return }
      self.bind(settings, server)
    }
  }

  /// Nil while STUN is off.
  private var stunSettings: STUNClient.Settings? {
    let now = now
    func value(_ name: String) -> String { cpe.stored("ManagementServer." + name, now) }
    guard value("STUNEnable") == "true" else { return nil }
    var host = value("STUNServerAddress")
    // Without an address, the ACS itself is the server (TR-181 ManagementServer.STUNServerAddress).
    if host.isEmpty { host = HTTPTarget(cpe.acsURL(now))?.host ?? "" }
    let port = Int(value("STUNServerPort")) ?? 3478
    guard !host.isEmpty, (1...65535).contains(port) else { return nil }
    let credentials = cpe.connectionRequestCredentials(now)
    return STUNClient.Settings(
      host: host, port: port, username: value("STUNUsername"), password: value("STUNPassword"),
      keepAlive: max(1, Double(value("STUNMinimumKeepAlivePeriod")) ?? 30),
      requester: credentials?.username ?? "", requesterPassword: credentials?.password ?? "")
  }

  private func bind(_ settings: STUNClient.Settings, _ server: SocketAddress) {
    let made = STUNBinding(
      settings: settings, server: server, eventLoop: loop.eventLoop,
      timeScale: loop.clock.scale,
      learned: { [weak self] address, local in self?.learned(address, local) },
      requested: { [weak self] in _ = self?.takeConnectionRequest() })
    binding = made
    made.start(host: server.protocol == .inet6 ? "::" : loop.bindHost)
  }

  private func learned(_ address: TransportAddress, _ local: TransportAddress?) {
    let now = now
    let isWildcard = local?.address.allSatisfy { $0 == 0 } ?? true
    let isMapped = isWildcard ? local?.port != address.port : local != address
    func change(_ name: String, _ value: String) {
      cpe.change(cpe.tree.model.path("ManagementServer." + name), to: value, now)
    }
    change("NATDetected", isMapped ? "true" : "false")
    let host =
      address.isIPv4
      ? address.address.map { String($0) }.joined(separator: ".")
      : "["
        + stride(from: 0, to: 16, by: 2).map {
          String(UInt16(address.address[$0]) << 8 | UInt16(address.address[$0 + 1]), radix: 16)
        }.joined(separator: ":") + "]"
    change("UDPConnectionRequestAddress", "\(host):\(address.port)")
    wake()
  }
}
