import CWMP
import CWMPServer
import ConnectionRequests
import FileServer
import Fleet
import FleetStore
import HTTPClient
import ManagementAPI
import NIOCore
import ServerConfiguration

extension FleetStore.Settings {
  init(_ settings: Settings) {
    self.init()
    connections = settings.store.connections
    committers = settings.store.committers
    commitDelay = settings.store.commitDelay.inSeconds
    commitBatch = settings.store.commitBatch
    queueLimit = settings.store.queueLimit
    maxVolatileSize = settings.store.maxVolatile
    statementTimeout = settings.store.statementTimeout
    if let names = settings.facts { facts = names }
    initialBatchSize = settings.discovery.batchSize
    readRetryDelay = settings.discovery.retryDelay.inSeconds
    policy = TaskPolicy(settings.tasks)
  }
}

extension TaskPolicy {
  init(_ settings: ServerConfiguration.Settings.Tasks) {
    self.init()
    maxAttempts = settings.maxAttempts
    retry = Backoff(
      base: settings.retryDelay.inSeconds, cap: settings.retryCap.inSeconds)
    readLifetime = settings.readLifetime.inSeconds
    writeLifetime = settings.writeLifetime.inSeconds
    restartLifetime = settings.restartLifetime.inSeconds
    downloadLifetime = settings.downloadLifetime.inSeconds
    bootWithin = settings.bootWithin.inSeconds
    transferWithin = settings.transferWithin.inSeconds
    verifyWithin = settings.verifyWithin.inSeconds
  }
}

extension DoorSettings {
  init(_ settings: Settings) {
    self.init()
    host = settings.cwmp.host
    port = settings.cwmp.port
    enrolment =
      switch settings.cwmp.enrolment {
      case .known: .known
      case .shared: .shared
      case .open: .open
      }
    realm = settings.cwmp.realm
    scheme =
      switch settings.cwmp.authentication {
      case .digest: .digest
      case .basic: .basic
      case .either: .either
      }
    maxBody = settings.cwmp.maxBody
    maxConnections = settings.cwmp.maxConnections
    maxSessions = settings.cwmp.maxSessions
    sessionTimeout = TimeAmount(settings.cwmp.sessionTimeout)
    maxSessionLength = TimeAmount(settings.cwmp.maxSessionLength)
    requestTimeout = TimeAmount(settings.cwmp.requestTimeout)
    session.requests = settings.cwmp.maxRequests
    session.messages = settings.cwmp.maxRequests
    decoder.bytes = settings.cwmp.maxBody
    decoder.parameters = settings.cwmp.maxParameters
    style.xmlDeclaration = settings.cwmp.xmlDeclaration
    reading.parameters = settings.discovery.maxParameters
    reading.requestBytes = settings.discovery.requestBytes
    provisionsCredential = settings.connectionRequests.provision
  }
}

extension ConnectionRequester.Configuration {
  init(_ settings: ServerConfiguration.Settings.ConnectionRequests) throws {
    self.init()
    rules.allowed = settings.allow.compactMap { AddressBlock($0) }
    rules.denied = settings.deny.compactMap { AddressBlock($0) }
    options.totalTimeout = settings.timeout
    options.allowsBasic = settings.basic
    policy.maximumAttempts = settings.attempts
    policy.firstDelay = settings.retryDelay.inSeconds
    policy.maximumDelay = settings.retryCap.inSeconds
    policy.minimumInterval = settings.interval.inSeconds
    policy.refusalHold = settings.refusalHold.inSeconds
    maximumConcurrent = settings.concurrency
  }
}

extension ConnectionRequestTarget {
  init(_ target: ConnectionTarget, device: Device.ID) {
    self.init(
      deviceID: device, deviceName: target.deviceName, url: target.url,
      username: target.credential.username, password: target.credential.password,
      contactAddress: target.contactAddress)
  }
}

extension FileServer.Configuration {
  init(_ settings: ServerConfiguration.Settings.Files) {
    self.init()
    host = settings.host
    port = settings.port
    maximumConnections = settings.maxConnections
    idleTimeout = Int(settings.idleTimeout.inSeconds)
    stallTimeout = Int(settings.stallTimeout.inSeconds)
  }
}

extension ManagementAPI.Configuration {
  init(_ settings: Settings, version: String) {
    self.init()
    host = settings.api.host
    port = settings.api.port
    self.version = version
    realm = settings.cwmp.realm
    maximumBodySize = settings.api.maxBody
    maximumPageSize = settings.api.pageLimit
    maximumStreams = settings.api.maxStreams
    maximumFileSize = Int64(settings.files.maxSize)
  }
}

extension Retention {
  init(_ settings: Settings) {
    self.init()
    eventDays = settings.events.retentionDays
    endedTasks = Double(settings.tasks.retentionDays) * 86_400
  }
}
