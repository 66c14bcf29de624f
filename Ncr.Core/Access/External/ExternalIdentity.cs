namespace Ncr.Core.Access.External;

/// <summary>Somebody as the provider tells of them, after what it sent was verified.</summary>
/// <param name="Issuer">Who says so.</param>
/// <param name="Subject">Whom the issuer means: alone this and the issuer say who it is.</param>
/// <param name="Name">What to call them here; null when the provider sent none.</param>
/// <param name="Groups">Where they belong.</param>
public sealed record ExternalIdentity(string Issuer, string Subject, string? Name, IReadOnlyCollection<string> Groups)
{
    /// <summary>As <see cref="User.ExternalId"/> has it.</summary>
    internal string Id => $"{Issuer} {Subject}";
}
