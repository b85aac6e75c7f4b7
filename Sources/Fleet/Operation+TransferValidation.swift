import DeviceModel

/// What may be wrong with orders of transfers and of software.
extension OperationValidation {
  mutating func check(_ order: UploadOrder) {
    if order.fileType.isEmpty {
      problem(
        "The file type is empty.", hint: "write “\(UploadOrder.configurationFile)”",
        field: "fileType")
    } else if !UploadOrder.isFileType(order.fileType) {
      problem(
        "“\(order.fileType.clipped(to: 64))” is no type of file that devices send.",
        hint: "write \(UploadOrder.fileTypes)", field: "fileType")
    }
    checkText(order.fileType, atMost: limits.maxFileTypeCharacters, field: "fileType")
    check(order.delay, in: 0...limits.maxDelay, field: "delay")
    if let remote = order.remote { check(remote) }
  }

  /// What is loaded and started by two orders is known by its version in between.
  mutating func checkStage(of order: DownloadOrder) {
    guard order.stage != .whole else { return }
    if order.fileType != DownloadOrder.firmwareUpgradeImage {
      problem(
        "Only firmware is loaded and started apart.",
        hint: "write “\(DownloadOrder.firmwareUpgradeImage)”, or leave the stage out",
        field: "fileType")
    }
    if order.expectedVersion == nil {
      problem(
        "What is loaded and started apart is known by its version.",
        hint: "write the SoftwareVersion of the image", field: "expectedVersion")
    }
    if order.delay > 0 || !order.windows.isEmpty {
      problem(
        "An order of one stage has neither a delay nor windows.",
        hint: "order the start when it is to be", field: "stage")
    }
  }

  mutating func check(_ windows: [TransferWindow], hasDelay: Bool) {
    guard !windows.isEmpty else { return }
    if windows.count > 2 {
      problem("There are \(windows.count) windows; at most 2 are taken.", field: "windows")
    }
    if hasDelay {
      problem(
        "There is a delay as well as windows.", hint: "let the first window begin later",
        field: "delay")
    }
    for (index, window) in windows.enumerated() {
      let field = "windows[\(index)]"
      check(window.start, in: 0...limits.maxDelay, field: "\(field).start")
      check(window.end, in: 1...limits.maxDelay, field: "\(field).end")
      if window.end <= window.start {
        problem("The window ends before it begins.", field: "\(field).end")
      }
      if let retries = window.maxRetries {
        check(retries, in: 0...1_000, field: "\(field).maxRetries")
      }
      checkText(
        window.userMessage, atMost: limits.maxTargetFileNameCharacters,
        field: "\(field).userMessage")
    }
    let sorted = windows.sorted { $0.start < $1.start }
    for (former, latter) in zip(sorted, sorted.dropFirst()) where latter.start < former.end {
      problem("The windows overlap.", field: "windows")
    }
  }

  mutating func check(_ changes: [SoftwareChange]) {
    if changes.isEmpty { problem("There is nothing to change.", field: "changes") }
    guard checkCount(changes.count, atMost: limits.maxSoftwareChanges, field: "changes") else {
      return
    }
    for (index, change) in changes.enumerated() {
      let field = "changes[\(index)]"
      switch change {
      case .install(let source, let uuid, let environment):
        check(source, field: field)
        checkUUID(uuid, field: "\(field).uuid")
        checkText(environment, atMost: limits.maxPathCharacters, field: "\(field).environment")
      case .update(let uuid, let version, let source):
        if let source { check(source, field: field) }
        checkUUID(uuid, field: "\(field).uuid")
        checkText(version, atMost: 32, field: "\(field).version")
        if uuid.isEmpty, source == nil, !version.isEmpty {
          problem(
            "A version goes with a UUID or a file.", hint: "leave it out to update all",
            field: "\(field).version")
        }
      case .uninstall(let uuid, let version, let environment):
        if uuid.isEmpty { problem("The UUID is empty.", field: "\(field).uuid") }
        checkUUID(uuid, field: "\(field).uuid")
        checkText(version, atMost: 32, field: "\(field).version")
        checkText(environment, atMost: limits.maxPathCharacters, field: "\(field).environment")
      }
    }
  }

  private mutating func check(_ source: SoftwareSource, field: String) {
    switch source {
    case .stored(let file): checkDigest(file, field: "\(field).file")
    case .remote(let remote): check(remote, field: "\(field).")
    }
  }

  /// RFC 4122 in its usual form; the empty text stands for none.
  private mutating func checkUUID(_ uuid: String, field: String) {
    guard !uuid.isEmpty else { return }
    let groups = uuid.split(separator: "-", omittingEmptySubsequences: false)
    let isUUID =
      groups.map(\.utf8.count) == [8, 4, 4, 4, 12]
      && groups.allSatisfy { $0.unicodeScalars.allSatisfy(\.properties.isASCIIHexDigit) }
    if !isUUID {
      problem(
        "“\(uuid.clipped(to: 64))” is no UUID.",
        hint: "write it as in 550e8400-e29b-41d4-a716-446655440000", field: field)
    }
  }

  mutating func check(_ remote: RemoteFile, field: String = "") {
    checkURL(remote.url, schemes: ["http", "https", "ftp", "sftp", "tftp"], field: "\(field)url")
    checkText(remote.username, atMost: limits.maxURLCharacters, field: "\(field)username")
    checkText(remote.password, atMost: limits.maxURLCharacters, field: "\(field)password")
    if remote.size < 0 { problem("The size is negative.", field: "\(field)size") }
  }

  mutating func checkDigest(_ file: String, field: String) {
    let digits = file.utf8
    if digits.count != 64 || !digits.allSatisfy({ $0.isASCIIDigit || (97...102).contains($0) }) {
      problem(
        "A stored file is named by its SHA-256.",
        hint: "write 64 hexadecimal digits in lower case", field: field)
    }
  }

  /// TR-069 A.3.2.8: a URL must not contain credentials.
  mutating func checkURL(_ url: String, schemes: [String], field: String) {
    checkText(url, atMost: limits.maxURLCharacters, field: field)
    let parts = url.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, schemes.contains(parts[0].lowercased()), parts[1].hasPrefix("//"),
      let authority = parts[1].dropFirst(2).split(
        separator: "/", maxSplits: 1, omittingEmptySubsequences: false
      ).first, !authority.isEmpty
    else {
      problem(
        "“\(url.clipped(to: 64))” is no URL that can be sent.",
        hint: "write one that begins with \(schemes.joined(separator: ", ")) and names a host",
        field: field)
      return
    }
    if authority.contains("@") {
      problem(
        "The URL has credentials in it.", hint: "give user name and password beside it",
        field: field)
    }
    let isPlain = url.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
    if !isPlain {
      problem(
        "The URL has a character that is not allowed in URLs.", hint: "percent-encode it",
        field: field)
    }
  }

  mutating func check(_ number: Int, in range: ClosedRange<Int>, field: String) {
    if !range.contains(number) {
      problem(
        "\(number) is not a number from \(range.lowerBound) to \(range.upperBound).", field: field)
    }
  }
}
