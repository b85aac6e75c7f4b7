/// Rows of cells, laid out in aligned columns.
package struct TextTable: Sendable {
  /// Columns between two columns of text.
  package static let gap = 3
  /// The widest cell in the `table` layout; `wide` shows cells whole.
  package static let narrowCell = 60

  private let headers: [String]
  private var rows: [[String]] = []

  package init(_ headers: String...) { self.init(headers) }

  package init(_ headers: [String]) { self.headers = headers }

  package var isEmpty: Bool { rows.isEmpty }

  /// Adds a row; missing cells are empty, surplus ones are dropped. Cells are escaped here.
  package mutating func add(_ cells: [String]) {
    let missing = max(0, headers.count - cells.count)
    rows.append(
      cells.prefix(headers.count).map(DisplayText.escaped) + Array(repeating: "", count: missing))
  }

  package mutating func add(_ cells: String...) { add(cells) }

  /// The lines, without trailing spaces.
  ///
  /// - Parameters:
  ///   - cellLimit: The widest cell in columns; `nil` for no limit. The last column is never cut by it.
  ///   - width: The columns of a line; `nil` for any number.
  package func lines(cellLimit: Int? = nil, width: Int? = nil, showsHeaders: Bool = true)
    -> [String]
  {
    let shown = rows.map { row in
      row.enumerated().map { index, cell in
        guard let cellLimit, index < headers.count - 1 else { return cell }
        return DisplayText.clipped(cell, to: cellLimit)
      }
    }
    let all = (showsHeaders ? [headers] : []) + shown
    var widths = Array(repeating: 0, count: headers.count)
    for row in all {
      for (index, cell) in row.enumerated() {
        widths[index] = max(widths[index], DisplayText.width(cell))
      }
    }
    return all.map { row in
      var line = ""
      var position = 0
      for (index, cell) in row.enumerated() where !cell.isEmpty {
        let start = widths[..<index].reduce(0) { $0 + $1 + Self.gap }
        line += String(repeating: " ", count: start - position) + cell
        position = start + DisplayText.width(cell)
      }
      return width.map { DisplayText.clipped(line, to: $0) } ?? line
    }
  }
}
