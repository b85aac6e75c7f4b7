/// Who the server takes the sender of a request for.
package struct WhoAmI: Codable, Sendable, Equatable {
  package var name: String
  package var role: Role

  package init(name: String, role: Role) {
    self.name = name
    self.role = role
  }
}

/// What runs.
package struct ServerVersion: Codable, Sendable, Equatable {
  /// `fairlead`.
  package var product: String
  package var version: String
  /// `v1`.
  package var api: String

  package init(product: String, version: String, api: String) {
    self.product = product
    self.version = version
    self.api = api
  }
}

/// How the server and the fleet are.
package struct ServerStatus: Codable, Sendable, Equatable {
  package var version: String
  /// Seconds since the server process started.
  package var uptime: Int
  package var database: Database
  /// Nil where the database does not answer.
  package var fleet: Fleet?

  package struct Database: Codable, Sendable, Equatable {
    /// `ok` or `unreachable`.
    package var state: String

    package init(state: String) {
      self.state = state
    }
  }

  package struct Fleet: Codable, Sendable, Equatable {
    package var devices: Int
    /// Devices that called within the last 24 hours.
    package var devicesSeenToday: Int
    package var openTasks: Int
    package var runningRollouts: Int
    package var pausedRollouts: Int
    package var files: Int

    package init(
      devices: Int, devicesSeenToday: Int, openTasks: Int, runningRollouts: Int,
      pausedRollouts: Int, files: Int
    ) {
      self.devices = devices
      self.devicesSeenToday = devicesSeenToday
      self.openTasks = openTasks
      self.runningRollouts = runningRollouts
      self.pausedRollouts = pausedRollouts
      self.files = files
    }
  }

  package init(version: String, uptime: Int, database: Database, fleet: Fleet?) {
    self.version = version
    self.uptime = uptime
    self.database = database
    self.fleet = fleet
  }
}
