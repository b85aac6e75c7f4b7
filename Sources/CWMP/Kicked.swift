/// A web page sent the customer's browser through the CPE (TR-069 A.4.2.2, deprecated).
package struct Kicked: Sendable, Equatable {
  package var command: String
  package var referer: String
  package var argument: String
  /// The URL to which the CPE would send the browser.
  package var next: String

  package init(command: String, referer: String = "", argument: String = "", next: String = "") {
    self.command = command
    self.referer = referer
    self.argument = argument
    self.next = next
  }
}
