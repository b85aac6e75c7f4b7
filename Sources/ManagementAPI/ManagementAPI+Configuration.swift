import FleetStore

extension ManagementAPI {
  /// Where the API listens, and its limits.
  package struct Configuration: Sendable {
    /// Loopback by default: the API speaks plain HTTP.
    package var host = "127.0.0.1"
    /// 0: any free port.
    package var port = 7557
    /// What `GET /version` says.
    package var version = "0"
    /// The realm of the credentials that devices show; their verifiers hold for this realm only.
    package var realm = "Fairlead"

    /// Connections beyond this many wait in the kernel's queue.
    package var maximumConnections = 256
    /// Seconds without a request after which a connection is closed.
    package var idleTimeout = 120
    /// Seconds in which a client takes nothing of a response under way, after which its connection is closed.
    package var stallTimeout = 60
    /// Bytes of a request's head.
    package var maximumHeaderSize = 32 * 1024

    /// Bytes of a body of JSON.
    package var maximumBodySize = 1 << 20
    /// Bytes of a rollout's text.
    package var maximumDocumentSize = 256 << 10
    /// Bytes of a file.
    package var maximumFileSize: Int64 = 1 << 30

    package var defaultPageSize = 100
    package var maximumPageSize = 1000
    /// Parameters of a device's tree in one answer.
    package var maximumParameterPageSize = 10_000
    /// Devices of one order by selector, unless the order itself sets another limit.
    package var defaultTaskLimit = 100
    /// The most that such an order may set.
    package var maximumTaskLimit = 10_000

    /// Seconds that a request may wait for a task's end.
    package var maximumWait = 60
    /// Seconds between looks at a task that a request waits for.
    package var pollInterval = 0.5

    package var traces = TraceLimits()
    package var models = ModelLimits()
    /// Live views at a time.
    package var maximumStreams = 64
    /// Seconds without news after which a live view shows that it is alive, and the token that opened it is looked at again.
    package var streamPulse = 15.0
    /// Seconds between looks at a rollout that somebody watches.
    package var rolloutInterval = 1.0
    /// Events that a live view reads at a time.
    package var streamBatch = 500

    /// Seconds for which a token counts as valid without asking the database again.
    package var tokenCacheLifetime = 5.0
    /// Tokens that are remembered so.
    package var tokenCacheSize = 1000
    /// Failed attempts of one peer within a minute, after which further ones are refused unseen.
    package var maximumFailedAttempts = 20
    /// Peers whose failed attempts are remembered.
    package var maximumPeers = 10_000

    package init() {}
  }
}

/// What operators may bring of data models.
package struct ModelLimits: Sendable {
  /// Bytes of the documents of one model together.
  package var bytes = 16 << 20
  /// Documents of one model.
  package var documents = 500
  /// Imported models.
  package var count = 20

  package init() {}
}
