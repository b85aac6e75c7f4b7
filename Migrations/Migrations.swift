/// The SQL of this folder, compiled into the binary, in the order in which it is applied.
///
/// The package manager names each file after its own, less the first digit.
/// A file that has been released is never changed; a new one is added below it.
package let embeddedMigrations: [(version: Int, name: String, sql: [UInt8])] = [
  (1, "initial", PackageResources._001_initial_sql),
  (2, "live-events", PackageResources._002_live_events_sql),
  (3, "device-credentials", PackageResources._003_device_credentials_sql),
  (4, "operations", PackageResources._004_operations_sql),
  (5, "switches-and-traces", PackageResources._005_switches_and_traces_sql),
  (6, "taken-answers", PackageResources._006_taken_answers_sql),
  (7, "data-models", PackageResources._007_data_models_sql),
  (8, "supported-models", PackageResources._008_supported_models_sql),
  (9, "diagnosis-reports", PackageResources._009_diagnosis_reports_sql),
  (10, "common-facts", PackageResources._010_common_facts_sql),
  (11, "agent-addresses", PackageResources._011_agent_addresses_sql),
  (12, "rollout-preparation", PackageResources._012_rollout_preparation_sql),
  (13, "agent-presence", PackageResources._013_agent_presence_sql),
]
