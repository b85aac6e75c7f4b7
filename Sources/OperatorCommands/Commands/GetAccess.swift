import ArgumentParser
import ManagementTypes

struct GetTokens: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokens", abstract: "Lists who may use the management API.", aliases: ["token"])

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let page: Page<TokenDetail> = try await connection.client().get(["tokens"])
    let tokens = page.items
    let now = currentTime()
    try output.show(
      tokens,
      table: {
        var table = TextTable("NAME", "ROLE", "AGE", "LAST USED", "EXPIRES")
        for token in tokens {
          table.add(
            token.name, token.role.rawValue, token.createdAt.age(now: now),
            token.lastUsedAt.age(now: now), Self.expiry(of: token, now: now))
        }
        return table
      }, name: \.name)
  }

  private static func expiry(of token: TokenDetail, now: Double) -> String {
    guard let end = token.expiresAt else { return "never" }
    let text = end.age(now: now)
    return end.secondsSince1970 > now ? text : "expired \(text) ago"
  }
}

struct GetCredentials: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "credentials", abstract: "Lists what devices may show at the door.",
    aliases: ["credential"])

  @OptionGroup var list: ListOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let (credentials, hasMore) = try await connection.client().list(
      ["credentials"], limit: list.limit, of: CredentialDetail.self)
    let now = currentTime()
    try output.show(
      credentials,
      table: {
        var table = TextTable("USERNAME", "DEVICE", "REALM", "AGE")
        for credential in credentials {
          table.add(
            credential.username, credential.device ?? "(any)", credential.realm,
            credential.createdAt.age(now: now))
        }
        return table
      }, name: \.username)
    list.tellMore(hasMore)
  }
}

struct GetAudit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Lists what operators changed, the newest first.")

  @OptionGroup var list: ListOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let (entries, hasMore) = try await connection.client().list(
      ["audit"], limit: list.limit, of: AuditDetail.self)
    try output.show(
      entries,
      table: {
        var table = TextTable("AT", "ACTOR", "ACTION", "TARGET", "DETAIL")
        for entry in entries {
          table.add(
            entry.at.description, entry.actor, entry.action, entry.target,
            EventText.oneLine(entry.detail))
        }
        return table
      }, name: { String($0.id) })
    list.tellMore(hasMore)
  }
}
