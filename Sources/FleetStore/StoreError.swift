import Fleet
import Postgres

/// Why the store did not do what it was asked to.
package struct StoreError: Error, Sendable {
  package enum Code: Sendable, Hashable {
    /// The database is away or too busy; worth another try.
    case unavailable
    /// A newer session of the device has begun; the results of this one are refused.
    case superseded
    /// The device is not known, and may not make itself known.
    case unknownDevice
    /// The device has a credential of its own, and what was shown is not that.
    case unproven
    /// The answer to a challenge has let someone in before.
    case replayed
    /// More work is queued than the configured limit.
    case overloaded
    /// What is stored can't be read.
    case damaged
    /// A thing with this name is not there.
    case notFound
    /// It is there already, or in a state that does not allow this.
    case conflict
    /// The request makes no sense.
    case invalid
    /// The database refused a statement.
    case database
  }

  package var code: Code
  /// A sentence for a person; holds no secret.
  package var message: String
  package var underlying: PostgresError?

  package init(_ code: Code, _ message: String, underlying: PostgresError? = nil) {
    self.code = code
    self.message = message
    self.underlying = underlying
  }

  /// Whether it stands against the request itself, while the database is well.
  var isRefusal: Bool {
    switch code {
    case .superseded, .unknownDevice, .unproven, .replayed, .notFound, .conflict, .invalid: true
    case .unavailable, .overloaded, .damaged, .database: false
    }
  }

  init(_ error: PostgresError) {
    switch error.code {
    case .unavailable, .timedOut, .queueFull, .closed, .cancelled, .serialization,
      .insufficientResources, .refused:
      self.init(.unavailable, "the database is not available", underlying: error)
    default:
      self.init(.database, "the database refused a statement", underlying: error)
    }
  }

  init(_ error: TreeCodecError, device: Device.ID) {
    self.init(.damaged, "the tree of device \(device) can't be kept or read: \(error)")
  }
}

extension StoreError: CustomStringConvertible {
  package var description: String {
    underlying.map { "\(message): \($0)" } ?? message
  }
}
