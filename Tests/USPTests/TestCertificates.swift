/// Certificates and keys that are good for tests and for nothing else. They are valid from 2020 to 2119.
enum TestCertificates {
  /// Whom the tests believe.
  static let authority = Array(
    """
    -----BEGIN CERTIFICATE-----
    MIIBVTCB/KADAgECAgIQADAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5UZXN0IEF1
    dGhvcml0eTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowGTEXMBUG
    A1UEAwwOVGVzdCBBdXRob3JpdHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQy
    0ALN9EWopZAJJm5Lb9LDAr/CyKTZYiJgTzN9VpCDx5+Y8DwcReS9FW/K5xFYms/6
    CwmaX/NbRbDutFJlqYqWozIwMDAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBTO
    xlPfg9JJ/ZKoth9Q5Qhqm0wjADAKBggqhkjOPQQDAgNIADBFAiEA+nd0I306r2Aa
    yhyllgvC/mdAAI2JuR1gYrE4TsFdftcCID5feqKBZi23BQU0gkDvxxvEdsfba7Dy
    5aa2GLGB5xNt
    -----END CERTIFICATE-----
    """.utf8)

  /// Of os::012345-A1, by the authority.
  static let agent = Array(
    """
    -----BEGIN CERTIFICATE-----
    MIIBkTCCATagAwIBAgICEAEwCgYIKoZIzj0EAwIwGTEXMBUGA1UEAwwOVGVzdCBB
    dXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMAwxCjAI
    BgNVBAMMAWEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARliLzqJV7VLc0UHfex
    PG6tRaclNlJwABtL6eYSKlCNZyUvDyxHGTriH0IwoxMJhmNjvvRfXA5ZxSRfPDha
    1dLjo3kwdzAMBgNVHRMBAf8EAjAAMCcGA1UdEQQgMB6GHHVybjpiYmY6dXNwOmlk
    Om9zOjowMTIzNDUtQTEwHQYDVR0OBBYEFC/G/yw1BTPuziPidpX0ku3xcBWZMB8G
    A1UdIwQYMBaAFM7GU9+D0kn9kqi2H1DlCGqbTCMAMAoGCCqGSM49BAMCA0kAMEYC
    IQCVlCdehqAC8vOVKA2Z9/1ZsnHj7ByAkHRWvsxLt4GjYwIhALc3DlO/+8XiM6h9
    Y3bJ5IAv2KzQx8Zf4Yd3QxqZGI19
    -----END CERTIFICATE-----
    """.utf8)
  static let agentKey = Array(
    """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgEiySbakz3l0AgtVQ
    lwcjr6ChPl/5fPoouPP+FIShCPChRANCAARliLzqJV7VLc0UHfexPG6tRaclNlJw
    ABtL6eYSKlCNZyUvDyxHGTriH0IwoxMJhmNjvvRfXA5ZxSRfPDha1dLj
    -----END PRIVATE KEY-----
    """.utf8)

  /// The same key's, until the end of 2020.
  static let expired = Array(
    """
    -----BEGIN CERTIFICATE-----
    MIIBjjCCATSgAwIBAgICEAIwCgYIKoZIzj0EAwIwGTEXMBUGA1UEAwwOVGVzdCBB
    dXRob3JpdHkwHhcNMjAwMTAxMDAwMDAwWhcNMjEwMTAxMDAwMDAwWjAMMQowCAYD
    VQQDDAFhMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZYi86iVe1S3NFB33sTxu
    rUWnJTZScAAbS+nmEipQjWclLw8sRxk64h9CMKMTCYZjY770X1wOWcUkXzw4WtXS
    46N5MHcwDAYDVR0TAQH/BAIwADAnBgNVHREEIDAehhx1cm46YmJmOnVzcDppZDpv
    czo6MDEyMzQ1LUExMB0GA1UdDgQWBBQvxv8sNQUz7s4j4naV9JLt8XAVmTAfBgNV
    HSMEGDAWgBTOxlPfg9JJ/ZKoth9Q5Qhqm0wjADAKBggqhkjOPQQDAgNIADBFAiEA
    +wuMZZIET4ijw+pv/Lb5QkjxoJKar4SWSRE3g3/mNxUCICP5AWCrFa9cdgt81eQc
    ZRnZw7JLOlkaLyrUz2JO0D3V
    -----END CERTIFICATE-----
    """.utf8)

  /// Of the host agent.example, by the authority.
  static let host = Array(
    """
    -----BEGIN CERTIFICATE-----
    MIIBgjCCASegAwIBAgICEAMwCgYIKoZIzj0EAwIwGTEXMBUGA1UEAwwOVGVzdCBB
    dXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMAwxCjAI
    BgNVBAMMAWIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQowNv7aaksOxKwr7bG
    YS/HU4suOcSmPf0GJNZXGgqPmi1b8AlexWZz3FxyKgMCzwuLxstzCF2oOuY5gC0u
    4TOBo2owaDAMBgNVHRMBAf8EAjAAMBgGA1UdEQQRMA+CDWFnZW50LmV4YW1wbGUw
    HQYDVR0OBBYEFMAZrNygZMZ6qzVGREoCYukbyIaOMB8GA1UdIwQYMBaAFM7GU9+D
    0kn9kqi2H1DlCGqbTCMAMAoGCCqGSM49BAMCA0kAMEYCIQDeIkNZSlGTf0oy86hk
    cOwgErtGX9JtHT4UYQ44Yj3UyQIhAJ1HSW26TXUiW5+uXrp/xJnsG4CMZn/95lfB
    GcHqmUtF
    -----END CERTIFICATE-----
    """.utf8)
  static let hostKey = Array(
    """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgkQEJfpCq6rSmcSRB
    uktdyAtL5BkFdF7q9nB64jXXbuKhRANCAAQowNv7aaksOxKwr7bGYS/HU4suOcSm
    Pf0GJNZXGgqPmi1b8AlexWZz3FxyKgMCzwuLxstzCF2oOuY5gC0u4TOB
    -----END PRIVATE KEY-----
    """.utf8)

  /// Of os::012345-A1, by an authority that nobody believes; with the key of the host.
  static let stranger = Array(
    """
    -----BEGIN CERTIFICATE-----
    MIIBiDCCAS2gAwIBAgICEAYwCgYIKoZIzj0EAwIwEDEOMAwGA1UEAwwFT3RoZXIw
    IBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMAwxCjAIBgNVBAMMAXgw
    WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQowNv7aaksOxKwr7bGYS/HU4suOcSm
    Pf0GJNZXGgqPmi1b8AlexWZz3FxyKgMCzwuLxstzCF2oOuY5gC0u4TOBo3kwdzAM
    BgNVHRMBAf8EAjAAMCcGA1UdEQQgMB6GHHVybjpiYmY6dXNwOmlkOm9zOjowMTIz
    NDUtQTEwHQYDVR0OBBYEFMAZrNygZMZ6qzVGREoCYukbyIaOMB8GA1UdIwQYMBaA
    FF++1owW1m+7iY48VIojHc3wbXvJMAoGCCqGSM49BAMCA0kAMEYCIQClJ18CNx9f
    vgtRQSgDqeH6Hq5xIwcderIvMxEW49VfsgIhAJYphTR10Dq3/EXaXJ205d0shS1B
    75UVtH2btbFtIDT1
    -----END CERTIFICATE-----
    """.utf8)

  /// Of os::012345-A1, by the authority, on P-384.
  static let otherCurve = Array(
    """
    -----BEGIN CERTIFICATE-----
    MIIBsDCCAVagAwIBAgICEAQwCgYIKoZIzj0EAwIwGTEXMBUGA1UEAwwOVGVzdCBB
    dXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMA8xDTAL
    BgNVBAMMBHAzODQwdjAQBgcqhkjOPQIBBgUrgQQAIgNiAATzRFVrJ0wonDGXrpi3
    iY+L5cs0hHNPzUF2oRcOMMzJvMYs+tVunhEoh/B4wNPSmjfSGio4HXxMv3rN9g5k
    qzHYQWCOOo3XsulKvLJurntF4QIG9fcqW/blNC4JjmoCg5ujeTB3MAwGA1UdEwEB
    /wQCMAAwJwYDVR0RBCAwHoYcdXJuOmJiZjp1c3A6aWQ6b3M6OjAxMjM0NS1BMTAd
    BgNVHQ4EFgQUTYqmJbtfF9iWcy7u8E6wB29qE6wwHwYDVR0jBBgwFoAUzsZT34PS
    Sf2SqLYfUOUIaptMIwAwCgYIKoZIzj0EAwIDSAAwRQIhAJBOYYkaP07h4ECttvGu
    RDb0OKRCffuRVCyYs0c4cVJ+AiBekoAaBhbplj2SmosGc3kS4H8yn2BXJFdVrcb8
    L67n3A==
    -----END CERTIFICATE-----
    """.utf8)
  static let otherCurveKey = Array(
    """
    -----BEGIN PRIVATE KEY-----
    MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDAKWH4h8gweRRWzTNMH
    r4T0Txb8dCIuemc6n+w/gdBydHXjGmX7GpA2y0/Q6CyWz3qhZANiAATzRFVrJ0wo
    nDGXrpi3iY+L5cs0hHNPzUF2oRcOMMzJvMYs+tVunhEoh/B4wNPSmjfSGio4HXxM
    v3rN9g5kqzHYQWCOOo3XsulKvLJurntF4QIG9fcqW/blNC4JjmoCg5s=
    -----END PRIVATE KEY-----
    """.utf8)

  /// The agent's, behind a password.
  static let encryptedKey = Array(
    """
    -----BEGIN EC PRIVATE KEY-----
    Proc-Type: 4,ENCRYPTED
    DEK-Info: AES-128-CBC,97DD00FA30170DA2F3DFF6321C49B745

    Cz25kjJRIEKUk+L02RTnntdsi7Kh8uhcvjR4CibMzToPPN1LvSkfcke2n5BtLwyw
    1xFgrNXpqIQU5pRUK9K4eS5NBI4+6M1E5za/KSP24hqqr5kihV7GISYErK8d1a3K
    +UN3oRbUiiwjrd3bMyhaeHlWKod6frzBfXmYy8zH1Ts=
    -----END EC PRIVATE KEY-----
    """.utf8)
}
