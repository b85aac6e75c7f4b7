/// What stops the simulator before or while it runs, in words for the person who started it.
package struct SimulatorError: Error, Sendable, Equatable {
  package enum Code: Sendable, Equatable {
    /// A device model cannot be used; the position tells where.
    case invalidModel
    /// An option or its combination with others makes no sense.
    case invalidOption
    /// A file cannot be read or written.
    case file
    /// The ACS's answer is not HTTP, or larger than the simulator takes.
    case invalidResponse
    /// The ACS or file server cannot be reached.
    case unreachable
    /// The state of a process cannot be read from /proc.
    case accounting
  }

  package var code: Code
  package var message: String
  /// The place in a file that a person wrote, counted from 1.
  package var position: Position?

  package struct Position: Sendable, Equatable {
    package var file: String
    package var line: Int
    package var column: Int

    package init(file: String, line: Int, column: Int) {
      self.file = file
      self.line = line
      self.column = column
    }
  }

  package init(_ code: Code, _ message: String, at position: Position? = nil) {
    self.code = code
    self.message = message
    self.position = position
  }
}

extension SimulatorError: CustomStringConvertible {
  package var description: String {
    guard let position else { return message }
    return "\(position.file):\(position.line):\(position.column): \(message)"
  }
}
