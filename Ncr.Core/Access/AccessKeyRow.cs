namespace Ncr.Core.Access;

/// <summary>An access key as its owner sees it.</summary>
/// <param name="SecretCreatedAt">Its age counts from here.</param>
/// <param name="LastUsedFrom">The network address it was last used from.</param>
public sealed record AccessKeyRow(long Id, string Key, bool IsEnabled, DateTime CreatedAt, DateTime SecretCreatedAt, DateTime? LastUsedAt, string? LastUsedFrom, AccessKeySettings Settings)
{
    /// <summary>After this long a change of the key is recommended (NCR's advice).</summary>
    public static readonly TimeSpan RecommendedAge = TimeSpan.FromDays(90);

    public bool IsOld(DateTime now) => now - SecretCreatedAt > RecommendedAge;

    public bool IsExpired(DateTime now) => Settings.ExpiresAt <= now;
}
