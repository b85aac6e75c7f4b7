/// The words of a command that goes to one named device or, with a selector, to several.
package struct TargetArguments: Sendable, Equatable {
  package enum Target: Sendable, Equatable {
    case device(String)
    case selector(String)
  }

  package let target: Target
  /// What follows the device's name.
  package let rest: [String]

  package init(words: [String], selector: String?) throws(Assignment.Problem) {
    if let selector {
      guard !selector.isEmpty else {
        throw Assignment.Problem(
          description: "the selector is empty; write name=* for every device")
      }
      target = .selector(selector)
      rest = words
      return
    }
    guard let name = words.first, !name.isEmpty else {
      throw Assignment.Problem(
        description: "no device given: write its NAME first, or choose devices with --selector")
    }
    target = .device(name)
    rest = Array(words.dropFirst())
  }
}
