import Fleet

/// What a session learned about a device's tree.
package struct TreeUpdate: Sendable, Equatable {
  /// Names that the device listed.
  package var names: [ReportedName]
  /// The path below which ``names`` is complete: what is stored below it and not listed any more is gone. Nil: not complete anywhere.
  package var completeBelow: String?
  /// Values that the device returned. A value that it did not return stays as it is.
  package var values: [ReportedValue]
  /// Attributes that the device returned; what it did not return stays as it is.
  package var attributes: [ReportedAttributes]
  /// An object that the device has deleted.
  package var deletedObject: String?
  /// Seconds since 1970.
  package var at: Double

  package init(
    names: [ReportedName] = [], completeBelow: String? = nil, values: [ReportedValue] = [],
    attributes: [ReportedAttributes] = [], deletedObject: String? = nil, at: Double
  ) {
    self.names = names
    self.completeBelow = completeBelow
    self.values = values
    self.attributes = attributes
    self.deletedObject = deletedObject
    self.at = at
  }

  package var isEmpty: Bool {
    names.isEmpty && completeBelow == nil && values.isEmpty && attributes.isEmpty
      && deletedObject == nil
  }
}
