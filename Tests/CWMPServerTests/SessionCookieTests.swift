import Testing

@testable import CWMPServer

@Suite struct SessionCookieTests {
  @Test(arguments: [
    "session=abc-_1", "session=abc-_1; Path=/", "Path=/; session=abc-_1", "other=1; session=abc-_1",
    "other=1, session=abc-_1, more=2", "session=\"abc-_1\"",
    "$Version=1; session=\"abc-_1\"; $Path=/",
    "session=abc-_1;Path=/;HttpOnly",
  ])
  func devicesReturnItInManyForms(header: String) {
    #expect(SessionCookie.tokens(in: header) == ["abc-_1"])
  }

  @Test(arguments: ["", "sessions=1", "xsession=1", "Path=/", ";;,,", "session"])
  func othersAreNotTakenForIt(header: String) {
    #expect(SessionCookie.tokens(in: header).isEmpty)
  }

  @Test func severalAreAllTried() {
    #expect(SessionCookie.tokens(in: "session=old; session=new") == ["old", "new"])
  }
}
