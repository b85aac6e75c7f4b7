import Fleet
import Postgres

extension FleetStore {
  /// A device's stored tree, sorted by path; the values of the last contacts stand above those of the last reading.
  /// - Throws: ``StoreError`` `notFound`, `damaged`, `unavailable`.
  package func tree(of device: Device.ID) async throws -> [StoredParameter] {
    try await pool.withConnection { connection in
      let results = try connection.pipeline([
        Statement("SELECT volatile FROM device_state WHERE device_id = $1", .int8(device)),
        Statement(
          "SELECT chunk, codec, data FROM device_chunk WHERE device_id = $1", .int8(device)),
      ])
      guard let state = results[0].first else {
        throw StoreError(.notFound, "there is no such device")
      }
      let codec = TreeCodec()
      do {
        let chunks = try results[1].map { row in
          ParameterTree.Chunk(
            number: try row.int16(0),
            parameters: try codec.decode(try row.bytes(2), codec: try row.int16(1)),
            isChanged: false)
        }
        let volatile = try VolatileValues(decoding: try state.bytes(0))
        return volatile.laid(over: ParameterTree(chunks: chunks).parameters)
      } catch let error as TreeCodecError {
        throw StoreError(error, device: device)
      }
    }
  }
}

extension VolatileValues {
  /// The parameters with these values in place of theirs.
  /// - Parameter parameters: sorted by path.
  func laid(over parameters: [StoredParameter]) -> [StoredParameter] {
    var result: [StoredParameter] = []
    result.reserveCapacity(parameters.count + entries.count)
    var rest = entries[...]
    for parameter in parameters {
      while let first = rest.first, first.path < parameter.path {
        result.append(first.parameter)
        rest.removeFirst()
      }
      var own = parameter
      if let first = rest.first, first.path == parameter.path {
        own.value = first.value
        own.type = first.type
        own.changedAt = first.changedAt
        rest.removeFirst()
      }
      result.append(own)
    }
    return result + rest.map(\.parameter)
  }
}

extension VolatileValues.Entry {
  fileprivate var parameter: StoredParameter {
    StoredParameter(path: path, value: value, type: type, changedAt: changedAt)
  }
}
