namespace Ncr.Web.Components.Pages.Images;

/// <summary>How a client pulls an artifact.</summary>
/// <param name="ByTag">Null when it has no tag.</param>
public sealed record ClientCommands(string Client, string? ByTag, string ByDigest);
