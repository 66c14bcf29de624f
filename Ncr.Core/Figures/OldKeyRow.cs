namespace Ncr.Core.Figures;

/// <summary>An access key whose secret should be changed.</summary>
/// <param name="IsOwn">Whether it belongs to who asks.</param>
public sealed record OldKeyRow(string Key, string User, bool IsOwn, DateTime SecretCreatedAt);
