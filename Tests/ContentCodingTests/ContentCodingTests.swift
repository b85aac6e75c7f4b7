import Testing

@testable import ContentCoding

@Suite struct ContentCodingTests {
  @Test(arguments: [
    ([], ContentCoding.Reading.identity), ([""], .identity), (["identity"], .identity),
    (["gzip"], .coded(.gzip)), (["GZip"], .coded(.gzip)), (["x-gzip"], .coded(.gzip)),
    (["deflate"], .coded(.deflate)), (["identity, deflate"], .coded(.deflate)),
    (["br"], .unsupported), (["gzip, deflate"], .unsupported), (["gzip", "gzip"], .unsupported),
    (["gzip\u{0}"], .unsupported),
  ]) func headersAreRead(values: [String], expected: ContentCoding.Reading) {
    #expect(ContentCoding.read(values) == expected)
  }

  @Test(arguments: [
    (["gzip"], true), (["gzip, deflate"], true), (["deflate;q=1, GZIP;q=0.5"], true),
    (["x-gzip"], true), ([], false), (["deflate"], false), (["gzip;q=0"], false),
    (["gzip; q=0.000"], false), (["*"], false), (["identity"], false),
  ]) func acceptanceIsRead(values: [String], expected: Bool) {
    #expect(ContentCoding.acceptsGzip(values) == expected)
  }
}
