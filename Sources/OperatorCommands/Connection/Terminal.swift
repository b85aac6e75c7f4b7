import Foundation
import Synchronization

/// Standard output and standard error, and whether a person sits behind them.
enum Terminal {
  static var showsProgress: Bool { isatty(STDERR_FILENO) == 1 }

  /// Whether the result goes to a person's screen rather than into a file or another program.
  static var resultIsSeen: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Columns of the screen that the result goes to; nil where it goes elsewhere.
  static var width: Int? {
    guard resultIsSeen else { return nil }
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes result lines to standard output.
  static func write(_ lines: [String]) {
    guard !lines.isEmpty else { return }
    write(lines.joined(separator: "\n") + "\n", to: STDOUT_FILENO)
  }

  static func write(_ line: String) { write([line]) }

  /// Writes a remark to standard error, where it does not disturb a script that reads the result.
  static func note(_ text: String) {
    clearStatus()
    write(text + "\n", to: STDERR_FILENO)
  }

  /// The line that is shown and will be overwritten.
  private static let shown = Mutex("")

  /// Shows a line that the next one overwrites; nothing where nobody looks.
  static func status(_ text: String) {
    guard showsProgress else { return }
    shown.withLock { shown in
      guard text != shown else { return }
      shown = text
      write("\r\u{1B}[2K" + text, to: STDERR_FILENO)
    }
  }

  static func clearStatus() { status("") }

  /// Asks a person to agree.
  ///
  /// - Throws: `usage` where nobody can be asked, or if the answer is no.
  static func confirm(_ question: String) throws(CommandFailure) {
    guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
      throw CommandFailure(.usage, "\(question)\nNobody can be asked here: add --yes.")
    }
    write("\(question) [y/N] ", to: STDERR_FILENO)
    let answer = (readLine() ?? "").lowercased()
    guard answer == "y" || answer == "yes" else {
      throw CommandFailure(.usage, "nothing was done")
    }
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}
