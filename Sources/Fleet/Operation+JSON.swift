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
  /// | download | `file`; `fileType`, `targetFileName`, `expectedVersion` where wanted |
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
      case .download: self = .download(try decoder.decode(DownloadArguments.self, from: data).order)
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
    case .reboot, .factoryReset: Array("{}".utf8)
    case .download(let order): Self.encode(order)
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

private struct DownloadArguments: Decodable {
  var order: DownloadOrder

  enum CodingKeys: String, CodingKey, CaseIterable {
    case file, fileType, targetFileName, expectedVersion
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
    order = DownloadOrder(file: try container.decode(String.self, forKey: .file))
    if let fileType = try container.decodeIfPresent(String.self, forKey: .fileType) {
      order.fileType = fileType
    }
    if let name = try container.decodeIfPresent(String.self, forKey: .targetFileName) {
      order.targetFileName = name
    }
    order.expectedVersion = try container.decodeIfPresent(String.self, forKey: .expectedVersion)
  }
}

private struct StrictAssignment: Decodable {
  var assignment: Assignment

  enum CodingKeys: String, CodingKey, CaseIterable { case path, value, type }

  init(from decoder: any Decoder) throws {
    let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
    assignment = Assignment(
      path: try container.decode(String.self, forKey: .path),
      value: try container.decode(String.self, forKey: .value),
      type: try container.decodeIfPresent(ParameterType.self, forKey: .type))
  }
}
