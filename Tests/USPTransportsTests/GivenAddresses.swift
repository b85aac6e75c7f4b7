import NIOCore
import NIOPosix

/// Finds the same addresses for every host.
struct GivenAddresses: Resolver, Sendable {
  let addresses: [SocketAddress]
  let loop: any EventLoop

  init(_ addresses: [String], port: Int, loop: any EventLoop) throws {
    self.addresses = try addresses.map { try SocketAddress(ipAddress: $0, port: port) }
    self.loop = loop
  }

  func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
    loop.makeSucceededFuture(addresses)
  }

  func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
    loop.makeSucceededFuture([])
  }

  func cancelQueries() {}
}
