import Foundation

extension Operation {
  /// Reads what ``argumentsJSON()`` writes: one JSON object.
  ///
  /// | kind | members |
  /// |---|---|
  /// | get | `paths` |
  /// | set | `values`: objects of `path`, `value` and, where wanted, `type` |
  /// | add | `object`; `values` where wanted |
  /// | delete | `object` |
  /// | refresh | `path` where wanted |
  /// | reboot, factoryReset | none |
  /// | download | `file` or `url` (with `username`, `password`, `size`); `fileType`, `targetFileName`, `expectedVersion`, `delay`, `windows`, `successURL`, `failureURL`, `stage` where wanted |
  /// | upload | `fileType`; `delay`, `url` (with `username`, `password`) where wanted |
  /// | getAttributes | `paths` |
  /// | setAttributes | `attributes`: objects of `path`, and `notification`, `accessList` or both |
  /// | scheduleContact | `delay` |
  /// | changeSoftware | `changes`: objects of `action` (install, update, uninstall) and, as it takes them, `file` or `url` (with `username`, `password`), `uuid`, `version`, `environment` |
  /// | cancelTransfer | `commandKey` |
  /// | listTransfers | `onlyOrdered` where wanted |
  /// | listMethods | none |
  /// | setVouchers | `vouchers`: Base64 texts |
  /// | getOptions | `name` where wanted |
  /// | diagnose | `diagnosis` (ping, traceRoute, download, upload, nsLookup, wifiNeighbors) and, as it takes them, `host`, `url`, `interface`, `repetitions`, `timeout`, `dataBlockSize`, `dscp`, `maxHopCount`, `fileLength`, `server` |
  /// | command | `command`; `arguments` where wanted, an object of texts |
  ///
  /// Whether the arguments make sense is ``validate(limits:)``'s to say.
  /// - Throws: ``FleetError`` with ``FleetError/Code/operationArguments`` for anything that is not such an object,
  ///   for members that the kind does not have, and for more bytes than the limit.
  package init(
    kind: OperationKind, argumentsJSON json: some Sequence<UInt8>,
    limits: OperationLimits = .standard
  ) throws(FleetError) {
    let data = Data(json)
    guard data.count <= limits.maxArgumentsBytes else {
      throw FleetError(
        .operationArguments,
        [
          Diagnostic(
            "The arguments have \(data.count) bytes; at most \(limits.maxArgumentsBytes) are taken.",
            hint: "divide them among several operations")
        ])
    }
    do {
      let decoder = JSONDecoder()
      switch kind {
      case .get: self = .get(paths: try decoder.decode(GetArguments.self, from: data).paths)
      case .set: self = .set(try decoder.decode(SetArguments.self, from: data).values)
      case .add:
        let arguments = try decoder.decode(AddArguments.self, from: data)
        self = .add(object: arguments.object, values: arguments.values)
      case .delete:
        self = .delete(object: try decoder.decode(DeleteArguments.self, from: data).object)
      case .refresh:
        self = .refresh(path: try decoder.decode(RefreshArguments.self, from: data).path)
      case .reboot:
        _ = try decoder.decode(NoArguments.self, from: data)
        self = .reboot
      case .factoryReset:
        _ = try decoder.decode(NoArguments.self, from: data)
        self = .factoryReset
      case .download: self = .download(try decoder.decode(DownloadOrder.self, from: data))
      case .upload: self = .upload(try decoder.decode(UploadOrder.self, from: data))
      case .getAttributes:
        self = .getAttributes(paths: try decoder.decode(GetArguments.self, from: data).paths)
      case .setAttributes:
        self = .setAttributes(
          try decoder.decode(SetAttributesArguments.self, from: data).attributes)
      case .scheduleContact:
        self = .scheduleContact(
          delay: try decoder.decode(ScheduleContactArguments.self, from: data).delay)
      case .changeSoftware:
        self = .changeSoftware(
          try decoder.decode(ChangeSoftwareArguments.self, from: data).changes)
      case .cancelTransfer:
        self = .cancelTransfer(
          commandKey: try decoder.decode(CancelTransferArguments.self, from: data).commandKey)
      case .listTransfers:
        self = .listTransfers(
          onlyOrdered: try decoder.decode(ListTransfersArguments.self, from: data).onlyOrdered)
      case .listMethods:
        _ = try decoder.decode(NoArguments.self, from: data)
        self = .listMethods
      case .setVouchers:
        self = .setVouchers(try decoder.decode(SetVouchersArguments.self, from: data).vouchers)
      case .getOptions:
        self = .getOptions(name: try decoder.decode(GetOptionsArguments.self, from: data).name)
      case .diagnose: self = .diagnose(try decoder.decode(Diagnosis.self, from: data))
      case .command: self = .command(try decoder.decode(CommandOrder.self, from: data))
      }
    } catch {
      throw FleetError(.operationArguments, [Diagnostic(decoding: error)])
    }
  }

  /// The arguments without the kind, as one JSON object with sorted members.
  package func argumentsJSON() -> [UInt8] {
    switch self {
    case .get(let paths): Self.encode(GetArguments(paths: paths))
    case .set(let values): Self.encode(SetArguments(values: values))
    case .add(let object, let values): Self.encode(AddArguments(object: object, values: values))
    case .delete(let object): Self.encode(DeleteArguments(object: object))
    case .refresh(let path): Self.encode(RefreshArguments(path: path))
    case .reboot, .factoryReset, .listMethods: Array("{}".utf8)
    case .download(let order): Self.encode(order)
    case .upload(let order): Self.encode(order)
    case .getAttributes(let paths): Self.encode(GetArguments(paths: paths))
    case .setAttributes(let changes): Self.encode(SetAttributesArguments(attributes: changes))
    case .scheduleContact(let delay): Self.encode(ScheduleContactArguments(delay: delay))
    case .changeSoftware(let changes): Self.encode(ChangeSoftwareArguments(changes: changes))
    case .cancelTransfer(let key): Self.encode(CancelTransferArguments(commandKey: key))
    case .listTransfers(let only): Self.encode(ListTransfersArguments(onlyOrdered: only))
    case .setVouchers(let vouchers): Self.encode(SetVouchersArguments(vouchers: vouchers))
    case .getOptions(let name): Self.encode(GetOptionsArguments(name: name))
    case .diagnose(let diagnosis): Self.encode(diagnosis)
    case .command(let order): Self.encode(order)
    }
  }

  private static func encode(_ arguments: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(arguments))
    } catch {
      // Strings and arrays of strings have no value that JSON cannot express.
      preconditionFailure("arguments that JSON cannot express: \(error)")
    }
  }
}

// MARK: - Members of each kind

private struct GetArguments: Codable {
  var paths: [String]

  enum CodingKeys: String, CodingKey, CaseIterable { case paths }

  init(paths: [String]) { self.paths = paths }

  init(from decoder: any Decoder) throws {
    paths = try decoder.strictContainer(keyedBy: CodingKeys.self)
      .decode([String].self, forKey: .paths)
  }
}

private struct SetArguments: Codable {
  var values: [Assignment]

  enum CodingKeys: String, CodingKey, CaseIterable { case values }

  init(values: [Assignment]) { self.values = values }

  init(from decoder: any Decoder) throws {
    values = try decoder.strictContainer(keyedBy: CodingKeys.self)
      .decode([StrictAssignment].self, forKey: .values).map(\.assignment)
  }
}

private struct AddArguments: Codable {
  var object: String
  var values: [Assignment]

  enum CodingKeys: String, CodingKey, CaseIterable { case object, values }

  init(object: String, values: [Assignment]) {
    self.object = object
    self.values = values
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
    object = try container.decode(String.self, forKey: .object)
    values =
      try container.decodeIfPresent([StrictAssignment].self, forKey: .values)?.map(\.assignment)
      ?? []
  }
}

private struct DeleteArguments: Codable {
  var object: String

  enum CodingKeys: String, CodingKey, CaseIterable { case object }

  init(object: String) { self.object = object }

  init(from decoder: any Decoder) throws {
    object = try decoder.strictContainer(keyedBy: CodingKeys.self)
      .decode(String.self, forKey: .object)
  }
}

private struct RefreshArguments: Codable {
  var path: String

  enum CodingKeys: String, CodingKey, CaseIterable { case path }

  init(path: String) { self.path = path }

  init(from decoder: any Decoder) throws {
    path =
      try decoder.strictContainer(keyedBy: CodingKeys.self)
      .decodeIfPresent(String.self, forKey: .path) ?? ""
  }
}

private struct NoArguments: Decodable {
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    if let key = container.allKeys.first { throw UnknownMember(key, in: decoder, known: []) }
  }
}

private struct StrictAssignment: Decodable {
  var assignment: Assignment

  enum CodingKeys: String, CodingKey, CaseIterable { case path, value, type, force }

  init(from decoder: any Decoder) throws {
    let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
    assignment = Assignment(
      path: try container.decode(String.self, forKey: .path),
      value: try container.decode(String.self, forKey: .value),
      type: try container.decodeIfPresent(ParameterType.self, forKey: .type),
      isForced: try container.decodeIfPresent(Bool.self, forKey: .force) ?? false)
  }
}

private struct SetAttributesArguments: Codable {
  var attributes: [AttributeChange]

  enum CodingKeys: String, CodingKey, CaseIterable { case attributes }

  init(attributes: [AttributeChange]) { self.attributes = attributes }

  init(from decoder: any Decoder) throws {
    attributes = try decoder.strictContainer(keyedBy: CodingKeys.self)
      .decode([AttributeChange].self, forKey: .attributes)
  }
}

private struct ScheduleContactArguments: Codable {
  var delay: Int

  enum CodingKeys: String, CodingKey, CaseIterable { case delay }

  init(delay: Int) { self.delay = delay }

  init(from decoder: any Decoder) throws {
    delay = try decoder.strictContainer(keyedBy: CodingKeys.self).decode(Int.self, forKey: .delay)
  }
}

private struct ChangeSoftwareArguments: Codable {
  var changes: [SoftwareChange]

  enum CodingKeys: String, CodingKey, CaseIterable { case changes }

  init(changes: [SoftwareChange]) { self.changes = changes }

  init(from decoder: any Decoder) throws {
    changes = try decoder.strictContainer(keyedBy: CodingKeys.self)
      .decode([SoftwareChange].self, forKey: .changes)
  }
}

private struct CancelTransferArguments: Codable {
  var commandKey: String

  enum CodingKeys: String, CodingKey, CaseIterable { case commandKey }

  init(commandKey: String) { self.commandKey = commandKey }

  init(from decoder: any Decoder) throws {
    commandKey = try decoder.strictContainer(keyedBy: CodingKeys.self)
      .decode(String.self, forKey: .commandKey)
  }
}

private struct ListTransfersArguments: Codable {
  var onlyOrdered: Bool

  enum CodingKeys: String, CodingKey, CaseIterable { case onlyOrdered }

  init(onlyOrdered: Bool) { self.onlyOrdered = onlyOrdered }

  init(from decoder: any Decoder) throws {
    onlyOrdered =
      try decoder.strictContainer(keyedBy: CodingKeys.self)
      .decodeIfPresent(Bool.self, forKey: .onlyOrdered) ?? false
  }
}

private struct SetVouchersArguments: Codable {
  var vouchers: [String]

  enum CodingKeys: String, CodingKey, CaseIterable { case vouchers }

  init(vouchers: [String]) { self.vouchers = vouchers }

  init(from decoder: any Decoder) throws {
    vouchers = try decoder.strictContainer(keyedBy: CodingKeys.self)
      .decode([String].self, forKey: .vouchers)
  }
}

private struct GetOptionsArguments: Codable {
  var name: String

  enum CodingKeys: String, CodingKey, CaseIterable { case name }

  init(name: String) { self.name = name }

  init(from decoder: any Decoder) throws {
    name =
      try decoder.strictContainer(keyedBy: CodingKeys.self)
      .decodeIfPresent(String.self, forKey: .name) ?? ""
  }
}
