/// By what a device proved at the door who it is.
package enum ContactProof: Int16, Sendable, Equatable {
  /// Nothing was asked for.
  case nothing
  /// The credential that devices share.
  case shared
  /// A credential of its own.
  case own
  /// A certificate of its own.
  case certificate
}
