import Fleet
import Postgres

/// The parameters by which devices are searched, with their keys in the database.
struct FactTable: Sendable {
  private let projection: FactProjection
  /// In the order of the projection's names.
  private let ids: [Int16]
  private let byName: [String: Int16]

  init(_ projection: FactProjection, ids: [String: Int16]) {
    self.projection = projection
    self.ids = projection.names.map { ids[$0] ?? 0 }
    byName = ids
  }

  /// - Parameter path: with its root, of whatever data model.
  func id(ofParameter path: String) -> Int16? {
    projection.index(of: path).map { ids[$0] }
  }

  /// The parameters in which a device may have the same fact as in this one, the usual one first; nil where there is only this one.
  func places(ofParameter path: String) -> [String]? {
    let root = "InternetGatewayDevice."
    guard path.hasPrefix(root) else { return nil }
    let names = CommonParameters.namesInTR098(canonicalFactName(path))
    return names.count > 1 ? names.map { root + $0 } : nil
  }

  /// - Parameter name: without the root.
  func id(named name: String) -> Int16? { byName[name] }

  var names: [String] { projection.names }

  private static let insert: SQL = """
    INSERT INTO fact (name)
    SELECT u.name FROM unnest($1::text[]) AS u (name)
    WHERE NOT EXISTS (SELECT FROM fact f WHERE f.name = u.name)
    ON CONFLICT (name) DO NOTHING
    """

  private static let select: SQL = "SELECT name, fact_id FROM fact WHERE name = ANY ($1::text[])"

  /// Makes the names known to the database and reads their keys.
  ///
  /// A conflict alone would use up a number of the small sequence at every start.
  static func load(naming names: [String], from pool: Pool) async throws -> FactTable {
    let projection = FactProjection(names: names)
    let rows = try await pool.pipeline([
      Statement(insert, .textArray(projection.names.sorted())),
      Statement(select, .textArray(projection.names)),
    ])[1]
    var ids: [String: Int16] = [:]
    for row in rows { ids[try row.string(0)] = try row.int16(1) }
    return FactTable(projection, ids: ids)
  }
}
