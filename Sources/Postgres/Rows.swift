import CLibPQ

/// The result of one statement: its rows, read in place from the server's answer.
///
/// `@unchecked Sendable`: a PGresult is not changed after libpq has handed it out, and libpq allows
/// reading it on any thread.
package final class Rows: @unchecked Sendable, RandomAccessCollection {
  let handle: OpaquePointer

  /// Takes the result over.
  init(_ handle: OpaquePointer) {
    self.handle = handle
  }

  deinit {
    PQclear(handle)
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { Int(PQntuples(handle)) }

  package subscript(index: Int) -> Row {
    precondition(index >= 0 && index < endIndex, "no row \(index) among \(endIndex)")
    return Row(rows: self, index: Int32(index))
  }

  /// Rows inserted, updated, deleted or selected.
  package var affectedRows: Int {
    Int(String(cString: PQcmdTuples(handle))) ?? 0
  }

  /// What the server calls the thing it did, `UPDATE 3` for example.
  package var commandTag: String { String(cString: PQcmdStatus(handle)) }

  package var columnCount: Int { Int(PQnfields(handle)) }

  package var columnNames: [String] {
    (0..<PQnfields(handle)).map { PQfname(handle, $0).map { String(cString: $0) } ?? "" }
  }

  var status: ExecStatusType { PQresultStatus(handle) }
}

/// A column of a result, by its place from 0 or by its name.
package struct Column: Sendable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  enum Reference: Sendable {
    case place(Int)
    case name(StaticString)
  }

  let reference: Reference

  package init(_ place: Int) {
    reference = .place(place)
  }

  package init(integerLiteral place: Int) {
    reference = .place(place)
  }

  package init(stringLiteral name: StaticString) {
    reference = .name(name)
  }
}

extension Column: CustomStringConvertible {
  package var description: String {
    switch reference {
    case .place(let place): "column \(place)"
    case .name(let name): "column \(name)"
    }
  }
}
