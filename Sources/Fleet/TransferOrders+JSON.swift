extension DownloadOrder: Codable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case file, url, username, password, size, fileType, targetFileName, expectedVersion, delay
    case windows, successURL, failureURL, stage
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
    func text(_ key: CodingKeys) throws -> String? {
      try container.decodeIfPresent(String.self, forKey: key)
    }
    var stage = Stage.whole
    if let word = try text(.stage) {
      guard let known = Stage(rawValue: word) else {
        throw UnknownWord(
          path: container.codingPath + [CodingKeys.stage], known: Stage.allCases.map(\.rawValue))
      }
      stage = known
    }
    // Without a URL there has to be a file, and the decoder says best that it is missing.
    let url = try text(.url)
    self.init(
      file: try url == nil ? container.decode(String.self, forKey: .file) : text(.file) ?? "",
      fileType: try text(.fileType) ?? Self.firmwareUpgradeImage,
      targetFileName: try text(.targetFileName) ?? "",
      expectedVersion: try text(.expectedVersion),
      delay: try container.decodeIfPresent(Int.self, forKey: .delay) ?? 0,
      windows: try container.decodeIfPresent([TransferWindow].self, forKey: .windows) ?? [],
      successURL: try text(.successURL) ?? "", failureURL: try text(.failureURL) ?? "",
      stage: stage)
    remote = try url.map {
      RemoteFile(
        url: $0, username: try text(.username) ?? "", password: try text(.password) ?? "",
        size: try container.decodeIfPresent(Int64.self, forKey: .size) ?? 0)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    if !file.isEmpty { try container.encode(file, forKey: .file) }
    if let remote {
      try container.encode(remote.url, forKey: .url)
      if !remote.username.isEmpty { try container.encode(remote.username, forKey: .username) }
      if !remote.password.isEmpty { try container.encode(remote.password, forKey: .password) }
      if remote.size != 0 { try container.encode(remote.size, forKey: .size) }
    }
    try container.encode(fileType, forKey: .fileType)
    try container.encode(targetFileName, forKey: .targetFileName)
    try container.encodeIfPresent(expectedVersion, forKey: .expectedVersion)
    if delay != 0 { try container.encode(delay, forKey: .delay) }
    if !windows.isEmpty { try container.encode(windows, forKey: .windows) }
    if !successURL.isEmpty { try container.encode(successURL, forKey: .successURL) }
    if !failureURL.isEmpty { try container.encode(failureURL, forKey: .failureURL) }
    if stage != .whole { try container.encode(stage, forKey: .stage) }
  }
}

extension UploadOrder: Codable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case fileType, delay, url, username, password
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      fileType: try container.decode(String.self, forKey: .fileType),
      delay: try container.decodeIfPresent(Int.self, forKey: .delay) ?? 0)
    remote = try container.decodeIfPresent(String.self, forKey: .url).map {
      RemoteFile(
        url: $0, username: try container.decodeIfPresent(String.self, forKey: .username) ?? "",
        password: try container.decodeIfPresent(String.self, forKey: .password) ?? "")
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(fileType, forKey: .fileType)
    if delay != 0 { try container.encode(delay, forKey: .delay) }
    guard let remote else { return }
    try container.encode(remote.url, forKey: .url)
    if !remote.username.isEmpty { try container.encode(remote.username, forKey: .username) }
    if !remote.password.isEmpty { try container.encode(remote.password, forKey: .password) }
  }
}

extension TransferWindow: Codable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case start, end, mode, userMessage, maxRetries
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
    var mode = Mode.anyTime
    if let word = try container.decodeIfPresent(String.self, forKey: .mode) {
      guard let known = Mode(rawValue: word) else {
        throw UnknownWord(
          path: container.codingPath + [CodingKeys.mode], known: Mode.allCases.map(\.rawValue))
      }
      mode = known
    }
    self.init(
      start: try container.decode(Int.self, forKey: .start),
      end: try container.decode(Int.self, forKey: .end), mode: mode,
      userMessage: try container.decodeIfPresent(String.self, forKey: .userMessage) ?? "",
      maxRetries: try container.decodeIfPresent(Int.self, forKey: .maxRetries))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(start, forKey: .start)
    try container.encode(end, forKey: .end)
    try container.encode(mode, forKey: .mode)
    if !userMessage.isEmpty { try container.encode(userMessage, forKey: .userMessage) }
    try container.encodeIfPresent(maxRetries, forKey: .maxRetries)
  }
}
