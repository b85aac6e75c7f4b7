import Fleet
import Postgres

/// Whether there is a transfer that may be taken back: devices say nothing about keys that they do not know.
extension FleetStore {
  private static let selectTransfer: SQL = """
    SELECT kind, state FROM task WHERE device_id = $1 AND task_id = $2
    """

  private static let selectListed: SQL = """
    SELECT t.result -> 'transfers'
      @> jsonb_build_array(jsonb_build_object('commandKey', $2::text)) AS is_listed
    FROM task t
    WHERE t.device_id = $1 AND t.kind = 'listTransfers' AND t.state = 'done'
    ORDER BY t.task_id DESC
    LIMIT 1
    """

  /// The transaction must hold the row of the device.
  ///
  /// - Throws: ``StoreError`` with `notFound` where the device has no such transfer, or has listed none that another ordered; with
  ///   `conflict` where it has ended.
  static func checkTransfer(
    _ key: String, of device: Device.ID, named name: String, on connection: Connection
  ) throws {
    guard let id = DeviceTask.id(ofCommandKey: key) else {
      let row = try connection.query(Statement(selectListed, .int8(device), .text(key))).first
      guard try row?.optionalBool("is_listed") == true else {
        throw StoreError(
          .notFound,
          row == nil
            ? "whether “\(name)” has a transfer “\(key)” is not known: list its transfers first"
            : "“\(name)” had no transfer “\(key)” when its transfers were listed last")
      }
      return
    }
    guard
      let row = try connection.query(Statement(selectTransfer, .int8(device), .int8(id))).first
    else { throw StoreError(.notFound, "the device “\(name)” has no task \(id)") }
    let kind = try row.string("kind")
    guard kind == OperationKind.download.rawValue || kind == OperationKind.upload.rawValue else {
      throw StoreError(.conflict, "task \(id) is no transfer but: \(kind)")
    }
    guard let state = DeviceTask.State(rawValue: try row.string("state")), state.isOpen else {
      throw StoreError(
        .conflict, "the transfer of task \(id) has ended: \(try row.string("state"))")
    }
  }
}
