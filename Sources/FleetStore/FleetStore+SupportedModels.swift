import Fleet
import Foundation
import Postgres

/// What is known about what devices of one make and firmware support, its items apart.
package struct SupportedModelRecord: Sendable, Equatable {
  /// See ``SupportedModelKey/name``.
  package var name: String
  package var manufacturer: String
  package var oui: String
  package var productClass: String
  package var softwareVersion: String
  package var protocolName: String
  /// `Device.` or `InternetGatewayDevice.`.
  package var root: String
  package var objects: Int
  package var parameters: Int
  package var commands: Int
  package var events: Int
  /// Whether there is more than is kept.
  package var isCut: Bool
  package var announced: [AnnouncedModel]
  /// How many devices it is put together from.
  package var devices: Int
  /// Seconds since 1970, like the others.
  package var createdAt: Double
  package var updatedAt: Double
  package var seenAt: Double
}

/// How much is kept of what firmwares support.
package struct SupportedModelLimits: Sendable, Equatable {
  /// Firmwares; those go first of which no device has been read for longest.
  package var models = 2_000
  /// Devices of one firmware that are looked at, since optional objects differ.
  package var devices = 5

  package init() {}
}

extension FleetStore {
  // MARK: Reading

  private static let selectSupported: SQL = """
    SELECT name, manufacturer, oui, product_class, software_version, protocol, root, objects,
      parameters, commands, events, is_cut, announced, cardinality(sources) AS devices,
      created_at, updated_at, seen_at
    FROM supported_model WHERE name > $1 ORDER BY name LIMIT $2
    """

  private static let selectOneSupported: SQL = """
    SELECT name, manufacturer, oui, product_class, software_version, protocol, root, objects,
      parameters, commands, events, is_cut, announced, cardinality(sources) AS devices,
      created_at, updated_at, seen_at, codec, content
    FROM supported_model
    WHERE name = $1 OR (product_class = $2 AND software_version = $3)
    ORDER BY name = $1 DESC, name LIMIT 2
    """

  /// What firmwares support, in the order of their names.
  package func supportedModels(after name: String = "", limit: Int) async throws
    -> [SupportedModelRecord]
  {
    try await query(Statement(Self.selectSupported, .text(name), .int8(Int64(limit)))).map {
      try SupportedModelRecord($0)
    }
  }

  /// What a firmware supports.
  ///
  /// - Parameter name: its name, or `ProductClass@SoftwareVersion` where that means only one.
  /// - Throws: ``StoreError`` with `notFound`, or `invalid` where several are meant.
  package func supportedModel(named name: String) async throws
    -> (record: SupportedModelRecord, model: SupportedModel)
  {
    let parts = name.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let rows = try await query(
      Statement(
        Self.selectOneSupported, .text(name), .text(parts.first.map(String.init)),
        .text(parts.count > 1 ? String(parts[1]) : nil)))
    guard let row = rows.first else {
      throw StoreError(.notFound, "nothing is known of what “\(name)” supports")
    }
    let record = try SupportedModelRecord(row)
    guard record.name == name || rows.count == 1 else {
      let names = try rows.map { try $0.string("name") }.joined(separator: " and ")
      throw StoreError(.invalid, "“\(name)” may mean \(names), among others")
    }
    return (record, try Self.supported(from: row, named: record.name))
  }

  private static func supported(from row: Row, named name: String) throws -> SupportedModel {
    do {
      return SupportedModel(
        items: try SupportedModelCodec().decode(
          try row.bytes("content"), codec: try row.int16("codec")),
        announced: try AnnouncedModel.list(from: try row.json("announced")),
        isCut: try row.bool("is_cut"))
    } catch let error as TreeCodecError {
      throw StoreError(.damaged, "what “\(name)” supports can't be read: \(error)")
    }
  }

  // MARK: Keeping

  private static let holdSupported: SQL = """
    SELECT sources, is_cut, announced, codec, content
    FROM supported_model WHERE name = $1 FOR UPDATE
    """

  private static let insertSupported: SQL = """
    INSERT INTO supported_model
      (name, manufacturer, oui, product_class, software_version, protocol, root, objects,
       parameters, commands, events, is_cut, announced, sources, codec, content, created_at,
       updated_at, seen_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17, $17)
    ON CONFLICT (name) DO NOTHING
    RETURNING name
    """

  private static let updateSupported: SQL = """
    UPDATE supported_model
    SET objects = $2, parameters = $3, commands = $4, events = $5, is_cut = $6, announced = $7,
      sources = $8, codec = $9, content = $10, updated_at = $11,
      seen_at = greatest(seen_at, $11)
    WHERE name = $1
    """

  private static let forgetSupported: SQL = """
    DELETE FROM supported_model WHERE name IN (
      SELECT name FROM supported_model ORDER BY seen_at DESC, name OFFSET $1)
    """

  /// Keeps what a device of a make and firmware supports, together with what is known already.
  ///
  /// - Parameter now: seconds since 1970.
  /// - Returns: whether anything has changed: devices that are in it, or too many, add nothing.
  @discardableResult
  package func keepSupportedModel(
    _ model: SupportedModel, of key: SupportedModelKey, manufacturer: String, root: String,
    from device: Device.ID, limits: SupportedModelLimits, now: Double
  ) async throws -> Bool {
    let name = key.name
    do {
      return try await transaction { connection in
        if try Self.insert(
          model, of: key, manufacturer: manufacturer, root: root, from: device, now: now,
          on: connection)
        {
          try connection.query(Statement(Self.forgetSupported, .int8(Int64(limits.models))))
          return true
        }
        guard let row = try connection.query(Statement(Self.holdSupported, .text(name))).first
        else {
          // Another node has just removed it; the next reading makes it anew.
          return false
        }
        let sources = try row.int64Array("sources")
        guard !sources.contains(device), sources.count < limits.devices else { return false }
        let whole = try Self.supported(from: row, named: name).union(model)
        try connection.query(
          Statement(
            Self.updateSupported, .text(name), .int4(Int32(clamping: whole.count(of: .object))),
            .int4(Int32(clamping: whole.count(of: .parameter))),
            .int4(Int32(clamping: whole.count(of: .command))),
            .int4(Int32(clamping: whole.count(of: .event))), .bool(whole.isCut),
            .jsonb(try AnnouncedModel.json(of: whole.announced)), .int8Array(sources + [device]),
            .int2(SupportedModelCodec.current),
            .bytea(try SupportedModelCodec().encode(whole.items)), .timestamptz(now)))
        return true
      }
    } catch let error as TreeCodecError {
      throw StoreError(.damaged, "what “\(name)” supports can't be kept: \(error)")
    }
  }

  private static func insert(
    _ model: SupportedModel, of key: SupportedModelKey, manufacturer: String, root: String,
    from device: Device.ID, now: Double, on connection: Connection
  ) throws -> Bool {
    try !connection.query(
      Statement(
        insertSupported, .text(key.name), .text(manufacturer), .text(key.oui),
        .text(key.productClass), .text(key.softwareVersion), .text(key.protocolName), .text(root),
        .int4(Int32(clamping: model.count(of: .object))),
        .int4(Int32(clamping: model.count(of: .parameter))),
        .int4(Int32(clamping: model.count(of: .command))),
        .int4(Int32(clamping: model.count(of: .event))), .bool(model.isCut),
        .jsonb(try AnnouncedModel.json(of: model.announced)), .int8Array([device]),
        .int2(SupportedModelCodec.current), .bytea(try SupportedModelCodec().encode(model.items)),
        .timestamptz(now))
    ).isEmpty
  }
}

extension SupportedModelRecord {
  fileprivate init(_ row: Row) throws {
    self.init(
      name: try row.string("name"), manufacturer: try row.string("manufacturer"),
      oui: try row.string("oui"), productClass: try row.string("product_class"),
      softwareVersion: try row.string("software_version"),
      protocolName: try row.string("protocol"), root: try row.string("root"),
      objects: try row.int("objects"), parameters: try row.int("parameters"),
      commands: try row.int("commands"), events: try row.int("events"),
      isCut: try row.bool("is_cut"),
      announced: try AnnouncedModel.list(from: try row.json("announced")),
      devices: try row.int("devices"), createdAt: try row.timestamp("created_at"),
      updatedAt: try row.timestamp("updated_at"), seenAt: try row.timestamp("seen_at"))
  }
}

extension AnnouncedModel {
  fileprivate static func json(of models: [AnnouncedModel]) throws -> [UInt8] {
    Array(try JSONEncoder().encode(models))
  }

  fileprivate static func list(from json: [UInt8]) throws -> [AnnouncedModel] {
    try JSONDecoder().decode([AnnouncedModel].self, from: Data(json))
  }
}
