import ServerConfiguration
import Testing

@testable import acsd

@Suite struct DescriptorLimitTests {
  private static func needed(_ change: (inout Settings) -> Void = { _ in }) -> Int {
    var settings = Settings()
    change(&settings)
    return DescriptorLimit.neededBesidesDevices(settings)
  }

  /// Each transfer has a socket and a file, with operators as well.
  @Test func transfersNeedTwoEach() {
    #expect(
      Self.needed { $0.files.maxConnections += 100 } == Self.needed() + 200)
    let settings = Settings()
    #expect(
      Self.needed() - 2 * settings.files.maxConnections
        - 2 * settings.connectionRequests.concurrency > 2 * 256)
  }

  @Test func committersHaveConnectionsOfTheirOwn() {
    #expect(Self.needed { $0.store.committers += 3 } == Self.needed() + 3)
    #expect(Self.needed { $0.store.connections += 3 } == Self.needed() + 3)
  }
}
