/// How large an ``Operation`` may be.
package struct OperationLimits: Sendable, Equatable {
  /// Characters of a path (TR-069 A.3.2.2: string(256)).
  package var maxPathCharacters = 256
  /// Paths of one get.
  package var maxPaths = 1_000
  /// Assignments of one set or add.
  package var maxAssignments = 1_000
  /// UTF-8 bytes of one value.
  package var maxValueBytes = 64 << 10
  /// UTF-8 bytes of all values of one set or add together.
  package var maxValueBytesTotal = 512 << 10
  /// Characters of a download's FileType (TR-069 A.3.2.8: string(64)).
  package var maxFileTypeCharacters = 64
  /// Characters of a download's TargetFileName (TR-069 A.3.2.8: string(256)).
  package var maxTargetFileNameCharacters = 256
  /// Characters of a URL, a user name or a password (TR-069 A.3.2.8: string(256); A.4.1.10: string(1024)).
  package var maxURLCharacters = 1_024
  /// Characters of a CommandKey (TR-069 A.3.2.8: string(32)).
  package var maxCommandKeyCharacters = 32
  /// Seconds that a call or a transfer may be put off.
  package var maxDelay = 30 * 86_400
  /// Changes of software in one order (TR-069 A.4.1.10: a device takes 16), and vouchers.
  package var maxSoftwareChanges = 16
  /// Characters of a software version.
  package var maxVersionCharacters = 256
  /// Bytes of an operation's arguments as JSON.
  package var maxArgumentsBytes = 1 << 20

  package init() {}

  package static let standard = OperationLimits()
}
