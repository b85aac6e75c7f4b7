/// What this release of the three programs calls itself.
package enum Release {
  package static let version = "0.1.0"
}
