import CWMPServer
import ConnectionRequests
import Cryptography
import DeviceModel
import FileServer
import Fleet
import FleetStore
import Foundation
import HTTPClient
import Logging
import ManagementAPI
import NIOCore
import NIOPosix
import Postgres
import Release
import ServerConfiguration
import ServiceLifecycle
import ShippedModels
import Synchronization
import USPController
import USPTransports
import UnixSignals

/// The whole server: its parts put together, started in order, and stopped in the opposite order.
struct Server {
  private let settings: Settings
  private let logger: Logger

  init(_ settings: Settings, logger: Logger) {
    self.settings = settings
    self.logger = logger
  }

  /// Runs until SIGTERM or SIGINT, or until a part fails.
  func run() async throws {
    let directory = try DataDirectory(settings.dataDirectory)
    // While the database starts.
    let shipped = Task { await ModelShelf.offLoops { ShippedModels.compiled() } }
    let group = MultiThreadedEventLoopGroup(
      numberOfThreads: settings.cwmp.threads > 0
        ? settings.cwmp.threads : max(1, ProcessInfo.processInfo.activeProcessorCount / 2))
    try await PortCheck.run(settings, on: group)
    let cluster = settings.database.isEmpty ? try await startCluster(in: directory) : nil
    do {
      let connectionString = cluster?.connectionString ?? settings.database
      let store = try await FleetStore.open(
        connectionString, settings: FleetStore.Settings(settings), logger: logger)
      do {
        try await serve(
          store, models: await shipped.value, in: directory, cluster: cluster, on: group)
      } catch {
        await store.close()
        throw error
      }
      // The last commits still answer on the loops.
      await store.close()
      try await group.shutdownGracefully()
    } catch {
      try? await cluster?.stop()
      throw error
    }
    try await cluster?.stop()
    logger.info("stopped")
  }

  private func startCluster(in directory: DataDirectory) async throws -> PrivateCluster {
    let cluster = PrivateCluster(directory: directory.file("postgres"), logger: logger)
    try await cluster.start()
    return cluster
  }

  private func serve(
    _ store: FleetStore, models shipped: [CatalogedModel], in directory: DataDirectory,
    cluster: PrivateCluster?, on group: MultiThreadedEventLoopGroup
  ) async throws {
    let ports = Ports()
    let secrets = try await Secrets(store: store)
    let enrolment =
      settings.takesSharedCredential
      ? try await EnrolmentCredential.prepare(
        in: directory, realm: settings.cwmp.realm, store: store) : nil
    if let token = try await store.ensureAdminToken() {
      // A file that is there belongs to a database that is gone.
      unlink(directory.file(Banner.adminTokenFile))
      try AdminTokenFile(path: directory.file(Banner.adminTokenFile)).write(token)
    }
    let files = try FileStore(directory: settings.files.directory)
    let link = FileLink(key: secrets.fileLinks)
    let uploadLink = UploadLink(key: secrets.fileLinks)
    let view = FleetView(
      store: store, limits: TraceRecorder.Limits(settings),
      models: ModelShelf(shipped: shipped, store: store, logger: logger), logger: logger)
    try await view.refresh()
    let connections = try await ConnectionRequestParts.start(
      settings, store: store, secret: secrets.connectionRequests, switches: { view.switches },
      group: group, logger: logger)
    let requester = connections.requester
    var bindingCredential: (@Sendable (String) -> ConnectionCredential)?
    if settings.stun.port != 0, settings.connectionRequests.provision {
      bindingCredential = { name in
        ConnectionCredential.stun(deviceName: name, secret: secrets.connectionRequests)
      }
    }
    let cwmp = try await CWMPServer.start(
      settings: DoorSettings(settings),
      environment: DoorEnvironment(
        store: store,
        source: { [settings] order, localAddress in
          try await Self.source(
            of: order, store: store, link: link, settings: settings, localAddress: localAddress,
            port: ports.files)
        },
        destination: { [settings] task, localAddress in
          try Self.destination(
            of: task, link: uploadLink, settings: settings, localAddress: localAddress,
            port: ports.files)
        },
        credential: { name in
          ConnectionCredential(deviceName: name, secret: secrets.connectionRequests)
        },
        bindingCredential: bindingCredential, bindingHost: settings.stun.host,
        contacted: { device in requester.deviceCalled(device) },
        switches: { view.switches }, traces: view.traces,
        now: { Date().timeIntervalSince1970 }), key: secrets.nonces, group: group, logger: logger)
    let usp = try await USPParts.start(
      settings,
      environment: ControllerEnvironment(
        store: store,
        source: { [settings] order, localAddress in
          try await Self.source(
            of: order, store: store, link: link, settings: settings, localAddress: localAddress,
            port: ports.files)
        },
        destination: { [settings] task, localAddress in
          try Self.destination(
            of: task, link: uploadLink, settings: settings, localAddress: localAddress,
            port: ports.files)
        },
        contacted: { device in requester.deviceCalled(device) },
        traces: AgentTraces(recorder: view.traces), now: { Date().timeIntervalSince1970 }),
      group: group, logger: logger)
    let metrics = MetricsCollector(
      store: store, cwmp: cwmp, usp: usp?.controller, requester: requester,
      startedAt: Date().timeIntervalSince1970)
    let isAsking = settings.connectionRequests.enabled
    let wake: @Sendable (Device.ID) -> Void = { device in
      if usp?.controller.noteWork(for: device) == true { return }
      cwmp.noteWork(for: device)
      Task {
        if await usp?.controller.reach(device) == true { return }
        if isAsking { await requester.request(device) }
      }
    }
    let api = ManagementAPI(
      configuration: .init(settings, version: Release.version), store: store, files: files,
      wake: wake,
      connect: { device, seconds in
        let start = ContinuousClock.now
        if let answers = await usp?.controller.probe(device, within: seconds) {
          let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
          return answers
            ? .called(method: "usp", milliseconds: milliseconds)
            : .notCalled(
              reason: "the agent does not answer over its link", milliseconds: milliseconds)
        }
        return ConnectionOutcome(await requester.connect(device, timeout: .seconds(seconds)))
      },
      callRequests: { await requester.requests(of: $0) },
      agentLink: { device in
        await usp?.controller.connection(of: device).map {
          AgentLink(transport: $0.transport.rawValue, versions: $0.versions)
        }
      },
      switches: { view.switches },
      models: { view.models.catalog }, modelsChanged: { await view.modelsChanged() },
      viewChanged: { view.changed() }, metrics: { await metrics.page() }, logger: terse)
    let fileServer = FileServer(
      configuration: .init(settings.files), files: files, link: link,
      uploads: UploadIntake(link: uploadLink, store: store, files: files), logger: terse,
      now: { Int64(Date().timeIntervalSince1970) })

    try directory.write("\(ProcessInfo.processInfo.processIdentifier)\n", to: "acsd.pid")
    defer { unlink(directory.file("acsd.pid")) }
    let ready = Readiness(parts: 2) {
      Banner(
        settings: settings, directory: directory, enrolment: enrolment, cwmpPort: cwmp.plainPort,
        cwmpTLSPort: cwmp.encryptedPort, uspPort: usp?.controller.webSocketPort,
        filesPort: ports.files, apiPort: ports.api, socket: cluster?.configuration
      ).show()
    }
    var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
      .init(
        service: Upkeep(
          settings: settings, store: store, files: files, wake: wake, logger: logger)),
      .init(service: view),
      .init(
        service: fileServer.application { port in
          ports.set(files: port)
          await ready.partIsReady()
        }),
      .init(
        service: api.application { port in
          ports.set(api: port)
          await ready.partIsReady()
        }),
      // Stopped before the API, whose callers may be waiting for devices to call.
      .init(service: connections),
      .init(service: CWMPService(server: cwmp)),
    ]
    if let usp { services.append(.init(service: usp)) }
    var parts = ServiceGroupConfiguration(
      services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
    // Whoever waits for a long poll or a download is cut off after this.
    parts.maximumGracefulShutdownDuration = .seconds(10)
    do {
      try await ServiceGroup(configuration: parts).run()
    } catch {
      await connections.stop()
      await cwmp.stop()
      await usp?.controller.stop()
      throw error
    }
  }

  /// The library tells about each step of starting; that is no news to an operator.
  private var quiet: Logger {
    var logger = Logger(label: "services")
    logger.logLevel = max(logger.logLevel, .error)
    return logger
  }

  /// For parts whose library tells as news what the banner says.
  private var terse: Logger {
    var logger = logger
    logger.logLevel = max(logger.logLevel, .notice)
    return logger
  }

  private static func source(
    of order: DownloadOrder, store: FleetStore, link: FileLink, settings: Settings,
    localAddress: String, port: Int
  ) async throws -> DownloadSource? {
    guard let digest = ContentDigest(order.file),
      let record = try await store.file(sha256: order.file)
    else { return nil }
    let base = try baseURL(settings, localAddress: localAddress, port: port)
    let expiry =
      Date().timeIntervalSince1970 + settings.files.linkLifetime.inSeconds
      + Double(order.latestStart)
    return DownloadSource(
      url: link.url(base: base, to: digest, name: record.name, expiresAt: Int64(expiry)),
      size: UInt64(record.size))
  }
}

extension Server {
  private static func destination(
    of task: DeviceTask, link: UploadLink, settings: Settings, localAddress: String, port: Int
  ) throws -> String? {
    guard case .upload(let order) = task.operation else { return nil }
    let expiry =
      Date().timeIntervalSince1970 + settings.files.linkLifetime.inSeconds + Double(order.delay)
    return link.url(
      base: try baseURL(settings, localAddress: localAddress, port: port),
      to: UploadLink.Target(device: task.deviceID, task: task.id), expiresAt: Int64(expiry))
  }

  /// Where devices reach the file server.
  /// - Throws: ``UnknownFileAddress``.
  static func baseURL(_ settings: Settings, localAddress: String, port: Int) throws -> String {
    guard settings.files.url.isEmpty else { return settings.files.url }
    guard !localAddress.isEmpty else { throw UnknownFileAddress() }
    let host = localAddress.contains(":") ? "[\(localAddress)]" : localAddress
    return "http://\(host):\(port)"
  }
}

extension UploadIntake {
  /// What arrives is known to the store before the device is told.
  fileprivate init(link: UploadLink, store: FleetStore, files: FileStore) {
    self.init(
      link: link,
      isAwaited: { target in
        try await Self.tellingOutages {
          try await store.awaitsUpload(
            for: target.task, of: target.device, now: Date().timeIntervalSince1970)
        }
      },
      record: { target, content in
        do {
          let receipt = try await Self.tellingOutages {
            try await store.recordUpload(
              sha256: content.digest.hexadecimal, size: content.size,
              content: FileContent(place: content.place, remove: content.remove), for: target.task,
              of: target.device, now: Date().timeIntervalSince1970)
          }
          return receipt.isReplacement ? .replaced : .created
        } catch let error as StoreError where error.code == .conflict {
          return .refused
        }
      })
  }

  private static func tellingOutages<Result: Sendable>(
    _ body: @Sendable () async throws -> Result
  ) async throws -> Result {
    do {
      return try await body()
    } catch let error as StoreError where error.code == .unavailable || error.code == .overloaded {
      throw Unavailable()
    }
  }
}

/// The secrets that all nodes share.
private struct Secrets: Sendable {
  var nonces: [UInt8]
  var fileLinks: [UInt8]
  var connectionRequests: [UInt8]

  init(store: FleetStore) async throws {
    nonces = try await store.secret(named: "nonces")
    fileLinks = try await store.secret(named: "file links")
    connectionRequests = try await store.secret(named: "connection requests")
  }
}

/// Keeps the CWMP door open until the server is told to stop.
private struct CWMPService: Service {
  let server: CWMPServer

  func run() async throws {
    try? await gracefulShutdown()
    await server.stop()
  }
}

/// Where the parts listen: the ports asked for, or those that the system gave where 0 was asked for.
private final class Ports: Sendable {
  private let content = Mutex((files: 0, api: 0))

  var files: Int { content.withLock(\.files) }
  var api: Int { content.withLock(\.api) }

  func set(files port: Int) { content.withLock { $0.files = port } }
  func set(api port: Int) { content.withLock { $0.api = port } }
}

/// Calls once when all parts listen.
private actor Readiness {
  private var parts: Int
  private let action: @Sendable () -> Void

  init(parts: Int, action: @escaping @Sendable () -> Void) {
    self.parts = parts
    self.action = action
  }

  func partIsReady() {
    parts -= 1
    if parts == 0 { action() }
  }
}

extension ConnectionOutcome {
  fileprivate init(_ report: ConnectionReport) {
    switch report.ending {
    case .called(let method):
      self = .called(method: method?.rawValue, milliseconds: report.milliseconds)
    case .failed(_, let detail):
      self = .notCalled(reason: detail, milliseconds: report.milliseconds)
    }
  }
}
