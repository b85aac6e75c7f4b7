import Testing
import USP

@Suite struct USPErrorCodeTests {
  @Test func everyCodeOfTheStandardHasItsTitle() {
    let titles = Set(USPErrorCode.standard.map(\.title))
    #expect(USPErrorCode.standard.count == titles.count)
    #expect(
      USPErrorCode.standard.map(\.rawValue)
        == Array(7000...7031) + Array(7100...7106) + [7223, 7225, 7226, 7227, 7229, 7230])
    for code in USPErrorCode.standard {
      #expect(code.isStandard)
      #expect(!code.isVendor)
      #expect(code.isOfRecord == (7100...7106).contains(code.rawValue))
      #expect(code.description == "\(code.rawValue) \(code.title)")
    }
  }

  @Test func namedCodesAreWhatTheyAreCalled() {
    #expect(USPErrorCode.messageNotSupported.title == "Message not supported")
    #expect(USPErrorCode.invalidArguments.rawValue == 7004)
    #expect(USPErrorCode.invalidPath.title == "Invalid path")
    #expect(USPErrorCode.pathAlreadyRegistered.rawValue == 7031)
    #expect(USPErrorCode.sessionContextTerminated.rawValue == 7105)
    #expect(USPErrorCode.sessionContextNotAllowed.title == "Session context not allowed")
    #expect(USPErrorCode.unknownExecutionEnvironment.rawValue == 7223)
  }

  @Test(arguments: [
    (7099, "Unknown message error", false), (7107, "Unknown record error", false),
    (7299, "Data model error", false), (7800, "Vendor error", true),
    (7999, "Vendor error", true), (8000, "Unknown error", false), (0, "Unknown error", false),
    (UInt32.max, "Unknown error", false),
  ])
  func othersAreNamedByTheirRange(_ number: UInt32, _ title: String, _ isVendor: Bool) {
    let code = USPErrorCode(rawValue: number)
    #expect(code.title == title)
    #expect(code.isVendor == isVendor)
    #expect(!code.isStandard)
  }
}
