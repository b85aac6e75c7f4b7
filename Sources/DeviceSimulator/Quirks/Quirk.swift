/// A way in which real devices depart from the standard, to be played by a simulated one.
///
/// The raw value is what a person writes. What each does stands in the hooks: ``RequestDraft`` (HTTP),
/// ``EnvelopeDialect`` (XML), `Quirk+Inform.swift`, `Quirk+Answers.swift`,
/// ``ConnectionRequestManner`` and `SimulatedCPE+Quirks.swift`.
package enum Quirk: String, Sendable, CaseIterable {
  // HTTP.
  case cookieWithAttributes = "cookie-with-attributes"
  case cookieAttributeFirst = "cookie-attribute-first"
  case cookieQuoted = "cookie-quoted"
  case cookieNever = "cookie-never"
  case cookieNeedsPath = "cookie-needs-path"
  case digestWithoutQop = "digest-without-qop"
  case digestCountOne = "digest-count-one"
  case digestQuoted = "digest-quoted"
  case authorizationOnce = "authorization-once"
  case authorizationNewConnection = "authorization-new-connection"
  case emptyPostContentType = "empty-post-content-type"
  case emptyPostBlankContentType = "empty-post-blank-content-type"
  case emptyPostGzip = "empty-post-gzip"
  case contentTypeBare = "content-type-bare"
  case contentTypeHTML = "content-type-html"
  case contentTypeEncoding = "content-type-encoding"
  case contentTypeMissing = "content-type-missing"
  case soapActionMissing = "soap-action-missing"
  case soapActionMethod = "soap-action-method"
  case lowerCaseFields = "lower-case-fields"
  case expectContinue = "expect-continue"
  case chunkedBody = "chunked-body"
  case gzip
  case deflate
  case contentLengthCharacters = "content-length-characters"
  case newConnectionEachRequest = "new-connection-each-request"
  case breakAtRequest = "break-at-request"
  case http10 = "http-1-0"
  case closeRefused = "connection-close-refused"
  case declarationRefused = "declaration-refused"

  // XML.
  case noHeader = "no-header"
  case noID = "no-id"
  case emptyID = "empty-id"
  case constantID = "constant-id"
  case prefixUpperCase = "prefix-upper-case"
  case prefixUnderscore = "prefix-underscore"
  case prefixSwapped = "prefix-swapped"
  case schema1999 = "schema-1999"
  case singleQuotes = "single-quotes"
  case noDeclaration = "no-declaration"
  case standaloneDeclaration = "standalone-declaration"
  case namespace10 = "namespace-1-0"
  case namespace14 = "namespace-1-4"
  case noMoreRequests = "no-more-requests"
  case sessionTimeout = "session-timeout"
  case supportedVersions = "supported-versions"
  case externalEntity = "external-entity"
  case arrayCountWrong = "array-count-wrong"
  case arrayCountPadded = "array-count-padded"
  case arrayCountMissing = "array-count-missing"
  case arrayTyped = "array-typed"
  case noTypes = "no-types"
  case typesEverywhere = "types-everywhere"
  case defaultNamespace = "default-namespace"
  case selfClosing = "self-closing"
  case noValueElement = "no-value-element"
  case cdata
  case surroundingSpace = "surrounding-space"
  case prettyPrinted = "pretty-printed"
  case byteOrderMark = "byte-order-mark"
  case latin1 = "latin-1"
  case latin1Unlabelled = "latin-1-unlabelled"
  case gb2312
  case controlCharacters = "control-characters"
  case malformedFault = "malformed-fault"
  case unitFaultStruct = "unit-fault-struct"
  case faultStructLast = "fault-struct-last"

  // The Inform.
  case noEvents = "no-events"
  case firstContactPeriodic = "first-contact-periodic"
  case firstContactBoot = "first-contact-boot"
  case oddEventOrder = "odd-event-order"
  case vendorEvent = "vendor-event"
  case bootstrapCommandKey = "bootstrap-command-key"
  case noMethodDownload = "no-method-download"
  case noMethodReboot = "no-method-reboot"
  case emptyCommandKey = "empty-command-key"
  case transferCompleteWithoutEvent = "transfer-complete-without-event"
  case transferCompleteTwice = "transfer-complete-twice"
  case timeWithoutZone = "time-without-zone"
  case timeWithOffset = "time-with-offset"
  case timeOffsetWithoutColon = "time-offset-without-colon"
  case timeMicroseconds = "time-microseconds"
  case timeGarbage = "time-garbage"
  case time1970 = "time-1970"
  case emptyOUI = "empty-oui"
  case lowerCaseOUI = "lower-case-oui"
  case ouiFlips = "oui-flips"
  case oddProductClass = "odd-product-class"
  case emptyManufacturer = "empty-manufacturer"
  case sharedSerialNumber = "shared-serial-number"
  case longSerialNumber = "long-serial-number"
  case parameterTwice = "parameter-twice"
  case noConnectionRequestPath = "no-connection-request-path"
  case emptyConnectionRequestURL = "empty-connection-request-url"
  case passwordInInform = "password-in-inform"
  case hugeRetryCount = "huge-retry-count"

  // Answers.
  case unknownNameEmptyList = "unknown-name-empty-list"
  case partialPathObject = "partial-path-object"
  case attributesEmptyPost = "attributes-empty-post"
  case setPendingOldValue = "set-pending-old-value"
  case addPending = "add-pending"
  case diagnosticsKeepResults = "diagnostics-keep-results"
  case partialPathCrash = "partial-path-crash"
  case unknownNameCrash = "unknown-name-crash"
  case closesAfterSet = "closes-after-set"
  case closesAfterDownload = "closes-after-download"
  case closesAfterAttributes = "closes-after-attributes"
  case rootNamesOnly = "root-names-only"
  case allNamesAtOnce = "all-names-at-once"
  case emptyPathRefused = "empty-path-refused"
  case wholeTreeRefused = "whole-tree-refused"
  case nextLevelRefused = "next-level-refused"
  case largeBatch9002 = "large-batch-9002"
  case largeBatch9004 = "large-batch-9004"
  case largeBatch9005 = "large-batch-9005"
  case largeBatchCloses = "large-batch-closes"
  case listedName9002 = "listed-name-9002"
  case listedName9005 = "listed-name-9005"
  case booleanDigitsOnly = "boolean-digits-only"
  case booleanWordsOnly = "boolean-words-only"
  case noMilliseconds = "no-milliseconds"
  case emptyTable9005 = "empty-table-9005"
  case parameterKeyForgotten = "parameter-key-forgotten"
  case faults8005 = "faults-8005"
  case faultsUnknownCode = "faults-unknown-code"
  case wrongIDInAnswers = "wrong-id-in-answers"

  // Connection requests.
  case requestNoCommas = "connection-request-no-commas"
  case requestNoQop = "connection-request-no-qop"
  case requestBasic = "connection-request-basic"
  case requestExactScheme = "connection-request-exact-scheme"
  case requestNoLength = "connection-request-no-length"
  case requestConflict = "connection-request-409"
  case requestClosesOnce = "connection-request-closes-once"
  case requestReset = "connection-request-reset"
  case requestLateAnswer = "connection-request-late-answer"
  case requestBusy = "connection-request-busy"
  case requestForbidden = "connection-request-403"

  // Life.
  case sessionAtOnce = "session-at-once"
  case secondInform = "second-inform"
  case cutAtRequest = "cut-at-request"
  case powerLossAtRequest = "power-loss-at-request"
  case instancesRenumbered = "instances-renumbered"
  case downloadWithoutReport = "download-without-report"
}

extension Quirk {
  /// The number that a person may write behind the name, as in `break-at-request:3`; nil where there is none.
  package var defaultNumber: Int? {
    switch self {
    case .breakAtRequest, .cutAtRequest, .powerLossAtRequest: 2
    case .largeBatch9002, .largeBatch9004, .largeBatch9005, .largeBatchCloses: 16
    case .hugeRetryCount: 942
    default: nil
    }
  }
}
