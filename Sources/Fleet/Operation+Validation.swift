import DeviceModel

extension Operation {
  /// All that is wrong with the operation as such; empty where it may be sent to a device.
  ///
  /// Whether the device has the parameters and lets them be written is the device's to say.
  package func validate(limits: OperationLimits = .standard) -> [Diagnostic] {
    var validation = OperationValidation(limits: limits)
    switch self {
    case .get(let paths): validation.checkRead(paths, allowsSearches: true)
    case .getAttributes(let paths): validation.checkRead(paths, allowsSearches: false)
    case .set(let values):
      if values.isEmpty { validation.problem("There is nothing to set.", field: "values") }
      validation.check(values, areRelative: false)
    case .add(let object, let values):
      validation.checkObject(object)
      validation.check(values, areRelative: true)
    case .delete(let object):
      validation.checkObject(object)
      validation.checkInstance(object)
    case .refresh(let path):
      if !path.isEmpty { validation.checkObject(path, field: "path") }
    case .reboot, .factoryReset, .listTransfers, .listMethods: break
    case .download(let order): validation.check(order)
    case .upload(let order): validation.check(order)
    case .setAttributes(let changes): validation.check(changes)
    case .scheduleContact(let delay):
      validation.check(delay, in: 1...limits.maxDelay, field: "delay")
    case .changeSoftware(let changes): validation.check(changes)
    case .cancelTransfer(let key):
      if key.isEmpty {
        validation.problem("The key of the transfer is empty.", field: "commandKey")
      }
      validation.checkText(key, atMost: limits.maxCommandKeyCharacters, field: "commandKey")
    case .setVouchers(let vouchers): validation.check(vouchers)
    case .getOptions(let name):
      validation.checkText(name, atMost: limits.maxFileTypeCharacters, field: "name")
    case .diagnose(let diagnosis): validation.check(diagnosis)
    case .command(let order): validation.check(order)
    }
    return validation.problems
  }
}

/// The gathering of an operation's problems.
struct OperationValidation {
  let limits: OperationLimits
  var problems: [Diagnostic] = []

  init(limits: OperationLimits) { self.limits = limits }

  mutating func problem(_ message: String, hint: String? = nil, field: String) {
    problems.append(Diagnostic(message, hint: hint, field: field))
  }

  mutating func checkRead(_ paths: [String], allowsSearches: Bool) {
    if paths.isEmpty { problem("There is nothing to get.", field: "paths") }
    guard checkCount(paths.count, atMost: limits.maxPaths, field: "paths") else { return }
    var seen: Set<String> = []
    for (index, path) in paths.enumerated() {
      if allowsSearches {
        checkQuery(path, field: "paths[\(index)]")
      } else {
        checkPath(path, allowsWildcards: true, field: "paths[\(index)]")
      }
      if !seen.insert(path).inserted {
        problem("“\(path.clipped(to: 256))” is named twice.", field: "paths[\(index)]")
      }
    }
  }

  mutating func check(_ values: [Assignment], areRelative: Bool) {
    guard checkCount(values.count, atMost: limits.maxAssignments, field: "values") else { return }
    var seen: Set<String> = []
    var bytes = 0
    for (index, assignment) in values.enumerated() {
      let field = "values[\(index)]"
      checkParameter(assignment.path, isRelative: areRelative, field: "\(field).path")
      if !seen.insert(assignment.path).inserted {
        problem("“\(assignment.path.clipped(to: 256))” is set twice.", field: "\(field).path")
      }
      bytes += assignment.value.utf8.count
      checkValue(assignment, field: "\(field).value")
    }
    if bytes > limits.maxValueBytesTotal {
      problem(
        "The values have \(bytes) bytes together; at most \(limits.maxValueBytesTotal) are taken.",
        hint: "divide them among several operations", field: "values")
    }
  }

  mutating func check(_ order: DownloadOrder) {
    if let remote = order.remote {
      check(remote)
      if !order.file.isEmpty {
        problem("There is a URL as well as a stored file.", hint: "leave one out", field: "file")
      }
    } else {
      checkDigest(order.file, field: "file")
    }
    check(order.delay, in: 0...limits.maxDelay, field: "delay")
    check(order.windows, hasDelay: order.delay > 0)
    checkStage(of: order)
    for (url, field) in [(order.successURL, "successURL"), (order.failureURL, "failureURL")]
    where !url.isEmpty { checkURL(url, schemes: ["http", "https"], field: field) }
    if order.fileType.isEmpty {
      problem(
        "The file type is empty.", hint: "write “\(DownloadOrder.firmwareUpgradeImage)”",
        field: "fileType")
    }
    checkText(order.fileType, atMost: limits.maxFileTypeCharacters, field: "fileType")
    checkText(
      order.targetFileName, atMost: limits.maxTargetFileNameCharacters, field: "targetFileName")
    if let version = order.expectedVersion {
      if version.isEmpty {
        problem("The version is empty.", hint: "leave it out", field: "expectedVersion")
      }
      checkText(version, atMost: limits.maxVersionCharacters, field: "expectedVersion")
    }
  }

  // MARK: Paths

  mutating func checkObject(_ path: String, field: String = "object") {
    guard checkPath(path, field: field) else { return }
    if !path.hasSuffix(".") {
      problem("An object's path ends with a dot.", hint: "write “\(path).”", field: field)
    }
  }

  mutating func checkInstance(_ object: String) {
    guard object.hasSuffix("."), let last = object.split(separator: ".").last else { return }
    let isInstance = last.utf8.allSatisfy(\.isASCIIDigit) || last.hasPrefix("[")
    if !isInstance {
      problem(
        "Only an instance can be deleted, and “\(object.clipped(to: 256))” names none.",
        hint: "write its number too, for example “\(object.clipped(to: 256))1.”", field: "object")
    }
  }

  mutating func checkParameter(_ path: String, isRelative: Bool, field: String) {
    guard checkPath(path, field: field) else { return }
    if path.hasSuffix(".") {
      problem(
        "“\(path)” names an object; only a parameter has a value.",
        hint: "write the parameter's name after the dot", field: field)
    } else if !isRelative, !path.contains(".") {
      problem(
        "“\(path)” is not a full path.", hint: "write the root too, for example “Device.\(path)”",
        field: field)
    } else if isRelative, path.hasPrefix("Device.") || path.hasPrefix("InternetGatewayDevice.") {
      problem(
        "The values of a new instance are named below it, not from the root.",
        hint: "write what follows the instance's number", field: field)
    }
  }

  /// Whether the path is well formed.
  @discardableResult
  mutating func checkPath(_ path: String, allowsWildcards: Bool = false, field: String) -> Bool {
    guard
      let flaw = ParameterPath.flaw(
        of: path, maxCharacters: limits.maxPathCharacters, allowsWildcards: allowsWildcards)
    else { return true }
    problem(flaw.message, hint: flaw.hint, field: field)
    return false
  }

  private mutating func checkQuery(_ path: String, field: String) {
    guard
      let flaw = ParameterPath.flaw(ofQuery: path, maxCharacters: limits.maxPathCharacters)
    else { return checkCharacters(path, field: field) }
    problem(flaw.message, hint: flaw.hint, field: field)
  }

  // MARK: Values

  mutating func checkValue(_ assignment: Assignment, field: String) {
    let value = assignment.value
    guard value.utf8.count <= limits.maxValueBytes else {
      problem(
        "The value has \(value.utf8.count) bytes; at most \(limits.maxValueBytes) are taken.",
        field: field)
      return
    }
    checkCharacters(value, field: field)
    if let type = assignment.type, !type.accepts(value) {
      problem(
        "“\(value.clipped(to: 64))” is not of the type \(type.rawValue).",
        hint: "write \(type.primitive.exampleLiteral)", field: field)
    }
  }

  mutating func checkText(_ text: String, atMost limit: Int, field: String) {
    if text.count > limit || text.utf8.count > 4 * limit {
      problem("The text is longer than \(limit) characters.", field: field)
    } else {
      checkCharacters(text, field: field)
    }
  }

  /// XML 1.0, 2.2: no message could carry other characters, escaped or not.
  mutating func checkCharacters(_ text: String, field: String) {
    guard let scalar = text.unicodeScalars.first(where: { !$0.isXMLCharacter }) else { return }
    let code = String(scalar.value, radix: 16, uppercase: true)
    let padded = String(repeating: "0", count: max(0, 4 - code.count)) + code
    problem("The text has the character U+\(padded), which XML cannot carry.", field: field)
  }

  mutating func checkCount(_ count: Int, atMost limit: Int, field: String) -> Bool {
    guard count > limit else { return true }
    problem(
      "There are \(count) of them; at most \(limit) are taken.",
      hint: "divide them among several operations", field: field)
    return false
  }
}

extension Unicode.Scalar {
  fileprivate var isXMLCharacter: Bool {
    switch value {
    case 0x9, 0xA, 0xD, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
    default: false
    }
  }
}
