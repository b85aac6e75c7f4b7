extension Quirk {
  /// One line for people: what the device does.
  package var summary: String {
    switch self {
    case .cookieWithAttributes: "echoes cookies with their attributes: session=x; Path=/"
    case .cookieAttributeFirst: "echoes cookies with an attribute first: Path=/; session=x"
    case .cookieQuoted: "echoes cookies in quotes and joined by commas"
    case .cookieNever: "never echoes a cookie"
    case .cookieNeedsPath: "ignores cookies without Path=/"
    case .digestWithoutQop: "answers Digest without qop and cnonce, with uri=\"\""
    case .digestQuoted: "answers Digest with algorithm, qop and nc in quotes and no spaces"
    case .digestCountOne: "sends nc=00000001 with every use of a nonce"
    case .authorizationOnce: "sends Authorization with the first request of a session only"
    case .authorizationNewConnection: "opens a new connection after a 401"
    case .emptyPostContentType: "sends Content-Type and SOAPAction with an empty POST"
    case .emptyPostBlankContentType: "sends a blank Content-Type with an empty POST"
    case .emptyPostGzip: "sends Content-Encoding: gzip with an empty POST"
    case .contentTypeBare: "sends Content-Type: text/xml without a charset"
    case .contentTypeHTML: "sends Content-Type: text/html"
    case .contentTypeEncoding: "sends Content-Type: text/xml; encoding=utf-8"
    case .contentTypeMissing: "sends no Content-Type"
    case .soapActionMissing: "sends no SOAPAction"
    case .soapActionMethod: "sends SOAPAction: cwmp:Inform and the like"
    case .lowerCaseFields: "writes the names of HTTP fields in lower case"
    case .expectContinue: "sends Expect: 100-continue and waits a second for the answer"
    case .chunkedBody: "sends bodies in chunks"
    case .gzip: "compresses bodies with gzip"
    case .deflate: "compresses bodies with deflate (zlib format)"
    case .contentLengthCharacters: "counts characters instead of bytes in Content-Length"
    case .newConnectionEachRequest: "opens a new connection for each request of a session"
    case .breakAtRequest: "breaks the connection after request N and goes on over a new one"
    case .http10: "speaks HTTP/1.0 without keep-alive"
    case .closeRefused: "gives a session up when the ACS sends Connection: close"
    case .declarationRefused: "cannot read answers with an XML declaration"
    case .noHeader: "sends envelopes without a SOAP header"
    case .noID: "sends a SOAP header without cwmp:ID"
    case .emptyID: "sends an empty cwmp:ID"
    case .constantID: "sends the same cwmp:ID in each of its requests"
    case .prefixUpperCase: "uses the prefixes SOAP-ENV and SOAP-ENC"
    case .prefixUnderscore: "uses the prefixes soap_env and soap_enc"
    case .prefixSwapped: "uses soapenv, and soap for the encoding namespace"
    case .schema1999: "uses the XML Schema namespaces of 1999"
    case .singleQuotes: "writes attributes in single quotes"
    case .noDeclaration: "sends no XML declaration"
    case .standaloneDeclaration: "writes standalone=\"no\" into the XML declaration"
    case .namespace10: "speaks urn:dslforum-org:cwmp-1-0"
    case .namespace14: "speaks urn:dslforum-org:cwmp-1-4, which no standard gave out"
    case .noMoreRequests: "sends NoMoreRequests in the SOAP header"
    case .sessionTimeout: "sends SessionTimeout in the SOAP header of its Inform"
    case .supportedVersions: "sends SupportedCWMPVersions, with spaces, in the header of its Inform"
    case .externalEntity: "declares an external entity, as an attack would, and uses it"
    case .arrayTyped: "writes xsi:type=\"soap-enc:Array\" on every list"
    case .faultStructLast: "writes the FaultStruct of TransferComplete behind the times"
    case .requestNoCommas: "challenges connection requests without commas between the directives"
    case .requestNoQop: "challenges connection requests without qop and with domain"
    case .requestBasic: "challenges connection requests with Basic and takes that"
    case .requestExactScheme: "takes connection requests only with Authorization: Digest so spelled"
    case .requestNoLength: "challenges connection requests without Content-Length, then closes"
    case .requestConflict: "answers connection requests without credentials with 409"
    case .requestClosesOnce:
      "closes the connection at the first connection request with credentials"
    case .requestReset: "resets the connection behind the 200 to a connection request"
    case .requestLateAnswer: "begins its session before it answers a connection request"
    case .requestForbidden: "answers connection requests with credentials with 403"
    case .requestBusy: "answers every connection request with 503"
    case .arrayCountWrong: "writes wrong counts into arrayType"
    case .arrayCountMissing: "leaves out arrayType"
    case .arrayCountPadded: "writes leading zeros into arrayType"
    case .noTypes: "sends values without xsi:type"
    case .typesEverywhere: "writes xsi:type on every element"
    case .defaultNamespace: "declares the envelope's namespace as the default one"
    case .selfClosing: "writes empty elements as one tag"
    case .noValueElement: "leaves out the Value element of empty values"
    case .cdata: "wraps values in CDATA sections"
    case .surroundingSpace: "writes white space around names and values"
    case .prettyPrinted: "indents its envelopes"
    case .byteOrderMark: "begins with a byte order mark"
    case .latin1: "writes ISO-8859-1 and says so"
    case .latin1Unlabelled: "writes ISO-8859-1 and says UTF-8"
    case .gb2312: "writes GB2312 and says so"
    case .controlCharacters: "sends control characters, which XML forbids, in a value"
    case .malformedFault: "nests faults wrongly: detail within faultstring"
    case .unitFaultStruct: "sends DUStateChangeComplete with FaultStruct and without most members"
    case .noEvents: "sends an empty list of events after its first session"
    case .firstContactPeriodic: "makes first contact with 2 PERIODIC alone"
    case .firstContactBoot: "makes first contact with 1 BOOT alone"
    case .oddEventOrder: "sends events in the opposite order"
    case .vendorEvent: "adds the event X CT-COM BIND"
    case .bootstrapCommandKey: "sends a CommandKey with 0 BOOTSTRAP"
    case .noMethodDownload: "sends 7 TRANSFER COMPLETE without M Download"
    case .noMethodReboot: "sends 1 BOOT without M Reboot"
    case .emptyCommandKey: "leaves the CommandKey of M events empty"
    case .transferCompleteWithoutEvent: "sends TransferComplete though the Inform had no such event"
    case .transferCompleteTwice: "sends each TransferComplete twice"
    case .timeWithoutZone: "sends CurrentTime without a zone"
    case .timeWithOffset: "sends CurrentTime in local time, +01:00"
    case .timeOffsetWithoutColon: "sends CurrentTime with +0000"
    case .timeMicroseconds: "sends CurrentTime with microseconds and without a zone"
    case .timeGarbage: "sends a CurrentTime such as 2019-03-05T11:54::14"
    case .time1970: "has a clock that begins in 1970"
    case .emptyOUI: "sends an empty OUI"
    case .lowerCaseOUI: "sends its OUI in lower case"
    case .ouiFlips: "sends 000000 or FFFFFF as OUI after every other boot"
    case .oddProductClass: "has spaces, commas, dots and umlauts in its product class"
    case .emptyManufacturer: "sends an empty Manufacturer"
    case .sharedSerialNumber: "has the same serial number as all others of the fleet"
    case .longSerialNumber: "has a serial number of 200 characters"
    case .parameterTwice: "lists a parameter of the Inform twice"
    case .noConnectionRequestPath: "has a ConnectionRequestURL without a path"
    case .emptyConnectionRequestURL: "has an empty ConnectionRequestURL"
    case .passwordInInform: "sends its connection request password in the Inform"
    case .hugeRetryCount: "sends RetryCount N"
    case .unknownNameEmptyList: "answers unknown names with an empty list instead of 9005"
    case .partialPathObject: "answers partial paths with one element of type object"
    case .attributesEmptyPost: "answers GetParameterAttributes with an empty POST"
    case .setPendingOldValue:
      "answers SetParameterValues with Status 1 and shows the old value until the session ends"
    case .partialPathCrash: "crashes when it is asked for the values below a partial path"
    case .unknownNameCrash: "crashes when it is asked for an unknown name"
    case .closesAfterSet: "closes the connection when it reads SetParameterValues"
    case .closesAfterDownload: "closes the connection when it reads Download"
    case .closesAfterAttributes:
      "closes the connection when it reads GetParameterAttributes or SetParameterAttributes"
    case .addPending: "answers AddObject with Status 1"
    case .diagnosticsKeepResults:
      "answers the start of a diagnostic with Status 1 and shows the older results until it ends"
    case .rootNamesOnly: "answers GetParameterNames of the whole tree with the root alone"
    case .allNamesAtOnce: "ignores NextLevel and answers with everything below"
    case .emptyPathRefused: "refuses GetParameterNames with an empty path (9005)"
    case .wholeTreeRefused: "refuses GetParameterNames of everything below the root (9004)"
    case .nextLevelRefused: "refuses GetParameterNames with NextLevel (9003)"
    case .largeBatch9002: "refuses more than N names at a time with 9002"
    case .largeBatch9004: "refuses more than N names at a time with 9004"
    case .largeBatch9005: "refuses more than N names at a time with 9005"
    case .largeBatchCloses: "closes the connection when it reads more than N names"
    case .listedName9002: "refuses to read one of the names that it lists with 9002"
    case .listedName9005: "refuses to read one of the names that it lists with 9005"
    case .booleanDigitsOnly: "takes 0 and 1 only as booleans"
    case .booleanWordsOnly: "takes true and false only as booleans"
    case .noMilliseconds: "refuses a dateTime with fractions of a second"
    case .emptyTable9005: "answers AddObject on an empty table with 9005"
    case .parameterKeyForgotten: "does not keep the ParameterKey"
    case .faults8005: "answers the first request of a session with fault 8005"
    case .faultsUnknownCode: "answers the first request of a session with fault 9899"
    case .wrongIDInAnswers: "answers with an ID of its own"
    case .sessionAtOnce: "begins a session within a millisecond of the end of the last one, once"
    case .secondInform: "begins another session in the midst of one, once after each boot"
    case .cutAtRequest: "drops its session when it has sent request N, once after each boot"
    case .powerLossAtRequest: "loses power when it has sent request N of a session, once"
    case .instancesRenumbered: "gives its instances other numbers with each boot"
    case .downloadWithoutReport: "never sends TransferComplete"
    }
  }

  /// The part of the protocol that it is about, for lists.
  package var subject: String {
    switch self {
    case .cookieWithAttributes, .cookieAttributeFirst, .cookieQuoted, .cookieNever,
      .cookieNeedsPath,
      .digestWithoutQop, .digestCountOne, .digestQuoted, .authorizationOnce,
      .authorizationNewConnection,
      .emptyPostContentType, .emptyPostBlankContentType, .emptyPostGzip, .contentTypeBare,
      .contentTypeHTML, .contentTypeEncoding, .contentTypeMissing, .soapActionMissing,
      .soapActionMethod, .lowerCaseFields, .expectContinue, .chunkedBody, .gzip, .deflate,
      .contentLengthCharacters, .newConnectionEachRequest, .breakAtRequest,
      .http10, .closeRefused, .declarationRefused:
      "HTTP"
    case .noHeader, .noID, .emptyID, .constantID, .prefixUpperCase, .prefixUnderscore,
      .prefixSwapped, .schema1999, .singleQuotes, .noDeclaration, .namespace10, .namespace14,
      .noMoreRequests, .sessionTimeout, .supportedVersions, .externalEntity, .arrayCountWrong,
      .arrayCountPadded, .arrayCountMissing, .arrayTyped, .faultStructLast, .noTypes,
      .typesEverywhere, .defaultNamespace, .selfClosing, .standaloneDeclaration, .noValueElement,
      .cdata,
      .surroundingSpace, .prettyPrinted, .byteOrderMark, .latin1, .latin1Unlabelled, .gb2312,
      .controlCharacters, .malformedFault, .unitFaultStruct:
      "XML"
    case .noEvents, .firstContactPeriodic, .firstContactBoot, .oddEventOrder, .vendorEvent,
      .bootstrapCommandKey, .noMethodDownload, .noMethodReboot, .emptyCommandKey,
      .transferCompleteWithoutEvent, .transferCompleteTwice, .timeWithoutZone, .timeWithOffset,
      .timeOffsetWithoutColon, .timeMicroseconds, .timeGarbage, .time1970, .emptyOUI,
      .lowerCaseOUI, .ouiFlips, .oddProductClass, .emptyManufacturer, .sharedSerialNumber,
      .longSerialNumber,
      .parameterTwice, .noConnectionRequestPath, .emptyConnectionRequestURL, .passwordInInform,
      .hugeRetryCount:
      "Inform"
    case .unknownNameEmptyList, .partialPathObject, .attributesEmptyPost, .setPendingOldValue,
      .addPending, .diagnosticsKeepResults, .closesAfterAttributes,
      .partialPathCrash, .unknownNameCrash, .closesAfterSet, .closesAfterDownload,
      .rootNamesOnly, .allNamesAtOnce, .emptyPathRefused, .wholeTreeRefused, .nextLevelRefused,
      .largeBatch9002, .largeBatch9004, .largeBatch9005, .largeBatchCloses,
      .listedName9002, .listedName9005, .booleanDigitsOnly, .booleanWordsOnly,
      .noMilliseconds, .emptyTable9005, .parameterKeyForgotten, .faults8005,
      .faultsUnknownCode, .wrongIDInAnswers:
      "answers"
    case .requestNoCommas, .requestNoQop, .requestBasic, .requestExactScheme, .requestNoLength,
      .requestConflict, .requestClosesOnce, .requestReset, .requestLateAnswer, .requestBusy,
      .requestForbidden:
      "connection requests"
    case .sessionAtOnce, .secondInform, .cutAtRequest, .powerLossAtRequest, .instancesRenumbered,
      .downloadWithoutReport:
      "life"
    }
  }
}
