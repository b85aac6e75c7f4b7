extension DataModel {
  /// The item that a path means, whatever its instances: numbers, `*` and `[alias]` stand for `{i}`.
  ///
  /// - Parameter path: full; an object's ends in a dot.
  package subscript(path: String) -> ModelItem? { place(of: path).map { items[$0] } }

  /// The place of that item in ``items``.
  package func place(of path: String) -> Int? {
    var path = path
    return path.withUTF8 { index.place(of: $0, in: items) }
  }
}
