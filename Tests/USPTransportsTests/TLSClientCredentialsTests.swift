import TLSIdentity
import Testing

@Suite struct TLSClientCredentialsTests {
  @Test func filesThatCannotBeUsedAreNamed() throws {
    let files = try TestFiles()
    let certificate = try files.write("client.pem", EndpointCertificates.agent)
    let key = try files.write("client.key", EndpointCertificates.agentKey)
    let nonsense = try files.write("nonsense.pem", "nonsense")
    func problem(_ change: (inout TLSClientFiles) -> Void) -> String? {
      var wanted = TLSClientFiles()
      change(&wanted)
      do throws(TLSCredentials.Problem) {
        _ = try TLSClientCredentials(wanted)
        return nil
      } catch {
        return error.path
      }
    }
    #expect(problem { $0.authorities = files.path("missing.pem") } == files.path("missing.pem"))
    #expect(problem { $0.authorities = nonsense } == nonsense)
    #expect(
      problem {
        $0.certificate = nonsense
        $0.key = key
      } == nonsense)
    #expect(
      problem {
        $0.certificate = certificate
        $0.key = files.path("missing.key")
      } == files.path("missing.key"))
    #expect(
      problem {
        $0.certificate = certificate
        $0.key = key
      } == nil)
  }

  @Test func onlyACertificateThatIsLookedAtProvesSomething() throws {
    var files = TLSClientFiles()
    #expect(try TLSClientCredentials(files).verifiesServer)
    files.serverVerification = .authority
    #expect(try TLSClientCredentials(files).verifiesServer)
    files.serverVerification = .off
    #expect(try !TLSClientCredentials(files).verifiesServer)
  }
}
