import ArgumentParser
import ManagementTypes

/// A command that gives devices something to do: one that is named, or all that a selector means.
protocol OrderCommand: AsyncParsableCommand {
  var options: OrderOptions { get }
  /// What the command line orders, and of whom.
  ///
  /// - Throws: What the parser shows with the usage of the command.
  func order() throws(ValidationError) -> (TaskOrder, TargetArguments.Target)
  /// The order with what only the server knows, or files hold.
  func completed(_ order: TaskOrder, by client: ManagementClient) async throws -> TaskOrder
  /// Seconds to wait where the operator said nothing.
  var patience: Double { get }
  /// What a person has to agree to, even for one device; nil: nothing.
  var question: String? { get }
  /// Whether what came of a task that is done is shown; else the command shows it by itself.
  var showsDone: Bool { get }
}

extension OrderCommand {
  func completed(_ order: TaskOrder, by client: ManagementClient) async throws -> TaskOrder {
    order
  }

  var patience: Double { 300 }
  var question: String? { nil }
  var showsDone: Bool { true }

  func validate() throws { _ = try order() }

  func run() async throws { try await carryOut() }

  /// Gives the order, and waits and reports as the options say.
  ///
  /// - Returns: The tasks if they were waited for.
  @discardableResult
  func carryOut() async throws -> [TaskDetail] {
    let (order, target) = try order()
    let client = try options.connection.client()
    return try await OrderRunner(options: options, client: client, patience: patience).run(
      try await completed(order, by: client), on: target, question: question, showsDone: showsDone)
  }
}
