/// Certificates and keys that are good for tests and for nothing else. They are valid from 2020 to 2118.
enum EndpointCertificates {
  /// The authority of them all.
  static let authority = """
    -----BEGIN CERTIFICATE-----
    MIIBaTCCAQ6gAwIBAgIUFcQ3OfLSrpjq/8JV79B1hbCbgyIwCgYIKoZIzj0EAwIw
    GTEXMBUGA1UEAwwOVGVzdCBBdXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEx
    OTAxMDEwMDAwMDBaMBkxFzAVBgNVBAMMDlRlc3QgQXV0aG9yaXR5MFkwEwYHKoZI
    zj0CAQYIKoZIzj0DAQcDQgAEc3j2gIqNkPnlBDykwH2S9qNUvEMHZim1Ic6rC3dK
    hdZDMqoepYlJJ+nBP6Wpg2nESdjJO2y0yMgXm3C8G+I3x6MyMDAwDwYDVR0TAQH/
    BAUwAwEB/zAdBgNVHQ4EFgQU0yX0/EWX8w/m44bbAHlsazJTifcwCgYIKoZIzj0E
    AwIDSQAwRgIhAKBWUs4dTIGrOLiIu975sM5he3DMW3tIHWaEZ9AWvmc3AiEAoffa
    2wGWxvHDrgRIUWxYJD/6+BwG5GYPoVqhT9+j4VM=
    -----END CERTIFICATE-----
    """

  /// DNS names controller.example and localhost, address 127.0.0.1, URI urn:bbf:usp:id:fqdn::controller.example.
  static let server = """
    -----BEGIN CERTIFICATE-----
    MIIB1zCCAXygAwIBAgIUYh0UxeDCiMirKR4DuQ+46HnsLeMwCgYIKoZIzj0EAwIw
    GTEXMBUGA1UEAwwOVGVzdCBBdXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEx
    OTAxMDEwMDAwMDBaMBExDzANBgNVBAMMBnNlcnZlcjBZMBMGByqGSM49AgEGCCqG
    SM49AwEHA0IABNugxqEDBp3GEiY0Y2nTiwEbgOJwVu8eSEzCTfk21tHyjMs+HEoi
    vyRZR5PtbPHF2rWPKiuJW6euJrlOwCZNQXmjgacwgaQwCQYDVR0TBAIwADBXBgNV
    HREEUDBOghJjb250cm9sbGVyLmV4YW1wbGWCCWxvY2FsaG9zdIcEfwAAAYYndXJu
    OmJiZjp1c3A6aWQ6ZnFkbjo6Y29udHJvbGxlci5leGFtcGxlMB0GA1UdDgQWBBS5
    ZfOBoLgCnihyWVshfo4Dd/D7+TAfBgNVHSMEGDAWgBTTJfT8RZfzD+bjhtsAeWxr
    MlOJ9zAKBggqhkjOPQQDAgNJADBGAiEAwvgXP8JauXki+v9qNo5k5pm2iOpKgcAa
    WrSf8e65vm4CIQCpbfZrgaKpY+X0w5XecHIKjUcs8mXF185C6Au9xt4DLA==
    -----END CERTIFICATE-----
    """
  static let serverKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgsvGsXcC2QPQSGhiI
    qqMGmGA34hNsdm3ipAhg7cSwBN6hRANCAATboMahAwadxhImNGNp04sBG4DicFbv
    HkhMwk35NtbR8ozLPhxKIr8kWUeT7Wzxxdq1jyoriVunria5TsAmTUF5
    -----END PRIVATE KEY-----
    """

  /// URIs urn:bbf:usp:id:os::012345-Agent and https://example.com/other, DNS name agent.example.
  static let agent = """
    -----BEGIN CERTIFICATE-----
    MIIB4TCCAYegAwIBAgIUCyo5IXYeI3MKbv2zgTKykwUNMYAwCgYIKoZIzj0EAwIw
    GTEXMBUGA1UEAwwOVGVzdCBBdXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEx
    OTAxMDEwMDAwMDBaMBAxDjAMBgNVBAMMBWFnZW50MFkwEwYHKoZIzj0CAQYIKoZI
    zj0DAQcDQgAER7Sx9q6EleprY1lbjq5cJQm1OV8m6mq7z6WnBsB4gck6PgbFM4eY
    MWJsqlyOFXT7A3HKn8Je6ERqGb0UbHVIKqOBszCBsDAJBgNVHRMEAjAAMGMGA1Ud
    EQRcMFqGH3VybjpiYmY6dXNwOmlkOm9zOjowMTIzNDUtQWdlbnSGGWh0dHBzOi8v
    ZXhhbXBsZS5jb20vb3RoZXKCDWFnZW50LmV4YW1wbGWBDWFAZXhhbXBsZS5jb20w
    HQYDVR0OBBYEFMRrhczQOBW4cHURZidjEHIu5Sw+MB8GA1UdIwQYMBaAFNMl9PxF
    l/MP5uOG2wB5bGsyU4n3MAoGCCqGSM49BAMCA0gAMEUCIBBjZkipaxMshPx9ZvPe
    RkKB5GctpyJ2PxG0Fgfx5t91AiEAjGUcYFSUrqxqYlaTbV6H38GAuDPk4P1AlvNM
    820w+qg=
    -----END CERTIFICATE-----
    """
  static let agentKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgo4Jykdz/BPAPjkfO
    p+dfdqtthHeoxjjbqPObE3bF2CahRANCAARHtLH2roSV6mtjWVuOrlwlCbU5Xybq
    arvPpacGwHiByTo+BsUzh5gxYmyqXI4VdPsDccqfwl7oRGoZvRRsdUgq
    -----END PRIVATE KEY-----
    """

  /// No alternative names.
  static let bare = """
    -----BEGIN CERTIFICATE-----
    MIIBeTCCAR+gAwIBAgIUS1FTa+TDtUY2rB72qLmu+2Tdh6cwCgYIKoZIzj0EAwIw
    GTEXMBUGA1UEAwwOVGVzdCBBdXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEx
    OTAxMDEwMDAwMDBaMA8xDTALBgNVBAMMBGJhcmUwWTATBgcqhkjOPQIBBggqhkjO
    PQMBBwNCAAS+NuN+KOvxQ7T5pLTmO/RNU3Hvu1iztCG0lAuTCEYiBwdWYhBTj2Fq
    iynYb8rNo+F4zTsRNNmPc5RNZQzNPnado00wSzAJBgNVHRMEAjAAMB0GA1UdDgQW
    BBSnNH4uSf4GUq7Zlg3vHRfN4Z1szDAfBgNVHSMEGDAWgBTTJfT8RZfzD+bjhtsA
    eWxrMlOJ9zAKBggqhkjOPQQDAgNIADBFAiEAma4ZveiEuPT5AAL38MmBK2aj+ZDy
    ugAerxI+b9nFadoCIC25giy7tE8I5/PqizkhSdgp2rzng19ugNYnjfTtEGmK
    -----END CERTIFICATE-----
    """
  static let bareKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgrs6+sYxQravRaUHZ
    3XQcYS9pd2kDv1qAcMVMyeuj09WhRANCAAS+NuN+KOvxQ7T5pLTmO/RNU3Hvu1iz
    tCG0lAuTCEYiBwdWYhBTj2FqiynYb8rNo+F4zTsRNNmPc5RNZQzNPnad
    -----END PRIVATE KEY-----
    """
}
