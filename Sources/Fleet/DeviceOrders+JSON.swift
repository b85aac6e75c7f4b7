extension AttributeChange: Codable {
  private enum CodingKeys: String, CodingKey, CaseIterable { case path, notification, accessList }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      path: try container.decode(String.self, forKey: .path),
      notification: try container.decodeIfPresent(Notification.self, forKey: .notification),
      accessList: try container.decodeIfPresent([String].self, forKey: .accessList))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(path, forKey: .path)
    try container.encodeIfPresent(notification, forKey: .notification)
    try container.encodeIfPresent(accessList, forKey: .accessList)
  }
}

extension CommandOrder: Codable {
  private enum CodingKeys: String, CodingKey, CaseIterable { case command, arguments }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      command: try container.decode(String.self, forKey: .command),
      arguments: try container.decodeIfPresent([String: String].self, forKey: .arguments) ?? [:])
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(command, forKey: .command)
    if !arguments.isEmpty { try container.encode(arguments, forKey: .arguments) }
  }
}

extension SoftwareChange: Codable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case action, file, url, username, password, uuid, version, environment
  }

  private enum Action: String, CaseIterable { case install, update, uninstall }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
    guard let action = Action(rawValue: try container.decode(String.self, forKey: .action)) else {
      throw UnknownWord(
        path: container.codingPath + [CodingKeys.action], known: Action.allCases.map(\.rawValue))
    }
    func text(_ key: CodingKeys) throws -> String {
      try container.decodeIfPresent(String.self, forKey: key) ?? ""
    }
    func refuse(_ keys: [CodingKeys]) throws {
      for key in keys where container.contains(key) {
        throw UnknownMember(
          AnyKey(stringValue: key.stringValue), in: decoder,
          known: CodingKeys.allCases.filter { !keys.contains($0) }.map(\.stringValue))
      }
    }
    func source() throws -> SoftwareSource? {
      if let file = try container.decodeIfPresent(String.self, forKey: .file) {
        try refuse([.url, .username, .password])
        return .stored(file: file)
      }
      guard let url = try container.decodeIfPresent(String.self, forKey: .url) else { return nil }
      return .remote(
        RemoteFile(url: url, username: try text(.username), password: try text(.password)))
    }
    switch action {
    case .install:
      try refuse([.version])
      guard let source = try source() else {
        throw DecodingError.keyNotFound(
          CodingKeys.file,
          .init(codingPath: container.codingPath, debugDescription: "neither file nor url"))
      }
      self = .install(source, uuid: try text(.uuid), environment: try text(.environment))
    case .update:
      try refuse([.environment])
      self = .update(uuid: try text(.uuid), version: try text(.version), try source())
    case .uninstall:
      try refuse([.file, .url, .username, .password])
      self = .uninstall(
        uuid: try container.decode(String.self, forKey: .uuid), version: try text(.version),
        environment: try text(.environment))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    func encode(_ text: String, _ key: CodingKeys) throws {
      if !text.isEmpty { try container.encode(text, forKey: key) }
    }
    func encode(_ source: SoftwareSource) throws {
      switch source {
      case .stored(let file): try encode(file, .file)
      case .remote(let remote):
        try encode(remote.url, .url)
        try encode(remote.username, .username)
        try encode(remote.password, .password)
      }
    }
    switch self {
    case .install(let source, let uuid, let environment):
      try encode(Action.install.rawValue, .action)
      try encode(source)
      try encode(uuid, .uuid)
      try encode(environment, .environment)
    case .update(let uuid, let version, let source):
      try encode(Action.update.rawValue, .action)
      if let source { try encode(source) }
      try encode(uuid, .uuid)
      try encode(version, .version)
    case .uninstall(let uuid, let version, let environment):
      try encode(Action.uninstall.rawValue, .action)
      try container.encode(uuid, forKey: .uuid)
      try encode(version, .version)
      try encode(environment, .environment)
    }
  }
}

extension Diagnosis: Codable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case diagnosis, host, url, interface, repetitions, timeout, dataBlockSize, dscp, maxHopCount
    case fileLength, server
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
    guard let kind = Kind(rawValue: try container.decode(String.self, forKey: .diagnosis)) else {
      throw UnknownWord(
        path: container.codingPath + [CodingKeys.diagnosis], known: Kind.allCases.map(\.rawValue))
    }
    func text(_ key: CodingKeys) throws -> String {
      try container.decodeIfPresent(String.self, forKey: key) ?? ""
    }
    func number(_ key: CodingKeys) throws -> Int? {
      try container.decodeIfPresent(Int.self, forKey: key)
    }
    self.init(
      kind, host: try text(.host), url: try text(.url), interface: try text(.interface),
      repetitions: try number(.repetitions), timeout: try number(.timeout),
      dataBlockSize: try number(.dataBlockSize), dscp: try number(.dscp),
      maxHopCount: try number(.maxHopCount), fileLength: try number(.fileLength),
      server: try text(.server))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .diagnosis)
    for (key, value) in [
      (CodingKeys.host, host), (.url, url), (.interface, interface), (.server, server),
    ] where !value.isEmpty { try container.encode(value, forKey: key) }
    for (key, value) in [
      (CodingKeys.repetitions, repetitions), (.timeout, timeout), (.dataBlockSize, dataBlockSize),
      (.dscp, dscp), (.maxHopCount, maxHopCount), (.fileLength, fileLength),
    ] { try container.encodeIfPresent(value, forKey: key) }
  }
}
