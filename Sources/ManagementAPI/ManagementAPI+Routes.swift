import HTTPTypes
import ManagementTypes

extension ManagementAPI {
  /// Every route, as it is served and described.
  var routes: [Route] {
    deviceRoutes + taskRoutes + fileRoutes + rolloutRoutes + switchesRoutes + modelRoutes
      + conformanceRoutes + traceRoutes
      + accessRoutes + serverRoutes
  }

  static let paging = ["limit", "cursor"]

  private var deviceRoutes: [Route] {
    [
      Route(
        .get, "/devices", .atLeast(.viewer), "Lists the devices that a selector means",
        query: ["selector"] + Self.paging, answers: [(200, "DeviceSummaryPage")], listDevices),
      Route(
        .get, "/devices/count", .atLeast(.viewer), "Counts the devices that a selector means",
        query: ["selector"], answers: [(200, "DeviceCount")], countDevices),
      Route(
        .post, "/devices", .atLeast(.admin), "Makes a device known before it calls",
        body: "NewDevice", answers: [(201, "DeviceDetail")], createDevice),
      Route(
        .get, "/devices/{name}", .atLeast(.viewer), "Shows a device",
        answers: [(200, "DeviceDetail"), (304, nil)], getDevice),
      Route(
        .patch, "/devices/{name}", .atLeast(.operator), "Changes a device's tags",
        body: "DevicePatch", answers: [(200, "DeviceDetail")], changeDevice),
      Route(
        .delete, "/devices/{name}", .atLeast(.admin),
        "Removes a device with its tree, tasks, events and own credentials", answers: [(204, nil)],
        deleteDevice),
      Route(
        .get, "/devices/{name}/parameters", .atLeast(.viewer),
        "Lists a device's stored parameters; a path that ends with a dot stands for all below it",
        query: ["path", "raw"] + Self.paging, answers: [(200, "ParameterDetailPage")],
        listParameters),
      Route(
        .get, "/devices/{name}/events", .atLeast(.viewer), "Lists a device's history, newest first",
        query: Self.paging, answers: [(200, "EventDetailPage")], listEvents),
      Route(
        .get, "/events", .atLeast(.viewer),
        "Tells what happens to devices, as it happens; the header Last-Event-ID goes on from there, up to a day back",
        query: ["device", "selector", "kind"], answers: [(200, "EventDetail")], isStream: true,
        watchEvents),
      Route(
        .post, "/devices/{name}/connect", .atLeast(.operator),
        "Asks a device to call, and if wanted waits until it has", query: ["wait"],
        answers: [(202, nil), (200, "ConnectionResult")], connectDevice),
    ]
  }

  private var taskRoutes: [Route] {
    [
      Route(
        .get, "/devices/{name}/tasks", .atLeast(.viewer), "Lists a device's tasks, newest first",
        query: ["state"] + Self.paging, answers: [(200, "TaskDetailPage")], listDeviceTasks),
      Route(
        .post, "/devices/{name}/tasks", .atLeast(.operator), "Orders an operation for a device",
        body: "NewTask", answers: [(201, "TaskDetail")], createTask),
      Route(
        .get, "/devices/{name}/tasks/{id}", .atLeast(.viewer),
        "Shows a task, if wanted once it has ended", query: ["wait"],
        answers: [(200, "TaskDetail"), (304, nil)], getTask),
      Route(
        .delete, "/devices/{name}/tasks/{id}", .atLeast(.operator),
        "Takes back a task that is queued or waiting", answers: [(200, "TaskDetail")], cancelTask),
      Route(
        .get, "/tasks", .atLeast(.viewer), "Lists tasks, newest first",
        query: ["state"] + Self.paging, answers: [(200, "TaskDetailPage")], listTasks),
      Route(
        .post, "/tasks", .atLeast(.operator),
        "Orders an operation for all devices that a selector means", body: "NewTasks",
        answers: [(201, "TasksCreated"), (200, "TasksCreated")], createTasks),
    ]
  }

  private var fileRoutes: [Route] {
    [
      Route(
        .get, "/files", .atLeast(.viewer), "Lists files", query: Self.paging,
        answers: [(200, "FileDetailPage")], listFiles),
      Route(
        .post, "/files", .atLeast(.operator), "Stores a file",
        query: ["name", "version", "sha256"], body: "application/octet-stream",
        answers: [(201, "FileDetail"), (200, "FileDetail")], createFile),
      Route(
        .get, "/files/{sha256}", .atLeast(.viewer), "Shows what is known about a file",
        answers: [(200, "FileDetail"), (304, nil)], getFile),
      Route(
        .get, "/files/{sha256}/content", .atLeast(.operator),
        "Gives what is in a file; the audit log tells who asked",
        answers: [(200, "application/octet-stream")], getFileContent),
      Route(
        .delete, "/files/{sha256}", .atLeast(.operator), "Removes a file that nothing needs",
        answers: [(204, nil)], deleteFile),
    ]
  }

  private var rolloutRoutes: [Route] {
    [
      Route(
        .get, "/rollouts", .atLeast(.viewer), "Lists rollouts, newest first", query: Self.paging,
        answers: [(200, "RolloutDetailPage")], listRollouts),
      Route(
        .post, "/rollouts", .atLeast(.operator), "Applies a rollout", query: ["dryRun"],
        body: "application/yaml", answers: [(201, "RolloutApplied"), (200, "RolloutApplied")],
        applyRollout),
      Route(
        .get, "/rollouts/{name}", .atLeast(.viewer), "Shows a rollout",
        answers: [(200, "RolloutDetail"), (304, nil)], getRollout),
      Route(
        .get, "/rollouts/{name}/watch", .atLeast(.viewer),
        "Shows a rollout again each time that it has changed, until it has ended",
        answers: [(200, "RolloutDetail")], isStream: true, watchRollout),
      Route(
        .get, "/rollouts/{name}/targets", .atLeast(.viewer), "Lists the devices of a rollout",
        query: ["state"] + Self.paging, answers: [(200, "RolloutTargetDetailPage")], listTargets),
      Route(
        .post, "/rollouts/{name}/pause", .atLeast(.operator), "Starts no further device",
        answers: [(200, "RolloutDetail")], pauseRollout),
      Route(
        .post, "/rollouts/{name}/resume", .atLeast(.operator), "Goes on with a paused rollout",
        answers: [(200, "RolloutDetail")], resumeRollout),
      Route(
        .post, "/rollouts/{name}/cancel", .atLeast(.operator), "Ends a rollout",
        answers: [(200, "RolloutDetail")], cancelRollout),
      Route(
        .delete, "/rollouts/{name}", .atLeast(.operator), "Forgets a rollout that has ended",
        answers: [(204, nil)], deleteRollout),
    ]
  }

  private var accessRoutes: [Route] {
    [
      Route(
        .get, "/tokens", .atLeast(.admin), "Lists tokens", answers: [(200, "TokenDetailPage")],
        listTokens),
      Route(
        .post, "/tokens", .atLeast(.admin), "Makes a token, which is shown this once",
        body: "NewToken", answers: [(201, "TokenCreated")], createToken),
      Route(
        .delete, "/tokens/{name}", .atLeast(.admin), "Removes a token", answers: [(204, nil)],
        deleteToken),
      Route(
        .get, "/credentials", .atLeast(.admin), "Lists the credentials of devices",
        query: Self.paging, answers: [(200, "CredentialDetailPage")], listCredentials),
      Route(
        .post, "/credentials", .atLeast(.admin), "Makes or replaces a credential",
        body: "NewCredential", answers: [(201, "CredentialDetail"), (200, "CredentialDetail")],
        setCredential),
      Route(
        .delete, "/credentials/{username}", .atLeast(.admin), "Removes a credential",
        answers: [(204, nil)], deleteCredential),
      Route(
        .get, "/audit", .atLeast(.admin), "Lists the changes that were made, newest first",
        query: Self.paging, answers: [(200, "AuditDetailPage")], listAudit),
    ]
  }

  private var serverRoutes: [Route] {
    [
      Route(
        .get, "/whoami", .atLeast(.viewer), "Tells whose token was shown",
        answers: [(200, "WhoAmI")], whoAmI),
      Route(
        .get, "/status", .atLeast(.viewer), "Tells how the server and the fleet are",
        answers: [(200, "ServerStatus")], getStatus),
      Route(
        .get, "/metrics", .atLeast(.viewer), "Tells what this node counts and measures",
        answers: [(200, Self.metricsType)], getMetrics),
      Route(
        .get, "/version", .anyone, "Tells what runs", answers: [(200, "ServerVersion")], getVersion),
      Route(
        .get, "/openapi.json", .anyone, "Describes the API", answers: [(200, nil)], getOpenAPI),
    ]
  }
}
