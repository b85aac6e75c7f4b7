import DeviceModel
import Fleet
import FleetStore
import Foundation
import HTTPTypes
import Hummingbird
import ManagementTypes

extension ManagementAPI {
  func listDevices(_ request: Request, _ context: APIContext) async throws -> Response {
    let selector = try selector(try request.query("selector") ?? "")
    let limit = try limit(of: request)
    let records = try await store.devices(
      matching: selector, after: try request.keyCursor(), limit: limit + 1)
    return try answer(
      Page(records, limit: limit) {
        String($0.id)
      } _: {
        DeviceSummary($0)
      })
  }

  func countDevices(_ request: Request, _ context: APIContext) async throws -> Response {
    let selector = try selector(try request.query("selector") ?? "")
    return try answer(DeviceCount(count: try await store.deviceCount(matching: selector)))
  }

  func getDevice(_ request: Request, _ context: APIContext) async throws -> Response {
    try tagged(try await detail(try await device(context)), for: request)
  }

  func createDevice(_ request: Request, _ context: APIContext) async throws -> Response {
    let body = try await decode(NewDevice.self, from: request)
    let oui = body.oui
    guard oui.utf8.count == 6, oui.utf8.allSatisfy({ $0.isHexadecimalDigit }) else {
      throw Refusal(.invalidBody, "“oui” has six hexadecimal digits.")
    }
    try checkText(body.serialNumber, "serialNumber", length: 1...64)
    try checkText(body.productClass, "productClass", length: 0...64)
    try checkText(body.manufacturer ?? "", "manufacturer", length: 0...64)
    try checkTags(body.tags ?? [])
    let identity = DeviceIdentity(
      manufacturer: body.manufacturer ?? "", oui: oui, productClass: body.productClass,
      serialNumber: body.serialNumber)
    let credential = try body.credential.map {
      try checkCredential(username: $0.username, password: $0.password)
      return NewCredentialRecord(
        username: $0.username, password: $0.password, realm: configuration.realm,
        deviceName: identity.name)
    }
    do {
      let record = try await store.createDevice(
        identity, tags: body.tags ?? [], credential: credential, by: context.actor)
      return try answer(try await detail(record), status: .created)
    } catch let error as StoreError where error.code == .conflict {
      throw Refusal(.alreadyExists, "There is such a device, or such a credential, already.")
    }
  }

  func changeDevice(_ request: Request, _ context: APIContext) async throws -> Response {
    let body = try await decode(DevicePatch.self, from: request)
    guard body.tags == nil || (body.addTags == nil && body.removeTags == nil) else {
      throw Refusal(.invalidBody, "Give either “tags”, or “addTags” and “removeTags”.")
    }
    try checkTags((body.tags ?? []) + (body.addTags ?? []))
    let before = try await device(context)
    var expected: [String]?
    if let condition = request.headers[.ifMatch] {
      let tag = try EntityTag.text(for: try await detail(before))
      guard EntityTag.matches(condition, tag, isWeak: false)
      else { throw Refusal(.preconditionFailed, "The device is not as it was.") }
      expected = before.tags
    }
    let change: TagChange =
      body.tags.map(TagChange.replace)
      ?? .edit(adding: body.addTags ?? [], removing: body.removeTags ?? [])
    guard change.applied(to: before.tags).count <= Self.maximumTags else {
      throw Refusal(.invalidBody, "A device has at most \(Self.maximumTags) tags.")
    }
    do {
      try await store.changeTags(
        of: before.identity.name, change, expected: expected, by: context.actor)
    } catch let error as StoreError where error.code == .conflict {
      throw Refusal(.preconditionFailed, "The device is not as it was.")
    }
    return try tagged(try await detail(try await device(context)), for: request)
  }

  func deleteDevice(_ request: Request, _ context: APIContext) async throws -> Response {
    try await store.deleteDevice(named: try context.segment("name"), by: context.actor)
    return Response(status: .noContent)
  }

  func listParameters(_ request: Request, _ context: APIContext) async throws -> Response {
    let paths = request.uri.queryParameters[values: "path"].map(String.init)
    guard paths.count <= 100 else { throw Refusal(.badRequest, "There are more than 100 paths.") }
    let limit = try request.number(
      "limit", in: 1...configuration.maximumParameterPageSize,
      default: configuration.maximumParameterPageSize)
    let after = try request.query("cursor")
    let isRaw = try request.flag("raw")
    let record = try await device(context)
    let tree = try await store.tree(of: record.id)
    let model = choice(for: record, tree: tree).chosen?.model.model
    var items: [ParameterDetail] = []
    for parameter in tree {
      if let after, parameter.path <= after { continue }
      let isWanted =
        paths.isEmpty
        || paths.contains { path in
          path.utf8.last == UInt8(ascii: ".")
            ? parameter.path.utf8.starts(with: path.utf8) : parameter.path == path
        }
      guard isWanted else { continue }
      if items.count == limit {
        return try answer(Page(items: items, nextCursor: items.last?.path))
      }
      var item = ParameterDetail(parameter, model: model, isRaw: isRaw)
      // Whoever only looks need not see the customers' passwords.
      if context.caller?.role == .viewer, ParameterPath.isSecret(parameter.path) {
        item.value = ""
      }
      items.append(item)
    }
    return try answer(Page(items: items))
  }

  func listEvents(_ request: Request, _ context: APIContext) async throws -> Response {
    let limit = try limit(of: request)
    var before: EventRecord.Position?
    if let cursor = try request.query("cursor") {
      let parts = cursor.split(separator: ".")
      guard parts.count == 2, let time = Int64(parts[0]), let id = Int64(parts[1]) else {
        throw Refusal(.badRequest, "The cursor is not one that this list gave.")
      }
      before = .init(at: Double(time) / 1_000_000, id: id)
    }
    let record = try await device(context)
    let events = try await store.events(of: record.id, before: before, limit: limit + 1)
    return try answer(
      Page(events, limit: limit) {
        "\(Int64(($0.at * 1_000_000).rounded())).\($0.id)"
      } _: {
        try ManagementTypes.EventDetail($0, device: record.identity.name)
      })
  }

  func connectDevice(_ request: Request, _ context: APIContext) async throws -> Response {
    let device = try await deviceID(context)
    let wait = try request.number("wait", in: 0...configuration.maximumWait, default: 0)
    guard wait > 0 else {
      wake(device)
      return Response(status: .accepted)
    }
    return try answer(ConnectionResult(await connect(device, Double(wait))))
  }

  // MARK: - What several routes need

  private func detail(_ record: DeviceRecord) async throws -> DeviceDetail {
    var detail = DeviceDetail(record)
    detail.switches = SwitchesInForce(switches(), for: record)
    let endpoints = try await store.endpoints(of: record.id)
    if !endpoints.isEmpty {
      let link = await agentLink(record.id)
      detail.agent = AgentDetail(
        endpoints: endpoints, transport: link?.transport, versions: link?.versions ?? [])
    }
    return detail
  }

  func device(_ context: APIContext) async throws -> DeviceRecord {
    let name = try context.segment("name")
    guard let record = try await store.device(named: name) else { throw Self.unknown(name) }
    return record
  }

  func deviceID(_ context: APIContext) async throws -> Device.ID {
    let name = try context.segment("name")
    guard let id = try await store.deviceID(named: name) else { throw Self.unknown(name) }
    return id
  }

  static func unknown(_ name: String) -> Refusal {
    Refusal(.notFound, "There is no device “\(name.prefix(200))”.")
  }

  func selector(_ text: String) throws -> Selector {
    do {
      return try Selector(parsing: text)
    } catch {
      throw Refusal(
        .invalidSelector, error.diagnostics.first?.message ?? "The selector can't be read.",
        diagnostics: error.diagnostics.map(Problem.Diagnostic.init))
    }
  }

  static let maximumTags = 32

  private func checkTags(_ tags: [String]) throws {
    guard tags.count <= Self.maximumTags else {
      throw Refusal(.invalidBody, "A device has at most \(Self.maximumTags) tags.")
    }
    for tag in tags {
      try checkText(tag, "tags", length: 1...64)
      // Selectors name tags, and lists separate them.
      guard !tag.contains(where: { $0.isWhitespace || ",=!*\"".contains($0) }) else {
        throw Refusal(
          .invalidBody,
          "The tag “\(tag)” has a blank or one of , = ! * \" in it; use letters, digits, - and _.")
      }
    }
  }

  func checkText(_ text: String, _ member: String, length: ClosedRange<Int>) throws {
    let scalars = text.unicodeScalars
    guard length.contains(scalars.count) else {
      throw Refusal(
        .invalidBody,
        "“\(member)” has \(length.lowerBound) to \(length.upperBound) characters, not \(scalars.count)."
      )
    }
    guard !scalars.contains(where: { $0.properties.generalCategory == .control }) else {
      throw Refusal(.invalidBody, "“\(member)” has a control character.")
    }
  }

  func checkCredential(username: String, password: String) throws {
    try checkText(username, "username", length: 1...256)
    guard !username.contains(":"), !username.contains("\"") else {
      throw Refusal(.invalidBody, "“username” has a colon or a quote, which HTTP can't tell apart.")
    }
    try checkText(password, "password", length: 8...256)
  }
}

extension Page {
  /// A page of at most `limit` of the records, of which one more was asked for to learn whether the list goes on.
  init<Record>(
    _ records: [Record], limit: Int, cursor: (Record) -> String,
    _ item: (Record) throws -> Item
  ) rethrows {
    let shown = records.prefix(limit)
    self.init(
      items: try shown.map(item),
      nextCursor: records.count > limit ? shown.last.map(cursor) : nil)
  }
}

extension UInt8 {
  fileprivate var isHexadecimalDigit: Bool {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "F"),
      UInt8(ascii: "a")...UInt8(ascii: "f"):
      true
    default: false
    }
  }
}

extension DeviceSummary {
  init(_ record: DeviceRecord) {
    self.init(
      name: record.identity.name, tags: record.tags,
      lastContact: record.lastContact.map { Timestamp($0) }, facts: record.facts,
      presence: record.presence.map(PresenceDetail.init))
  }
}

extension PresenceDetail {
  init(_ presence: AgentPresence) {
    self.init(
      online: presence.isOnline, since: Timestamp(presence.since), transport: presence.transport,
      endpoint: presence.endpoint, node: presence.node, lastHeard: Timestamp(presence.heardAt))
  }
}

extension DeviceDetail {
  init(_ record: DeviceRecord) {
    self.init(
      name: record.identity.name, manufacturer: record.identity.manufacturer,
      oui: record.identity.oui, productClass: record.identity.productClass,
      serialNumber: record.identity.serialNumber, tags: record.tags, facts: record.facts,
      protocol: record.protocolName, root: record.root, address: record.address,
      createdAt: Timestamp(record.createdAt), lastContact: record.lastContact.map { Timestamp($0) },
      lastBoot: record.lastBoot.map { Timestamp($0) },
      lastRead: record.readAt.map { Timestamp($0) },
      readDue: record.readDue.map { Timestamp($0) }, isReachable: record.credentialState == .set,
      openTasks: record.openTasks, presence: record.presence.map(PresenceDetail.init))
  }
}

extension ParameterDetail {
  /// - Parameters:
  ///   - model: tells what is a list, and the type of what the device told without one; nil where none is known.
  ///   - isRaw: whether the value stays the text that it is.
  init(_ parameter: StoredParameter, model: DataModel?, isRaw: Bool) {
    let syntax = isRaw ? nil : model?[parameter.path]?.syntax
    let isList = syntax?.list != nil
    let type =
      parameter.type == .string ? syntax?.primitive ?? .string : parameter.type.primitive
    self.init(
      path: parameter.path,
      value: parameter.value.map {
        isRaw ? TypedValue($0) : TypedValue($0, type: type, isList: isList)
      },
      type: parameter.isObject ? nil : parameter.type.rawValue, writable: parameter.writable,
      notification: parameter.notification.map(Int.init),
      changedAt: Timestamp(Double(parameter.changedAt)))
  }
}
