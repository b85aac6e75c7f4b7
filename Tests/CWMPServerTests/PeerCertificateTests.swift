import Cryptography
import FleetStore
import NIOSSL
import TLSIdentity
import Testing

@testable import CWMPServer

@Suite struct PeerCertificateTests {
  private func commonName(_ pem: String) throws -> String? {
    let certificate = try #require(try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)).first)
    return CertificateSubject.commonName(ofDER: try certificate.toDERBytes())
  }

  @Test func commonNamesAreRead() throws {
    #expect(try commonName(TestCertificates.box1) == "00D09E-Box-1")
    #expect(try commonName(TestCertificates.shared) == "Acme CPE")
    #expect(try commonName(TestCertificates.encoded) == "00d09e-Set%2dTop-%41b")
    #expect(try commonName(TestCertificates.twoNames) == nil, "it says two things")
    #expect(try commonName(TestCertificates.nameless) == nil)
    #expect(CertificateSubject.commonName(ofDER: []) == nil)
    #expect(CertificateSubject.commonName(ofDER: [0x30, 0x82, 0xFF, 0xFF, 0]) == nil)
  }

  @Test(arguments: [
    ("00D09E-Box-1", "00D09E-Box-1"), ("00D09E-1", "00D09E-1"),
    ("012345-Set%2DTop%2DBox-0123", "012345-Set%2DTop%2DBox-0123"),
    // Digits of another case, and what need not be encoded.
    ("012345-Set%2dTop-%30", "012345-Set%2DTop-0"), ("012345-B_x-1.2", "012345-B_x-1%2E2"),
    ("012345-Bjørn-1", "012345-Bj%C3%B8rn-1"),
  ]) func namesAreBroughtToOneForm(text: String, name: String) {
    #expect(PeerCertificate.deviceName(inCommonName: text) == name)
  }

  @Test(arguments: [
    "", "Acme CPE", "acs.example", "00D09E", "00D09E-", "00D09E--1", "00D09E-Box-", "D09E-Box-1",
    "00D09E-Set-Top-1", "00D09G-Box-1", "00D09E-Box-%4", "00D09E-Box-%zz",
  ]) func otherNamesAreNobodys(text: String) {
    #expect(PeerCertificate.deviceName(inCommonName: text) == nil)
  }

  @Test func theCaseOfAnOUIIsNoDifference() {
    let caller = Caller(deviceName: "00d09e-Box-1", proof: .certificate)
    #expect(caller.mayBe("00D09E-Box-1", enrolment: .known))
    #expect(!caller.mayBe("00D09E-box-1", enrolment: .open))
    #expect(!caller.mayBe("00D09F-Box-1", enrolment: .open))
  }

  @Test func whatIsProvedDecides() {
    let shared = Caller(deviceName: nil, proof: .shared)
    #expect(shared.mayBe("00D09E-Box-1", enrolment: .shared))
    #expect(!shared.mayBe("00D09E-Box-1", enrolment: .known))
    #expect(Caller.unproved.mayBe("00D09E-Box-1", enrolment: .open))
    #expect(!Caller.unproved.mayBe("00D09E-Box-1", enrolment: .shared))
    #expect(!Caller.unproved.mayBe("00D09E-Box-1", enrolment: .known))
  }
}
