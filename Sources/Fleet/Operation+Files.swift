extension Operation {
  /// The SHA-256 digests of the stored files that the device is to fetch.
  package var storedFiles: Set<String> {
    switch self {
    case .download(let order): return order.remote == nil ? [order.file] : []
    case .changeSoftware(let changes):
      return Set(
        changes.compactMap { change in
          switch change {
          case .install(.stored(let file), _, _), .update(_, _, .stored(let file)?): file
          case .install, .update, .uninstall: nil
          }
        })
    default: return []
    }
  }
}
