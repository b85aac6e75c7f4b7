/// A data model as a table: a row for each item, in the order of the paths' bytes.
package struct ModelTable: Sendable {
  /// The columns of ``ModelTable/Row``, in their order.
  package static let columns = [
    "path", "kind", "access", "primitive", "list", "sizes", "ranges", "enums", "units", "status",
    "version",
  ]

  package struct Row: Sendable, Encodable, Equatable {
    /// With `{i}` for instances; objects end in a dot.
    package var path: String
    package var kind: String
    package var access: String?
    /// The type that all named ones come down to.
    package var primitive: String?
    /// `[least:most]` items.
    package var list: String?
    /// Pairs of bounds; of one item where it is a list.
    package var sizes: [[Int?]]?
    /// Bounds, and the step where there is one.
    package var ranges: [[ModelNumber?]]?
    package var enums: [String]?
    package var units: String?
    package var status: String
    package var version: String?
  }

  package let rows: [Row]

  package init(_ model: DataModel) {
    rows = model.items.map(Row.init).sorted {
      $0.path.utf8.lexicographicallyPrecedes($1.path.utf8)
    }
  }
}

/// A number as it is written, however large or fine.
package struct ModelNumber: Sendable, Equatable {
  package var text: String

  /// Whether JSON can have it as it is.
  package var isNumber: Bool {
    text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?/) != nil
  }
}

extension ModelNumber: Encodable {
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let number = Int64(text) {
      try container.encode(number)
    } else if let number = UInt64(text) {
      try container.encode(number)
    } else if isNumber, let number = Double(text) {
      try container.encode(number)
    } else {
      try container.encode(text)
    }
  }
}

extension ModelTable.Row {
  init(_ item: ModelItem) {
    let syntax = item.syntax
    path = item.path
    kind = item.kind.rawValue
    access = item.access?.rawValue
    primitive = syntax?.primitive.rawValue
    list = syntax?.list.map {
      "[\($0.items.least.map(String.init) ?? ""):\($0.items.most.map(String.init) ?? "")]"
    }
    sizes = syntax.flatMap { $0.sizes.isEmpty ? nil : $0.sizes.map { [$0.least, $0.most] } }
    ranges = syntax.flatMap {
      $0.ranges.isEmpty
        ? nil
        : $0.ranges.map { range in
          let bounds = [range.least, range.most].map { $0.map(ModelNumber.init) }
          guard let step = range.step, step != "1" else { return bounds }
          return bounds + [ModelNumber(text: step)]
        }
    }
    enums = syntax.flatMap { $0.enumerations.isEmpty ? nil : $0.enumerations.map(\.value) }
    units = syntax?.units
    status = item.effectiveStatus.rawValue
    version = item.effectiveVersion?.description
  }
}
