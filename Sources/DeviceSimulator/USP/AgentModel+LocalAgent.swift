extension AgentModel {
  /// What an agent has besides the gateway of `tr181`: the object LocalAgent, and what differs from CWMP (TR-181 2.19, USP flavour).
  static let localAgent = """
    tree:
      Device:
        DeviceInfo:
          SupportedDataModel.{i}:
            instances: 1
            Alias: {string: "cpe-${i}", writable}
            URL: https://usp-data-models.broadband-forum.org/tr-181-2-19-1-usp.xml
            URN: urn:broadband-forum-org:tr-181-2-19-1-usp
            UUID: ""
            Features: Router,NAT,Firewall,WiFi
        LocalAgent:
          EndpointID: ""
          SoftwareVersion: "1.0"
          UpTime: {unsignedInt: "${uptime}"}
          SupportedProtocols: WebSocket
          SupportedFingerprintAlgorithms: SHA-256
          AdvertisedDeviceSubtypes: {string: "", writable}
          MaxSubscriptionChangeAdoptionTime: {unsignedInt: 5, writable}
          SupportedNumberOfSubscriptions: {int: 200}
          MTPNumberOfEntries: {unsignedInt: "${entries}"}
          ControllerNumberOfEntries: {unsignedInt: "${entries}"}
          SubscriptionNumberOfEntries: {unsignedInt: "${entries}"}
          RequestNumberOfEntries: {unsignedInt: "${entries}"}
          MTP.{i}:
            instances: 1
            Alias: {string: "cpe-${i}", writable, maxLength: 64}
            Enable: {boolean: true, writable}
            Status: Up
            Protocol: {string: WebSocket, writable, values: [WebSocket, MQTT, STOMP, UDS]}
            EnableMDNS: {boolean: false, writable}
            WebSocket:
              Interfaces: {string: "", writable}
              Port: {unsignedInt: 8443, writable, range: 1..65535}
              Path: {string: "", writable, maxLength: 256}
              EnableEncryption: {boolean: true, writable}
              KeepAliveInterval: {unsignedInt: 60, writable, range: 1..}
          Controller.{i}:
            instances: 1
            addable: 8
            Alias: {string: "cpe-${i}", writable, maxLength: 64}
            EndpointID: {string: "", writable, maxLength: 256}
            ControllerCode: {string: "", writable, maxLength: 128}
            ProvisioningCode: {string: "", writable, maxLength: 64}
            Enable: {boolean: true, writable, initial: "false"}
            AssignedRole: {string: Device.LocalAgent.ControllerTrust.Role.1, writable, initial: ""}
            InheritedRole: ""
            Credential: {string: "", writable}
            PeriodicNotifInterval: {unsignedInt: 86400, writable, range: 1.., initial: "86400"}
            PeriodicNotifTime: {dateTime: 0001-01-01T00:00:00Z, writable}
            USPNotifRetryMinimumWaitInterval: {unsignedInt: 5, writable, range: 1..65535, initial: "5"}
            USPNotifRetryIntervalMultiplier: {unsignedInt: 2000, writable, range: 1000..65535, initial: "2000"}
            OnBoardingComplete: {boolean: false, writable}
            OnBoardingRestartTime: {unsignedInt: 0, writable}
            MTPNumberOfEntries: {unsignedInt: "${entries}"}
            BootParameterNumberOfEntries: {unsignedInt: "${entries}"}
            MTP.{i}:
              instances: 1
              addable: 4
              Alias: {string: "cpe-${i}", writable, maxLength: 64}
              Enable: {boolean: true, writable, initial: "false"}
              Protocol: {string: WebSocket, writable, values: [WebSocket, MQTT, STOMP, UDS]}
              Order: {unsignedInt: 1, writable, range: 1..}
              WebSocket:
                Host: {string: "", writable, maxLength: 256}
                Port: {unsignedInt: 7548, writable, range: 1..65535}
                Path: {string: "", writable, maxLength: 256}
                EnableEncryption: {boolean: false, writable}
                KeepAliveInterval: {unsignedInt: 60, writable, range: 1..}
                CurrentRetryCount: 0
                SessionRetryMinimumWaitInterval: {unsignedInt: 5, writable, range: 1..65535, initial: "5"}
                SessionRetryIntervalMultiplier: {unsignedInt: 2000, writable, range: 1000..65535, initial: "2000"}
              MQTT:
                Reference: {string: "", writable, maxLength: 256}
                Topic: {string: "", writable, maxLength: 65535}
              STOMP:
                Reference: {string: "", writable, maxLength: 256}
                Destination: {string: "", writable, maxLength: 256}
            TransferCompletePolicy:
              ResultTypeFilter: {string: Both, writable, values: [Success, Failure, Both]}
            BootParameter.{i}:
              instances: 0
              addable: 32
              Alias: {string: "cpe-${i}", writable, maxLength: 64}
              Enable: {boolean: false, writable}
              ParameterName: {string: "", writable, maxLength: 256}
            E2ESession:
              Enable: {boolean: false, writable}
              SessionMode: {string: Allow, writable, values: [Require, Allow, Forbid]}
              Status: Down
              SessionExpiration: {unsignedInt: 0, writable}
              SessionRetryMinimumWaitInterval: {unsignedInt: 5, writable, range: 1..65535, initial: "5"}
              SessionRetryIntervalMultiplier: {unsignedInt: 2000, writable, range: 1000..65535, initial: "2000"}
              CurrentRetryCount: 0
              MaxUSPRecordSize: {unsignedInt: 0, writable}
              MaxRetransmitTries: {int: 0, writable}
              PayloadSecurity: {string: Plaintext, writable, values: [Plaintext, TLS]}
          ControllerTrust:
            UntrustedRole: {string: "", writable}
            BannedRole: {string: "", writable}
            SecuredRoles: {string: "", writable}
            TOFUAllowed: {boolean: false, writable}
            RoleNumberOfEntries: {unsignedInt: "${entries}"}
            Role.{i}:
              instances: 1
              addable: 8
              Alias: {string: "cpe-${i}", writable, maxLength: 64}
              Enable: {boolean: true, writable, initial: "false"}
              Name: {string: "Full Access", writable, maxLength: 64}
          Subscription.{i}:
            instances: 0
            addable: 200
            Alias: {string: "cpe-${i}", writable, maxLength: 64}
            Enable: {boolean: false, writable}
            Recipient: ""
            TriggerAction: {string: Notify, writable, values: [Notify, Config, NotifyAndConfig]}
            TriggerConfigSettings: {string: "", writable}
            ID: {string: "", writable, maxLength: 64}
            CreationDate: {dateTime: 0001-01-01T00:00:00Z}
            NotifType: {string: ValueChange, writable, values: [ValueChange, ObjectCreation, ObjectDeletion, OperationComplete, Event]}
            ReferenceList: {string: "", writable}
            Persistent: {boolean: false, writable}
            TimeToLive: {unsignedInt: 0, writable}
            NotifRetry: {boolean: false, writable}
            NotifExpiration: {unsignedInt: 0, writable}
          Request.{i}:
            instances: 0
            Alias: {string: "cpe-${i}", writable}
            Originator: ""
            Command: ""
            CommandKey: ""
            Status: Requested
    """
}
