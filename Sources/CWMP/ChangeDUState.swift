/// The arguments of ChangeDUState: software to install, update or remove (TR-069 A.4.1.10).
package struct ChangeDUState: Sendable, Equatable {
  package var operations: [Operation]
  package var commandKey: String

  package init(operations: [Operation], commandKey: String) {
    self.operations = operations
    self.commandKey = commandKey
  }

  /// One change of one deployment unit; empty texts are left out on the wire.
  package enum Operation: Sendable, Equatable {
    case install(Install)
    case update(Update)
    case uninstall(Uninstall)
  }

  /// InstallOpStruct.
  package struct Install: Sendable, Equatable {
    package var url: String
    package var uuid: String
    package var username: String
    package var password: String
    /// The path of an execution environment; empty to let the CPE choose.
    package var executionEnvRef: String

    package init(
      url: String, uuid: String = "", username: String = "", password: String = "",
      executionEnvRef: String = ""
    ) {
      self.url = url
      self.uuid = uuid
      self.username = username
      self.password = password
      self.executionEnvRef = executionEnvRef
    }
  }

  /// UpdateOpStruct: by UUID, by URL, by both, or, with neither, all deployment units.
  package struct Update: Sendable, Equatable {
    package var uuid: String
    package var version: String
    package var url: String
    package var username: String
    package var password: String

    package init(
      uuid: String = "", version: String = "", url: String = "", username: String = "",
      password: String = ""
    ) {
      self.uuid = uuid
      self.version = version
      self.url = url
      self.username = username
      self.password = password
    }
  }

  /// UninstallOpStruct.
  package struct Uninstall: Sendable, Equatable {
    package var uuid: String
    /// Empty for every version.
    package var version: String
    package var executionEnvRef: String

    package init(uuid: String, version: String = "", executionEnvRef: String = "") {
      self.uuid = uuid
      self.version = version
      self.executionEnvRef = executionEnvRef
    }
  }
}
