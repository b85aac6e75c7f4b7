import ArgumentParser
import Foundation
import ManagementTypes
import Yams

enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  case table, wide, json, yaml, name
}

/// How a command shows its result.
struct OutputOptions: ParsableArguments {
  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("How the result is shown.", valueName: "format"))
  var output: OutputFormat = .table

  @Flag(help: "Leave the headings out.")
  var noHeadings = false

  /// Shows a list; `name` gives what another command would take.
  ///
  /// - Parameter width: columns at which lines of the `table` layout end, where their last column is of any length.
  func show<Item: Encodable>(
    _ items: [Item], table: () -> TextTable, width: Int? = nil, name: (Item) -> String
  ) throws {
    switch output {
    case .table, .wide:
      let table = table()
      if table.isEmpty {
        Terminal.note("nothing found")
      } else {
        Terminal.write(
          table.lines(
            cellLimit: output == .wide || !Terminal.resultIsSeen ? nil : TextTable.narrowCell,
            width: output == .wide ? nil : width, showsHeaders: !noHeadings))
      }
    case .name: Terminal.write(items.map { DisplayText.escaped(name($0)) })
    case .json, .yaml: try show(structured: ["items": items])
    }
  }

  /// Shows one thing.
  func show<Item: Encodable>(
    _ item: Item, name: @autoclosure () -> String, lines: () -> [String]
  ) throws {
    switch output {
    case .table, .wide: Terminal.write(lines())
    case .name: Terminal.write(DisplayText.escaped(name()))
    case .json, .yaml: try show(structured: item)
    }
  }

  /// Shows one thing of a sequence that has no end known: a line each, or for YAML a document each.
  func showNext<Item: Encodable>(_ item: Item, name: @autoclosure () -> String, line: () -> String)
    throws
  {
    switch output {
    case .table, .wide: Terminal.write(line())
    case .name: Terminal.write(DisplayText.escaped(name()))
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      Terminal.write(
        DisplayText.escapedJSON(String(decoding: try encoder.encode(item), as: UTF8.self)))
    case .yaml:
      Terminal.write("---")
      try show(structured: item)
    }
  }

  var isStructured: Bool { output == .json || output == .yaml }
  var isWide: Bool { output == .wide }

  private func show(structured value: some Encodable) throws {
    if output == .yaml {
      // Yams escapes all that is not printable ASCII by itself.
      let encoder = YAMLEncoder()
      encoder.options.sortKeys = true
      let text = try encoder.encode(value)
      Terminal.write(text.hasSuffix("\n") ? String(text.dropLast()) : text)
    } else {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      let text = String(decoding: try encoder.encode(value), as: UTF8.self)
      Terminal.write(DisplayText.escapedJSON(text))
    }
  }
}

/// How many items of a list are fetched.
struct ListOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Show at most so many; 0 shows all.", valueName: "number"))
  var limit = 100

  func validate() throws {
    guard limit >= 0 else { throw ValidationError("--limit must not be negative") }
  }

  func tellMore(_ hasMore: Bool) {
    if hasMore { Terminal.note("… and more; --limit 0 shows all") }
  }
}

/// The present, for ages.
func currentTime() -> Double { Date().timeIntervalSince1970 }

extension Optional where Wrapped == Timestamp {
  func age(now: Double) -> String { AgeText.since(self?.secondsSince1970, now: now) }
}

extension Timestamp {
  func age(now: Double) -> String { AgeText.since(secondsSince1970, now: now) }
}
