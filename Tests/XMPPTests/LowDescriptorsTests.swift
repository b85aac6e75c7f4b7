import Glibc
import Testing

@testable import XMPP

@Suite struct LowDescriptorsTests {
  /// Above what select() takes.
  private static let high: Int32 = 1_500

  @Test func aSocketWithAHighNumberGetsALowOne() throws {
    let descriptors = LowDescriptors()
    descriptors.refill()
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    try #require(limit.rlim_cur > UInt(Self.high))
    let low = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let raised = fcntl(low, F_DUPFD_CLOEXEC, Self.high)
    close(low)
    try #require(raised >= Self.high)
    let lowered = try #require(descriptors.lowered(raised))
    #expect(lowered < 1_024)
    var kind: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    #expect(getsockopt(lowered, SOL_SOCKET, SO_TYPE, &kind, &length) == 0)
    #expect(kind == Int32(SOCK_STREAM.rawValue))
    #expect(descriptors.lowered(lowered) == lowered)
    // No child ever has it.
    #expect(fcntl(lowered, F_GETFD) & FD_CLOEXEC == FD_CLOEXEC)
    close(lowered)
  }

  @Test func whereNoLowNumberIsLeftTheConnectionIsGivenUp() {
    #expect(LowDescriptors().lowered(Self.high) == nil)
  }
}
