import Testing

@testable import CWMP

@Suite struct NameTableTests {
  private func name(_ text: String, in table: NameTable) -> String {
    Array(text.utf8).withUnsafeBufferPointer { table.name($0) }
  }

  @Test func namesComeBackWhateverTheirLength() {
    let table = NameTable()
    for _ in 0..<2 {
      for length in 0..<300 {
        let text = "D" + String(repeating: "x", count: length)
        #expect(name(text, in: table) == text)
      }
    }
  }

  @Test func namesThatDifferInOneByteAreToldApart() {
    let table = NameTable()
    let base = Array("InternetGatewayDevice.WANDevice.1.WANConnectionDevice.1.".utf8)
    for _ in 0..<2 {
      for index in base.indices {
        var bytes = base
        bytes[index] ^= 1
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(name(text, in: table) == text)
      }
    }
  }

  @Test func aFullTableStartsAfreshAndStaysRight() {
    let table = NameTable(capacity: 32)
    for round in 0..<4 {
      for number in 0..<200 {
        let text = "Device.Some.Long.Object.\(number % (50 + round))"
        #expect(name(text, in: table) == text)
      }
    }
  }
}

@Suite struct Base64Tests {
  @Test func knownVectors() {
    // RFC 4648, section 10.
    let vectors = [
      "": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE=",
      "foobar": "Zm9vYmFy",
    ]
    for (plain, encoded) in vectors {
      #expect(Base64.encode(Array(plain.utf8)) == encoded)
      #expect(Base64.decode(encoded) == Array(plain.utf8))
    }
  }

  @Test func whiteSpaceIsSkippedAndPaddingMayBeMissing() {
    #expect(Base64.decode(" Zm9v\r\n Yg ") == Array("foob".utf8))
  }

  @Test(arguments: ["Z", "Zg=", "Zg=a", "Z===", "Zm9v!", "====", "é"])
  func whatIsNoBase64IsNil(text: String) {
    #expect(Base64.decode(text) == nil)
  }
}
