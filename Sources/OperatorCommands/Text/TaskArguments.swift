/// The words of a command that name tasks: a device, then the numbers of its tasks.
package struct TaskArguments: Sendable, Equatable {
  /// Nil: all devices.
  package let device: String?
  package let ids: [Int64]

  /// - Parameter command: what stands before the words, for an example.
  package init(words: [String], command: String) throws(Assignment.Problem) {
    device = words.first
    if let device, device.isEmpty || device.isDigits {
      throw Assignment.Problem(
        description:
          "“\(device)” is no device; a task is named by its device and its number: \(command) NAME \(device.isEmpty ? "8" : device)"
      )
    }
    var ids: [Int64] = []
    for word in words.dropFirst() {
      guard word.isDigits, let id = Int64(word) else {
        throw Assignment.Problem(
          description: "“\(word)” is not the number of a task, as in: \(command) NAME 8")
      }
      ids.append(id)
    }
    self.ids = ids
  }

  /// The device and the number where exactly one task has to be named.
  package static func one(_ words: [String], command: String) throws(Assignment.Problem) -> (
    device: String, id: Int64
  ) {
    let arguments = try TaskArguments(words: words, command: command)
    guard let device = arguments.device, let id = arguments.ids.first else {
      throw Assignment.Problem(
        description: arguments.device.map {
          "no number of a task given; “acsctl get tasks \($0)” lists them"
        } ?? "no task given: write \(command) NAME 8")
    }
    guard arguments.ids.count == 1 else {
      throw Assignment.Problem(description: "more than one task given")
    }
    return (device, id)
  }
}

extension String {
  fileprivate var isDigits: Bool { !isEmpty && utf8.allSatisfy { (0x30...0x39).contains($0) } }
}
