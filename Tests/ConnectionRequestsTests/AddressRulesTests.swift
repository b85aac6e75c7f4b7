import HTTPClient
import Synchronization
import Testing

@testable import ConnectionRequests

@Suite struct AddressRulesTests {
  @Test(arguments: [
    ("http://192.0.2.1:7547/abc", "http://192.0.2.1:7547", "/abc"),
    ("http://192.0.2.1", "http://192.0.2.1:80", "/"),
    ("HTTP://cpe.example:17154", "http://cpe.example:17154", "/"),
    ("http://[2001:db8::1]:7547/a/../b?x=1&y#z", "http://[2001:db8::1]:7547", "/a/../b?x=1&y"),
    ("http://192.0.2.1:58000?id=7", "http://192.0.2.1:58000", "/?id=7"),
    (" http://192.0.2.1:7547/ \n", "http://192.0.2.1:7547", "/"),
    ("http://192.0.2.1:/x", "http://192.0.2.1:80", "/x"),
  ]) func urlsOfDevicesAreTakenApart(text: String, origin: String, target: String) throws {
    let url = try ConnectionRequestURL(text)
    #expect(url.origin == origin)
    #expect(url.target == target)
  }

  @Test(arguments: [
    "", "https://192.0.2.1/", "ftp://192.0.2.1/", "file:///etc/passwd", "//192.0.2.1/",
    "http://user@192.0.2.1/", "http://user:secret@192.0.2.1/", "http://192.0.2.1:0/",
    "http://192.0.2.1:65536/", "http://192.0.2.1:+80/", "http://192.0.2.1:8o/", "http:///x",
    "http://:80/", "http://192.0.2.1\\@example.com/", "http://[::1/", "http://[::1]x/",
    "http://[fe80::1%25eth0]/", "http://exa mple/", "http://ex\u{E4}mple/", "http://a/\r\nHost: b",
    "http://a/\u{0}", "http://a:80:90/",
    "http://a/" + String(repeating: "x", count: ConnectionRequestURL.maximumLength),
  ]) func otherURLsAreRefused(text: String) {
    #expect(throws: ConnectionRequestURL.Problem.self) { try ConnectionRequestURL(text) }
  }

  @Test(arguments: [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "169.254.169.254", "224.0.0.1", "255.255.255.255", "::",
    "::1", "fe80::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::7f00:1",
  ]) func ownAndLinkAddressesAreRefused(text: String) throws {
    let address = try #require(IPAddress(text))
    #expect(!AddressRules().accepts(address, contactAddress: nil))
    #expect(!AddressRules().accepts(address, contactAddress: IPAddress("192.0.2.1")))
    #expect(AddressRules().accepts(address, contactAddress: address))
    var strict = AddressRules()
    strict.allowsContactAddress = false
    #expect(!strict.accepts(address, contactAddress: address))
    strict.allowed = [try #require(AddressBlock(text))]
    #expect(strict.accepts(address, contactAddress: nil))
  }

  @Test func deniedBlocksAreRefusedAndOthersAccepted() throws {
    var rules = AddressRules()
    rules.denied = [
      try #require(AddressBlock("10.0.0.0/8")), try #require(AddressBlock("fd00::/8")),
    ]
    rules.allowed = [try #require(AddressBlock("10.1.0.0/16"))]
    let verdicts = try [
      "10.2.0.1", "10.1.2.3", "192.0.2.1", "fd12::1", "2001:db8::1", "9.255.255.255", "11.0.0.0",
    ].map { rules.accepts(try #require(IPAddress($0)), contactAddress: nil) }
    #expect(verdicts == [false, true, true, false, true, true, true])
  }

  @Test func addressesOfThisMachineAreRefusedUnlessTheDeviceIsOnItOrTheyAreAllowed() throws {
    let own = try #require(IPAddress("192.0.2.5"))
    let other = try #require(IPAddress("192.0.2.6"))
    let interface = try #require(AddressBlock("192.0.2.5/32"))
    var rules = AddressRules()
    rules.own = OwnAddresses(read: { [interface] })
    #expect(!rules.accepts(own, contactAddress: other))
    #expect(rules.accepts(other, contactAddress: nil))
    #expect(rules.accepts(own, contactAddress: own))
    rules.allowsContactAddress = false
    #expect(!rules.accepts(own, contactAddress: own))
    rules.allowed = [try #require(AddressBlock("192.0.2.5"))]
    #expect(rules.accepts(own, contactAddress: nil))
    rules.allowed = []
    rules.allowsOwnAddresses = true
    #expect(rules.accepts(own, contactAddress: nil))
  }

  @Test(arguments: [
    ("192.0.2.5/24", "192.0.2.77", "192.0.2.78", "198.51.100.1"),
    ("2001:db8::5/64", "2001:db8::77", "2001:db8::78", "2001:db8:0:1::1"),
  ])
  func neighboursOfThisMachineAreAskedWhereTheyCallFromOnly(
    interface: String, neighbour: String, second: String, stranger: String
  ) throws {
    let block = try #require(AddressBlock(interface))
    let own = block.base
    let neighbour = try #require(IPAddress(neighbour))
    let second = try #require(IPAddress(second))
    let stranger = try #require(IPAddress(stranger))
    var rules = AddressRules()
    rules.own = OwnAddresses(read: { [block] })
    #expect(!rules.accepts(neighbour, contactAddress: nil))
    #expect(!rules.accepts(neighbour, contactAddress: stranger))
    // What calls from this machine may be a proxy, behind which anybody is.
    #expect(!rules.accepts(neighbour, contactAddress: own))
    #expect(rules.accepts(stranger, contactAddress: nil))
    // A device on the server's own LAN.
    #expect(rules.accepts(neighbour, contactAddress: neighbour))
    // What calls from there may as well be a NAT, behind which anybody is.
    #expect(!rules.accepts(neighbour, contactAddress: second))
    #expect(!rules.accepts(own, contactAddress: second))
    rules.allowsContactAddress = false
    #expect(!rules.accepts(neighbour, contactAddress: neighbour))
    rules.allowsOwnNetworks = true
    #expect(rules.accepts(neighbour, contactAddress: nil))
    #expect(!rules.accepts(own, contactAddress: nil))
    rules.denied = [try #require(AddressBlock("\(neighbour)"))]
    #expect(!rules.accepts(neighbour, contactAddress: nil))
  }

  /// Through a bridge of containers every device seems to call from the bridge, which opens none of the containers behind it.
  @Test func aBridgeInFrontOpensNothingBehindIt() throws {
    let container = try #require(AddressBlock("172.17.0.2/16"))
    let bridge = try #require(IPAddress("172.17.0.1"))
    let database = try #require(IPAddress("172.17.0.3"))
    var rules = AddressRules()
    rules.own = OwnAddresses(read: { [container] })
    #expect(!rules.accepts(database, contactAddress: bridge))
    #expect(!rules.accepts(container.base, contactAddress: bridge))
    #expect(rules.accepts(bridge, contactAddress: bridge))
    rules.allowsContactAddress = false
    #expect(!rules.accepts(bridge, contactAddress: bridge))
  }

  @Test func theNetworksOfThisMachineAreFound() throws {
    let own = OwnAddresses()
    let address = try #require(IPAddress("127.9.9.9"))
    let loopback = try #require(own.networks(of: address))
    #expect(loopback.contains { $0.description == "127.0.0.1/8" })
    #expect(own.networks(of: try #require(IPAddress("203.0.113.77"))) == [])
  }

  @Test func theLastGoodListIsKeptWhenTheInterfacesCannotBeRead() throws {
    let block = try #require(AddressBlock("192.0.2.5/24"))
    let answers = Mutex<[[AddressBlock]?]>([nil, nil, [block], nil, nil])
    let own = OwnAddresses(lifetime: .zero) {
      answers.withLock { $0.isEmpty ? [] : $0.removeFirst() }
    }
    #expect(own.networks(of: block.base) == nil)
    for _ in 0..<3 { #expect(own.networks(of: block.base) == [block]) }
    // Now there are none.
    #expect(own.networks(of: block.base) == [])
  }

  @Test func theInterfacesAreReadBeforeAnyoneAsks() {
    let readings = Mutex(0)
    _ = OwnAddresses {
      readings.withLock { $0 += 1 }
      return []
    }
    #expect(readings.withLock { $0 } == 1)
  }

  /// Short of descriptors, for example.
  @Test func nobodyIsAskedWhileTheInterfacesHaveNeverBeenRead() throws {
    let own = try #require(AddressBlock("192.0.2.5/24"))
    let stranger = try #require(IPAddress("203.0.113.77"))
    let answers = Mutex<[[AddressBlock]?]>([nil, nil, nil, nil])
    var rules = AddressRules()
    rules.own = OwnAddresses { answers.withLock { $0.isEmpty ? [own] : $0.removeFirst() } }
    #expect(!rules.accepts(own.base, contactAddress: nil))
    #expect(!rules.accepts(stranger, contactAddress: nil))
    // What the rules say of an address by itself holds all the same.
    #expect(rules.accepts(stranger, contactAddress: stranger))
    rules.allowed = [try #require(AddressBlock("203.0.113.77"))]
    #expect(rules.accepts(stranger, contactAddress: nil))
    rules.allowed = []
    #expect(!rules.accepts(stranger, contactAddress: nil))
    #expect(rules.accepts(stranger, contactAddress: nil))
    #expect(!rules.accepts(own.base, contactAddress: nil))
  }

  @Test(arguments: ["allow", "deny", "ownAddresses", "ownNetworks", "contactAddress"])
  func theHintNamesEverySettingThatDecides(setting: String) {
    let words = AddressRules.hint.split { !$0.isLetter }.map(String.init)
    #expect(words.contains(setting))
  }

  @Test(arguments: [
    ("192.0.2.5", "255.255.255.0", 24), ("192.0.2.5", "255.255.255.255", 32),
    ("192.0.2.5", "0.0.0.0", 32), ("192.0.2.5", nil, 32),
    ("2001:db8::5", "ffff:ffff:ffff:ffff::", 64),
    ("192.0.2.5", "ffff::", 32), ("10.0.0.1", "255.255.252.0", 22),
  ])
  func masksAreLengths(address: String, mask: String?, length: Int) throws {
    let mask = try mask.map { try #require(IPAddress($0)) }
    #expect(
      OwnAddresses.prefixLength(of: try #require(IPAddress(address)), mask: mask) == length)
  }

  @Test func aDeniedBlockIsStrongerThanTheContactAddress() throws {
    let address = try #require(IPAddress("10.1.1.1"))
    var rules = AddressRules()
    rules.denied = [try #require(AddressBlock("10.0.0.0/8"))]
    #expect(!rules.accepts(address, contactAddress: address))
  }

  @Test(arguments: [
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::1", "2002:a9fe:a9fe::",
    "::ffff:0:7f00:1",
    "64:ff9b::c000:205", "fd00:ec2::254",
  ]) func noSpellingOfADeniedAddressIsAccepted(text: String) throws {
    let own = try #require(AddressBlock("192.0.2.5/32"))
    var rules = AddressRules()
    rules.own = OwnAddresses(read: { [own] })
    #expect(!rules.accepts(try #require(IPAddress(text)), contactAddress: nil))
    #expect(rules.accepts(try #require(IPAddress("64:ff9b::c633:6401")), contactAddress: nil))
  }

  @Test(arguments: [
    "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0/8", "x", "::/129", "1.2.3.4/8/9",
  ])
  func whatIsNoBlockIsRefused(text: String) {
    #expect(AddressBlock(text) == nil)
  }

  @Test func blocksAreComparedBitByBit() throws {
    let block = try #require(AddressBlock("192.168.4.0/22"))
    #expect(block.contains(try #require(IPAddress("192.168.7.255"))))
    #expect(!block.contains(try #require(IPAddress("192.168.8.0"))))
    #expect(!block.contains(try #require(IPAddress("2001:db8::1"))))
    #expect(try #require(AddressBlock("0.0.0.0/0")).contains(try #require(IPAddress("8.8.8.8"))))
  }
}
