import Fleet
import Logging
import Postgres

/// What a look at the newest readings brought.
package struct SupportedModelReport: Sendable, Equatable {
  /// Readings that were looked at.
  package var readings = 0
  /// Trees that were taken in.
  package var trees = 0
  /// Whether there are readings left.
  package var hasMore = false

  package init(readings: Int = 0, trees: Int = 0, hasMore: Bool = false) {
    self.readings = readings
    self.trees = trees
    self.hasMore = hasMore
  }
}

extension FleetStore {
  /// Readings that are looked at together.
  private static let readingSlice = 500
  /// Seconds after which a reading is surely committed.
  private static let commitAllowance = 60.0
  /// Seconds between two notes that a firmware is still there.
  private static let noteInterval = 3_600.0

  private static let selectProgress: SQL = """
    SELECT read_at, device_id FROM supported_model_progress
    """

  private static let updateProgress: SQL = """
    UPDATE supported_model_progress SET read_at = $1, device_id = $2
    WHERE (read_at, device_id) < ($1, $2)
    """

  private static let selectReadings: SQL = """
    SELECT s.device_id, s.read_at, s.protocol, s.root, d.manufacturer, d.oui, d.product_class,
      v.value AS software_version
    FROM device_state s
    JOIN device d ON d.device_id = s.device_id
    LEFT JOIN device_fact v ON v.device_id = s.device_id AND v.fact_id = $4
    WHERE (s.read_at, s.device_id) > ($1, $2) AND s.read_at < $3
    ORDER BY s.read_at, s.device_id
    LIMIT $5
    """

  private static let selectKnown: SQL = """
    SELECT name, sources FROM supported_model WHERE name = ANY ($1::text[])
    """

  private static let noteModels: SQL = """
    UPDATE supported_model SET seen_at = $2
    WHERE name = ANY ($1::text[]) AND seen_at < $2 - make_interval(secs => $3)
    """

  /// Takes what firmwares support from the trees that have been read as a whole since the last time.
  ///
  /// Any number of nodes may call it as often as they like. Devices whose software version is not known are left out.
  ///
  /// - Parameters:
  ///   - now: seconds since 1970.
  ///   - trees: how many are taken in at the most.
  package func gatherSupportedModels(
    now: Double, limits: SupportedModelLimits = SupportedModelLimits(), trees limit: Int = 100
  ) async throws -> SupportedModelReport {
    var report = SupportedModelReport()
    guard limits.models > 0, limits.devices > 0,
      let versionFact = facts.id(named: Facts.softwareVersion),
      let progress = try await query(Statement(Self.selectProgress)).first
    else { return report }
    var place = (readAt: try progress.timestamp(0), device: try progress.int64(1))
    while true {
      let rows = try await query(
        Statement(
          Self.selectReadings, .timestamptz(place.readAt), .int8(place.device),
          .timestamptz(now - Self.commitAllowance), .int2(versionFact),
          .int8(Int64(Self.readingSlice))))
      let readings = try rows.map { try Reading($0) }
      guard let last = readings.last else { return report }
      var known = try await sources(of: Set(readings.compactMap { $0.key?.name }))
      let names = Array(known.keys)
      for reading in readings {
        place = (reading.readAt, reading.device)
        report.readings += 1
        guard let key = reading.key, known.wants(reading.device, of: key.name, limits) else {
          continue
        }
        guard report.trees < limit else {
          report.hasMore = true
          // This one comes again.
          report.readings -= 1
          break
        }
        report.trees += 1
        if try await take(reading, key, limits: limits, now: now) {
          known[key.name, default: []].append(reading.device)
        }
        try await note(place)
      }
      _ = try await query(
        Statement(
          Self.noteModels, .textArray(names), .timestamptz(now), .float8(Self.noteInterval)))
      if report.hasMore { return report }
      place = (last.readAt, last.device)
      try await note(place)
      if readings.count < Self.readingSlice { return report }
    }
  }

  /// A device that was read as a whole.
  private struct Reading {
    var device: Device.ID
    var readAt: Double
    var manufacturer: String
    var root: String
    /// Nil where it is not known what runs on it.
    var key: SupportedModelKey?

    init(_ row: Row) throws {
      device = try row.int64("device_id")
      readAt = try row.timestamp("read_at")
      manufacturer = try row.string("manufacturer")
      root = try row.string("root")
      key = SupportedModelKey(
        oui: try row.string("oui"), productClass: try row.string("product_class"),
        softwareVersion: try row.optionalString("software_version") ?? "",
        protocolName: try row.string("protocol"))
    }

    /// False where another firmware has come since the tree was read, which is to be read anew.
    func isOfItsFirmware(_ tree: [StoredParameter]) -> Bool {
      let version = tree.first { $0.path == root + Facts.softwareVersion }
      return version.map { Double($0.changedAt) <= readAt } ?? true
    }
  }

  private func note(_ place: (readAt: Double, device: Device.ID)) async throws {
    _ = try await query(
      Statement(Self.updateProgress, .timestamptz(place.readAt), .int8(place.device)))
  }

  /// By the names of those that are known: the devices that they are put together from.
  private func sources(of names: Set<String>) async throws -> [String: [Device.ID]] {
    var sources: [String: [Device.ID]] = [:]
    for row in try await query(Statement(Self.selectKnown, .textArray(names.sorted()))) {
      sources[try row.string(0)] = try row.int64Array(1)
    }
    return sources
  }

  /// - Returns: false where the device or its tree is gone, is not that of the firmware any more, or can't be read: one device must not
  ///   hold up the others.
  private func take(
    _ reading: Reading, _ key: SupportedModelKey, limits: SupportedModelLimits, now: Double
  ) async throws -> Bool {
    do {
      let tree = try await tree(of: reading.device)
      guard reading.isOfItsFirmware(tree) else { return false }
      try await keepSupportedModel(
        SupportedModel(of: tree), of: key, manufacturer: reading.manufacturer,
        root: reading.root, from: reading.device, limits: limits, now: now)
      return true
    } catch let error as StoreError where error.code != .unavailable {
      if error.code != .notFound {
        logger.error(
          "what a device supports can't be kept",
          metadata: ["device": "\(reading.device)", "error": "\(error)"])
      }
      return false
    }
  }
}

extension [String: [Device.ID]] {
  fileprivate func wants(
    _ device: Device.ID, of name: String, _ limits: SupportedModelLimits
  ) -> Bool {
    guard let sources = self[name] else { return true }
    return sources.count < limits.devices && !sources.contains(device)
  }
}
