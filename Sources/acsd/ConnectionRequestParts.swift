import ConnectionRequests
import Fleet
import FleetStore
import Foundation
import Glibc
import HTTPClient
import Logging
import NIOCore
import ServerConfiguration
import ServiceLifecycle
import XMPP

/// The parts that ask devices to call: the requester, and the sockets behind its methods.
struct ConnectionRequestParts: Service {
  let requester: ConnectionRequester
  /// nil where no port is set for it.
  let stun: STUNServer?
  /// nil where no account is set for it.
  let xmpp: XMPPConnectionRequestSender?

  /// - Parameters:
  ///   - secret: what the credentials of devices follow from; shared by all nodes.
  ///   - switches: what devices of some make need differently.
  static func start(
    _ settings: Settings, store: FleetStore, secret: [UInt8],
    switches: @escaping @Sendable () -> DeviceSwitchesTable, group: any EventLoopGroup,
    logger: Logger
  ) async throws -> ConnectionRequestParts {
    let rules = AddressRules(settings.connectionRequests)
    var channels: [ConnectionMethod: ConnectionRequestChannel] = [
      .http: .http(
        rules: rules, options: .init(settings.connectionRequests),
        maximumConcurrent: settings.connectionRequests.concurrency)
    ]
    let stun = try await startSTUN(settings.stun, secret: secret, group: group, logger: logger)
    if let stun {
      var options = UDPConnectionRequestSender.Options()
      options.copies = settings.connectionRequests.udpCopies
      options.maximumDevices = settings.connectionRequests.maxDevices
      let sender = UDPConnectionRequestSender(
        server: stun, rules: rules, options: options, now: { Date().timeIntervalSince1970 })
      channels[.udp] = sender.channel
    }
    let xmpp = try startXMPP(settings.xmpp, logger: logger)
    if let xmpp { channels[.xmpp] = xmpp.channel }
    let requester = ConnectionRequester(
      configuration: .init(settings.connectionRequests), channels: channels, logger: logger,
      lastContact: { try await store.lastContact(of: $0) }
    ) { device in
      try await store.connectionTarget(of: device, secret: secret).map {
        ConnectionRequestTarget($0, device: device, switches: switches())
      }
    }
    return ConnectionRequestParts(requester: requester, stun: stun, xmpp: xmpp)
  }

  /// Until the server is told to stop.
  func run() async throws {
    try? await gracefulShutdown()
    await stop()
  }

  func stop() async {
    await requester.shutDown()
    await stun?.stop()
    xmpp?.stop()
  }

  private static func startXMPP(_ settings: Settings.XMPP, logger: Logger) throws
    -> XMPPConnectionRequestSender?
  {
    guard !settings.jid.isEmpty else { return nil }
    let text: String
    do {
      text = try String(contentsOfFile: settings.passwordFile, encoding: .utf8)
    } catch {
      throw UnreadablePassword(file: settings.passwordFile)
    }
    let password = String(text.prefix { !$0.isNewline })
    guard !password.isEmpty else { throw UnreadablePassword(file: settings.passwordFile) }
    return XMPPConnectionRequestSender(
      configuration: .init(settings, password: password), logger: logger)
  }

  private static func startSTUN(
    _ settings: Settings.STUN, secret: [UInt8], group: any EventLoopGroup, logger: Logger
  ) async throws -> STUNServer? {
    guard settings.port != 0 else { return nil }
    do {
      return try await STUNServer.start(
        configuration: .init(settings), group: group, logger: logger
      ) { username in
        ConnectionCredential.stun(deviceName: username, secret: secret).password
      }
    } catch {
      throw PortCheck.Failure(
        setting: "stun.port", host: settings.host, port: settings.port,
        reason: (error as? IOError)?.errnoCode == EADDRINUSE
          ? "another program does already (another acsd?)" : "\(error)")
    }
  }
}

/// The file of the XMPP account's password holds none.
private struct UnreadablePassword: Error, CustomStringConvertible {
  var file: String

  var description: String {
    "xmpp.passwordFile: \(file) can't be read, or its first line is empty"
  }
}

extension XMPPClient.Configuration {
  init(_ settings: Settings.XMPP, password: String) {
    self.init(jid: settings.jid, password: password)
    host = settings.host
    port = UInt16(settings.port)
    security = settings.tls == .off ? .off : .required
    certificateAuthorities = settings.certificateAuthorities
    timeout = settings.timeout
    maximumPending = settings.maxPending
    domains = settings.domains
    reconnection.maximumDelay = settings.retryCap.inSeconds
  }
}

extension ConnectionRequester.Configuration {
  init(_ settings: Settings.ConnectionRequests) {
    self.init()
    policy.maximumAttempts = settings.attempts
    policy.firstDelay = settings.retryDelay.inSeconds
    policy.maximumDelay = settings.retryCap.inSeconds
    policy.minimumInterval = settings.interval.inSeconds
    policy.refusalHold = settings.refusalHold.inSeconds
    patience.confirmed = settings.sessionWait.inSeconds
    patience.unconfirmed = settings.udpWait.inSeconds
    methods = settings.methods.compactMap { ConnectionMethod(rawValue: $0) }
    maximumConcurrent = settings.concurrency
    maximumWaiters = settings.maxWaiting
    maximumDevices = settings.maxDevices
    failureLines = settings.failureLines
  }
}

extension ConnectionRequestExchange.Options {
  init(_ settings: Settings.ConnectionRequests) {
    self.init()
    connectTimeout = settings.connectTimeout
    totalTimeout = settings.timeout
    allowsBasic = settings.basic
    now = { Date().timeIntervalSince1970 }
  }
}

extension AddressRules {
  init(_ settings: Settings.ConnectionRequests) {
    self.init()
    allowed = settings.allow.compactMap { AddressBlock($0) }
    denied = settings.deny.compactMap { AddressBlock($0) }
    own = OwnAddresses()
    allowsOwnAddresses = settings.ownAddresses
    allowsOwnNetworks = settings.ownNetworks
    allowsContactAddress = settings.contactAddress
  }
}

extension STUNServer.Configuration {
  init(_ settings: Settings.STUN) {
    self.init()
    host = settings.host
    port = settings.port
    requiresSignature = settings.signed
    maximumRate = settings.maxRate
    maximumBindings = settings.maxBindings
  }
}

extension ConnectionRequestTarget {
  init(_ target: ConnectionTarget, device: Device.ID, switches table: DeviceSwitchesTable) {
    let switches = table.switches(
      for: target.identity, hardwareVersion: target.hardwareVersion,
      softwareVersion: target.softwareVersion)
    self.init(
      deviceID: device, deviceName: target.deviceName, url: target.url,
      udpAddress: target.udpAddress, jabberID: target.jabberID,
      username: target.credential.username, password: target.credential.password,
      methods: switches.connectionMethods,
      allowsBasic: switches.basicConnectionRequests, contactAddress: target.contactAddress,
      contactedAt: target.contactedAt)
  }
}
