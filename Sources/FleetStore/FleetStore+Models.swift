import Fleet
import Postgres

/// A data model that an operator brought, as it is known without its documents.
package struct ImportedModelRecord: Sendable, Equatable {
  /// The name under which it is known.
  package var name: String
  /// What its document calls it, for example `Device:2.19`.
  package var model: String
  /// The URN of its document.
  package var spec: String
  /// The name of its document.
  package var file: String
  /// How many documents there are, with those that it imports.
  package var documents: Int
  /// Bytes of all documents.
  package var size: Int
  package var sha256: [UInt8]
  package var importedBy: String
  /// Seconds since 1970.
  package var importedAt: Double
}

extension FleetStore {
  /// What is imported: a model with the documents that it consists of.
  package struct ModelImport: Sendable {
    package var name: String
    package var model: String
    package var spec: String
    package var file: String
    package var bundle: ModelBundle

    package init(name: String, model: String, spec: String, file: String, bundle: ModelBundle) {
      self.name = name
      self.model = model
      self.spec = spec
      self.file = file
      self.bundle = bundle
    }
  }

  package enum ModelOutcome: String, Sendable {
    case created, changed, unchanged
  }

  private static let selectModelDigest: SQL = """
    SELECT sha256, model FROM data_model WHERE name = $1
    """

  private static let upsertModel: SQL = """
    INSERT INTO data_model AS m
      (name, model, spec, file, documents, size, sha256, codec, content, imported_by)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
    WHERE EXISTS (SELECT FROM data_model WHERE name = $1)
      OR (SELECT count(*) FROM data_model) < $11
    ON CONFLICT (name) DO UPDATE
      SET model = $2, spec = $3, file = $4, documents = $5, size = $6, sha256 = $7, codec = $8,
        content = $9, imported_by = $10, imported_at = now()
    RETURNING xmax = 0 AS is_new
    """

  /// Keeps a data model, in place of the imported one of that name if there is any.
  ///
  /// - Parameter limit: imported models in all.
  /// - Throws: ``StoreError`` with `conflict` where there are too many.
  package func importModel(
    _ model: ModelImport, limit: Int, isDryRun: Bool, by actor: String
  ) async throws -> ModelOutcome {
    let packed: (content: [UInt8], sha256: [UInt8])
    do {
      packed = try model.bundle.packed()
    } catch {
      throw StoreError(.invalid, "the documents can't be compressed: \(error)")
    }
    return try await transaction { connection in
      let before = try connection.query(Statement(Self.selectModelDigest, .text(model.name))).first
      if let before, try before.bytes("sha256") == packed.sha256,
        try before.string("model") == model.model
      {
        return .unchanged
      }
      if isDryRun { return before == nil ? .created : .changed }
      let row = try connection.query(
        Statement(
          Self.upsertModel, .text(model.name), .text(model.model), .text(model.spec),
          .text(model.file), .int4(Int32(clamping: model.bundle.documents.count)),
          .int8(Int64(model.bundle.size)), .bytea(packed.sha256), .int2(ModelBundle.codec),
          .bytea(packed.content), .text(actor), .int8(Int64(limit)))
      ).first
      guard let row else {
        throw StoreError(
          .conflict, "there are \(limit) imported data models already; remove one first")
      }
      try connection.query(
        AuditEntry(
          actor: actor, action: "model.import", target: "models/\(model.name)",
          detail: ["model": model.model, "spec": model.spec]
        ).statement)
      return try row.bool("is_new") ? .created : .changed
    }
  }

  private static let deleteModel: SQL = "DELETE FROM data_model WHERE name = $1 RETURNING name"

  /// - Throws: ``StoreError`` with `notFound`.
  package func deleteModel(named name: String, by actor: String) async throws {
    try await transaction { connection in
      guard try !connection.query(Statement(Self.deleteModel, .text(name))).isEmpty else {
        throw StoreError(.notFound, "there is no imported data model “\(name)”")
      }
      try connection.query(
        AuditEntry(actor: actor, action: "model.remove", target: "models/\(name)").statement)
    }
  }

  private static let selectModels: SQL = """
    SELECT name, model, spec, file, documents, size, sha256, imported_by, imported_at
    FROM data_model ORDER BY name
    """

  /// The imported data models by their names.
  package func importedModels() async throws -> [ImportedModelRecord] {
    try await query(Statement(Self.selectModels)).map { row in
      ImportedModelRecord(
        name: try row.string("name"), model: try row.string("model"),
        spec: try row.string("spec"), file: try row.string("file"),
        documents: try row.int("documents"), size: try row.int("size"),
        sha256: try row.bytes("sha256"), importedBy: try row.string("imported_by"),
        importedAt: try row.timestamp("imported_at"))
    }
  }

  private static let selectModelContent: SQL = """
    SELECT codec, content FROM data_model WHERE name = $1 AND sha256 = $2
    """

  /// The documents of an imported data model; nil where it has been replaced or removed since.
  ///
  /// - Throws: ``StoreError`` with `damaged` where this release can't read them.
  package func documents(of record: ImportedModelRecord) async throws -> ModelBundle? {
    let rows = try await query(
      Statement(Self.selectModelContent, .text(record.name), .bytea(record.sha256)))
    guard let row = rows.first else { return nil }
    do {
      return try ModelBundle(packed: try row.bytes("content"), codec: try row.int16("codec"))
    } catch let error as TreeCodecError {
      throw StoreError(.damaged, "the data model “\(record.name)” can't be read: \(error)")
    }
  }
}
