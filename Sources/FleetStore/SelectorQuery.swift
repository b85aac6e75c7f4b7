import Fleet
import Postgres

/// A selector as parameters of the statements that search by it.
///
/// The statements are the same for all selectors: terms and patterns travel as arrays. A term that an index can
/// answer becomes the anchor, which names the candidates; all terms are then checked for each candidate.
struct SelectorQuery: Sendable {
  /// How the candidates are found.
  enum Anchor: Sendable, Equatable {
    case fact(Int16)
    case name
    /// The texts are in ``lows``.
    case tag
    /// Every device is a candidate.
    case scan
  }

  private(set) var anchor = Anchor.scan
  /// Candidates have a value from a low (inclusive) to the high beside it (exclusive), compared byte by byte.
  private var lows: [String] = []
  private var highs: [String] = []

  private var subjects: [Int16] = []
  private var factIDs: [Int16?] = []
  private var negations: [Bool] = []
  private var patternTerms: [Int64] = []
  private var patterns: [String] = []

  /// - Throws: ``StoreError`` with `invalid` where a term names a parameter by which devices can't be searched.
  init(_ selector: Selector, facts: FactTable) throws(StoreError) {
    for (index, term) in selector.terms.enumerated() {
      let (isNegated, tested) = Self.normalized(term.test)
      switch term.subject {
      case .name:
        subjects.append(0)
        factIDs.append(nil)
      case .tag:
        subjects.append(1)
        factIDs.append(nil)
      case .online:
        subjects.append(3)
        factIDs.append(nil)
      case .fact(let name):
        guard let id = facts.id(named: name) else {
          throw StoreError(
            .invalid,
            "devices can't be searched by “\(name)”, only by \(facts.names.joined(separator: ", "))"
          )
        }
        subjects.append(2)
        factIDs.append(id)
      }
      negations.append(isNegated)
      for pattern in tested {
        patternTerms.append(Int64(index + 1))
        patterns.append(Self.like(pattern))
      }
    }
    chooseAnchor(selector, facts: facts)
  }

  private static let anything = Selector.Pattern(pieces: ["", ""])

  private static func normalized(_ test: Selector.Test) -> (Bool, [Selector.Pattern]) {
    switch test {
    case .isAny(let patterns): (false, patterns)
    case .isNone(let patterns): (true, patterns)
    case .exists: (false, [anything])
    case .isAbsent: (true, [anything])
    }
  }

  /// The pattern as LIKE wants it, whose wildcards are `%` and `_` and whose escape is the backslash.
  private static func like(_ pattern: Selector.Pattern) -> String {
    pattern.pieces.map { piece in
      var text = ""
      for scalar in piece.unicodeScalars {
        if scalar == "%" || scalar == "_" || scalar == "\\" { text.unicodeScalars.append("\\") }
        text.unicodeScalars.append(scalar)
      }
      return text
    }.joined(separator: "%")
  }

  private mutating func chooseAnchor(_ selector: Selector, facts: FactTable) {
    var best = 0
    for term in selector.terms {
      let (isNegated, tested) = Self.normalized(term.test)
      if isNegated { continue }
      let isExact = tested.allSatisfy { $0.exact != nil }
      let hasPrefix = tested.allSatisfy { !$0.prefix.isEmpty || $0.exact != nil }
      let (candidate, worth): (Anchor, Int) =
        switch term.subject {
        case .name where isExact: (.name, 6)
        case .fact(let name) where isExact: (facts.id(named: name).map(Anchor.fact) ?? .scan, 5)
        case .tag where isExact: (.tag, 4)
        case .name where hasPrefix: (.name, 3)
        case .fact(let name) where hasPrefix: (facts.id(named: name).map(Anchor.fact) ?? .scan, 2)
        case .fact(let name): (facts.id(named: name).map(Anchor.fact) ?? .scan, 1)
        default: (.scan, 0)
        }
      guard worth > best else { continue }
      best = worth
      anchor = candidate
      lows = tested.map(\.prefix)
      highs = tested.map { pattern in
        // No stored text holds U+0000, so nothing lies between a text and the same with U+0001 behind it.
        pattern.exact.map { $0 + "\u{1}" } ?? Self.end(ofPrefix: pattern.prefix)
      }
    }
  }

  /// The least text that is greater than all that start with the prefix.
  ///
  /// The order of UTF-8 bytes is that of scalars.
  static func end(ofPrefix prefix: String) -> String {
    var scalars = Array(prefix.unicodeScalars)
    while let last = scalars.popLast() {
      let next = last.value == 0xD7FF ? 0xE000 : last.value + 1
      if let scalar = Unicode.Scalar(next) {
        return String(String.UnicodeScalarView(scalars + [scalar]))
      }
    }
    // Longer than any fact or name of that beginning.
    return String(repeating: "\u{10FFFF}", count: 512)
  }

  // MARK: - Statements

  /// The keys of matching devices in their order, as the column `device_id`.
  ///
  /// - Parameter after: the key of the last device of the page before; 0: from the first on.
  func keys(after: Device.ID, limit: Int) -> Statement {
    let common: [Parameter] = [
      .int2Array(subjects), .int2Array(factIDs), .boolArray(negations), .int8Array(patternTerms),
      .textArray(patterns), .int8(after), .int8(Int64(limit)),
    ]
    if anchor == .scan { return Statement(Self.scanned, parameters: common) }
    var fact: Int16?
    if case .fact(let id) = anchor { fact = id }
    return Statement(
      Self.anchored,
      parameters: common + [
        .textArray(lows), .textArray(highs), .int2(fact), .bool(anchor == .name),
        .bool(anchor == .tag),
      ])
  }

  // EXISTS for facts and agents would be turned into a hash of those of all devices, however few candidates there are.

  private static let scanned: SQL = """
    SELECT d.device_id
    FROM device d
    WHERE d.device_id > $6
      AND NOT EXISTS (
        SELECT
        FROM unnest($1::smallint[], $2::smallint[], $3::boolean[]) WITH ORDINALITY
          AS t (subject, fact_id, is_negated, number)
        WHERE t.is_negated = CASE t.subject
          WHEN 0 THEN EXISTS (
            SELECT FROM unnest($4::bigint[], $5::text[]) AS p (number, pattern)
            WHERE p.number = t.number AND d.name LIKE p.pattern)
          WHEN 1 THEN EXISTS (
            SELECT FROM unnest($4::bigint[], $5::text[]) AS p (number, pattern),
              unnest(d.tags) AS g (tag)
            WHERE p.number = t.number AND g.tag LIKE p.pattern)
          WHEN 3 THEN (
            SELECT true FROM agent_presence a, unnest($4::bigint[], $5::text[]) AS p (number, pattern)
            WHERE a.device_id = d.device_id AND p.number = t.number
              AND EXISTS (
                SELECT FROM node n WHERE n.node_id = a.node_id AND n.alive_until > now()
              )::text LIKE p.pattern
            LIMIT 1) IS NOT NULL
          ELSE (
            SELECT true FROM device_fact f, unnest($4::bigint[], $5::text[]) AS p (number, pattern)
            WHERE f.device_id = d.device_id AND f.fact_id = t.fact_id
              AND p.number = t.number AND f.value LIKE p.pattern
            LIMIT 1) IS NOT NULL
          END)
    ORDER BY d.device_id
    LIMIT $7
    """

  private static let anchored: SQL = """
    SELECT d.device_id
    FROM (
      SELECT f.device_id
      FROM unnest($8::text[], $9::text[]) AS a (low, high)
      JOIN device_fact f ON f.fact_id = $10 AND f.value ~>=~ a.low AND f.value ~<~ a.high
      WHERE $10::smallint IS NOT NULL
      UNION
      SELECT n.device_id
      FROM unnest($8::text[], $9::text[]) AS a (low, high)
      JOIN device n ON n.name ~>=~ a.low AND n.name ~<~ a.high
      WHERE $11::boolean
      UNION
      SELECT g.device_id
      FROM device g
      WHERE $12::boolean AND g.tags && $8::text[]
    ) AS candidate
    JOIN device d ON d.device_id = candidate.device_id
    WHERE d.device_id > $6
      AND NOT EXISTS (
        SELECT
        FROM unnest($1::smallint[], $2::smallint[], $3::boolean[]) WITH ORDINALITY
          AS t (subject, fact_id, is_negated, number)
        WHERE t.is_negated = CASE t.subject
          WHEN 0 THEN EXISTS (
            SELECT FROM unnest($4::bigint[], $5::text[]) AS p (number, pattern)
            WHERE p.number = t.number AND d.name LIKE p.pattern)
          WHEN 1 THEN EXISTS (
            SELECT FROM unnest($4::bigint[], $5::text[]) AS p (number, pattern),
              unnest(d.tags) AS g (tag)
            WHERE p.number = t.number AND g.tag LIKE p.pattern)
          WHEN 3 THEN (
            SELECT true FROM agent_presence a, unnest($4::bigint[], $5::text[]) AS p (number, pattern)
            WHERE a.device_id = d.device_id AND p.number = t.number
              AND EXISTS (
                SELECT FROM node n WHERE n.node_id = a.node_id AND n.alive_until > now()
              )::text LIKE p.pattern
            LIMIT 1) IS NOT NULL
          ELSE (
            SELECT true FROM device_fact f, unnest($4::bigint[], $5::text[]) AS p (number, pattern)
            WHERE f.device_id = d.device_id AND f.fact_id = t.fact_id
              AND p.number = t.number AND f.value LIKE p.pattern
            LIMIT 1) IS NOT NULL
          END)
    ORDER BY d.device_id
    LIMIT $7
    """
}
